// What the client of a job that has ended has not fetched yet, and whether it is likely to come.

export class Delivery {
  /** Indexes of pictures; without pictures, the news that there are none. */
  readonly #owed: Set<number>;
  readonly #hasPictures: boolean;
  #askedMs = performance.now();

  constructor(pictures: number) {
    this.#hasPictures = pictures > 0;
    this.#owed = new Set(Array.from({ length: Math.max(1, pictures) }, (_, index) => index));
  }

  /** Somebody asked for the job, and knows now how it has ended. */
  tell(): void {
    this.#askedMs = performance.now();
    if (!this.#hasPictures) this.#owed.clear();
  }

  /** Somebody fetched this picture. */
  handOver(index: number): void {
    this.#owed.delete(index);
  }

  /** Whether something is left to fetch, of a job that ended or was asked for in the last `withinMs`. */
  isAwaited(withinMs: number): boolean {
    return this.#owed.size > 0 && performance.now() - this.#askedMs < withinMs;
  }
}
