// Sleep that a sound ends.

import { setTimeout as pause } from 'node:timers/promises';

export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  /** Ends the sleep, or the next one where nobody sleeps. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Sleeps until the time is over, the bell rings or the signal is raised. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const awake = new AbortController();
      const wake = () => awake.abort();
      this.#wake = wake;
      signal.addEventListener('abort', wake);
      await rest(ms, awake.signal);
      signal.removeEventListener('abort', wake);
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}

/** Sleeps until the time is over or the signal is raised. */
export async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
