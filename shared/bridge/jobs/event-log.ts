// The events of one job: numbered, the last of them kept, handed to any number of listeners.

import type { JobEvent, JobStatus } from '../protocol.js';

/** Enough for a listener that reconnects; a job of many steps does not fill the memory with them. */
const KEPT_EVENTS = 64;

export class EventLog {
  readonly #listeners = new Set<() => void>();
  #kept: JobEvent[] = [];
  #seq = 0;
  #ended = false;

  /** Adds an event; after the last one nothing may follow. */
  append(status: JobStatus, last: boolean): void {
    this.#seq += 1;
    this.#ended = last;
    this.#kept = [...this.#kept.slice(1 - KEPT_EVENTS), { seq: this.#seq, status }];
    for (const wake of [...this.#listeners]) wake();
  }

  /**
   * Events after `seq`, or after the last there is where that is less, until the last one or the signal. A listener that is slower than the job misses what was dropped
   * meanwhile.
   */
  async *after(seq: number, signal: AbortSignal): AsyncGenerator<JobEvent, void, undefined> {
    let seen = Math.min(seq, this.#seq);
    while (!signal.aborted) {
      const next = this.#kept.find((event) => event.seq > seen);
      if (next === undefined && this.#ended) return;
      if (next === undefined) await this.#change(signal);
      else {
        seen = next.seq;
        yield next;
      }
    }
  }

  /** Waits for the next event or the signal. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#listeners.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#listeners.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
