// Jobs that have ended: kept for a while, and only so many of them and of their bytes.

import type { Job } from './job.js';
import type { QueueLimits } from './queue.js';

export class KeptJobs {
  readonly #limits: QueueLimits;
  readonly #forget: (job: Job) => void;
  /** From the oldest to the newest. */
  readonly #expiries = new Map<Job, NodeJS.Timeout>();
  #bytes = 0;

  /** `forget` is called for each job that is no longer kept. */
  constructor(limits: QueueLimits, forget: (job: Job) => void) {
    this.#limits = limits;
    this.#forget = forget;
  }

  get count(): number {
    return this.#expiries.size;
  }

  /** Bytes of the results. */
  get bytes(): number {
    return this.#bytes;
  }

  add(job: Job): void {
    this.#expiries.set(job, setTimeout(() => this.#drop(job), this.#limits.keepMs).unref());
    this.#bytes += job.resultBytes;
    // The newest stays: its client has had no time to fetch it.
    for (const oldest of this.#expiries.keys()) if (this.#overfull && oldest !== job) this.#drop(oldest);
  }

  clear(): void {
    for (const job of this.#expiries.keys()) this.#drop(job);
  }

  get #overfull(): boolean {
    return this.count > this.#limits.kept || this.#bytes > this.#limits.keptBytes;
  }

  #drop(job: Job): void {
    clearTimeout(this.#expiries.get(job));
    this.#expiries.delete(job);
    this.#bytes -= job.resultBytes;
    this.#forget(job);
  }
}
