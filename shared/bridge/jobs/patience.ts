// How long a job goes on while nobody asks for it.

export class Patience {
  readonly #timer: NodeJS.Timeout;
  #listeners = 0;
  #over = false;

  /** `giveUp` is called once, when nobody has asked for `ms` and nobody listens. */
  constructor(ms: number, giveUp: () => void) {
    this.#timer = setTimeout(() => {
      if (this.#listeners > 0) return this.renew();
      this.end();
      giveUp();
    }, ms).unref();
  }

  /** Somebody asked. */
  renew(): void {
    if (!this.#over) this.#timer.refresh();
  }

  /** Somebody listens, until the returned function is called or the signal is raised. */
  hold(signal: AbortSignal): () => void {
    let held = !signal.aborted;
    if (held) this.#listeners += 1;
    const release = () => {
      signal.removeEventListener('abort', release);
      if (held) this.#listeners -= 1;
      held = false;
      this.renew();
    };
    signal.addEventListener('abort', release, { once: true });
    return release;
  }

  /** The job has ended. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}
