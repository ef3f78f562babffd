// The pauses between tries: each about twice as long as the one before, until something has worked for a while.

export interface PauseRules {
  firstMs: number;
  longestMs: number;
  /** What has worked for so long counts as sound: the next pause is the first again. */
  soundMs: number;
}

/** Counts failures and says how long to wait. */
export class Pauses {
  readonly #rules: PauseRules;
  #failures = 0;

  constructor(rules: PauseRules) {
    this.#rules = rules;
  }

  /** The next pause, after something that had worked for `workedMs`: between half and all of its length, so that programs that failed together do not return together. */
  nextMs(workedMs = 0): number {
    const { firstMs, longestMs, soundMs } = this.#rules;
    if (workedMs >= soundMs) this.#failures = 0;
    const wholeMs = Math.min(longestMs, firstMs * 2 ** this.#failures);
    // Powers of two must not run out of numbers over years.
    if (wholeMs < longestMs) this.#failures++;
    return wholeMs * (0.5 + Math.random() / 2);
  }
}
