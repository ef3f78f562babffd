// Who waits when pictures come faster than they are drawn: the three policies, all of them bounded.

/** `queue`: all wait, up to a bound; `drop`: nobody waits; `newest`: only the one that came last. */
export const POLICIES = ['queue', 'drop', 'newest'] as const;
export type Policy = (typeof POLICIES)[number];

/** The waiting line of one node. What it gives back, it does not hold any more. */
export class FrameLine<Frame> {
  #waiting: Frame[] = [];
  readonly #most: number;

  /** `most`: how many may wait with policy `queue`. */
  constructor(
    readonly policy: Policy,
    most: number,
  ) {
    this.#most = { queue: most, drop: 0, newest: 1 }[policy];
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Takes a frame in; gives the one that has no place, if any: it or, with policy `newest`, the one before it. */
  add(frame: Frame): Frame | undefined {
    this.#waiting.push(frame);
    if (this.#waiting.length <= this.#most) return undefined;
    return this.policy === 'newest' ? this.#waiting.shift() : this.#waiting.pop();
  }

  /** The frame whose turn it is. */
  next(): Frame | undefined {
    return this.#waiting.shift();
  }

  /** Empties the line and gives what waited. */
  clear(): Frame[] {
    return this.#waiting.splice(0);
  }
}
