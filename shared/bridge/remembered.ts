// Answers that take work: one piece of work for all that ask at once, and remembered afterwards.

interface Memory<Value> {
  value: Promise<Value>;
  stop: AbortController;
  /** Those who wait for it. */
  askers: number;
  isThere: boolean;
}

export class Remembered<Value> {
  readonly #most: number;
  readonly #memories = new Map<string, Memory<Value>>();

  /** Of more answers than `most`, the oldest are forgotten. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * The answer that `make` gave for this key before, or gives now. One that fails is asked for again by the next; its signal
   * is raised when all askers have gone, each at its own.
   */
  async get(key: string, make: (signal: AbortSignal) => Promise<Value>, asker?: AbortSignal): Promise<Value> {
    const memory = this.#memories.get(key) ?? this.#begin(key, make);
    const leave = () => this.#leave(key, memory);
    memory.askers += 1;
    asker?.addEventListener('abort', leave, { once: true });
    if (asker?.aborted) leave();
    return memory.value.finally(() => asker?.removeEventListener('abort', leave));
  }

  #begin(key: string, make: (signal: AbortSignal) => Promise<Value>): Memory<Value> {
    const stop = new AbortController();
    const memory: Memory<Value> = { value: make(stop.signal), stop, askers: 0, isThere: false };
    this.#memories.set(key, memory);
    for (const oldest of this.#memories.keys())
      if (this.#memories.size > this.#most) this.#memories.delete(oldest);
    memory.value.then(
      () => {
        memory.isThere = true;
      },
      () => this.#forget(key, memory),
    );
    return memory;
  }

  #leave(key: string, memory: Memory<Value>): void {
    memory.askers -= 1;
    if (memory.askers > 0 || memory.isThere) return;
    // Whoever asks next begins anew.
    this.#forget(key, memory);
    memory.stop.abort();
  }

  #forget(key: string, memory: Memory<Value>): void {
    if (this.#memories.get(key) === memory) this.#memories.delete(key);
  }
}
