// How often which numbers come in a feature map, over any number of pictures, in a memory that does not grow.

const BINS = 8192;
const HALF = BINS / 2;
/** What the bins reach to at first: below it, all is one bin after the first doubling of larger maps. */
const FIRST_REACH = 2 ** -10;

/** Counts numbers in bins of one width around 0, and doubles the width whenever a number lies beyond them. */
export class Histogram {
  #counts = new Float64Array(BINS);
  #reach = FIRST_REACH;
  /** The least and the greatest number; 0 where none came. */
  low = 0;
  high = 0;
  /** Numbers that were counted; what is none (NaN, infinite) is not. */
  total = 0;

  add(data: Float32Array): void {
    const [low, high] = finiteRange(data);
    this.low = Math.min(this.low, low);
    this.high = Math.max(this.high, high);
    while (Math.max(-low, high) >= this.#reach) this.#double();
    const perUnit = HALF / this.#reach;
    for (const value of data) {
      if (!Number.isFinite(value)) continue;
      this.#counts[Math.floor(value * perUnit) + HALF]++;
      this.total++;
    }
  }

  /** The bins that hold something, in order: the middle of each and how many numbers it holds. */
  *bins(): Generator<{ middle: number; count: number }> {
    const width = this.#reach / HALF;
    for (let at = 0; at < BINS; at++) {
      const count = this.#counts[at];
      if (count > 0) yield { middle: (at - HALF + 0.5) * width, count };
    }
  }

  /** Half as fine, twice as far. */
  #double(): void {
    const wider = new Float64Array(BINS);
    for (let at = 0; at < BINS; at++) wider[HALF / 2 + (at >> 1)] += this.#counts[at];
    this.#counts = wider;
    this.#reach *= 2;
  }
}

function finiteRange(data: Float32Array): [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const value of data) {
    if (value < low && value !== Number.NEGATIVE_INFINITY) low = value;
    if (value > high && value !== Number.POSITIVE_INFINITY) high = value;
  }
  return [low, high];
}
