// Jobs in the order in which their turns come; each is told its place.

import { compareRanks, FairShares, type Rank } from './fair-shares.js';
import type { Job } from './job.js';

/** A place in the line: its rank stays where it is when another job of the same owner takes it over. */
interface Place {
  readonly rank: Rank;
  job: Job;
}

export class RankedLine {
  readonly #shares = new FairShares();
  readonly #places: Place[] = [];
  readonly #onMoved: (job: Job) => void;

  /** `onMoved` hears of jobs that got another rank than they came with. */
  constructor(onMoved: (job: Job) => void = () => undefined) {
    this.#onMoved = onMoved;
  }

  get length(): number {
    return this.#places.length;
  }

  /** From the first to the last. */
  get jobs(): Job[] {
    return this.#places.map(({ job }) => job);
  }

  /** The rank that the job got; those behind it move back. */
  add(job: Job): Rank {
    const rank = this.#shares.rank(job.owner, job.order.priority ?? 'interactive');
    this.#insert({ job, rank });
    return rank;
  }

  /** Adds a job with the rank that it had before a restart. */
  resume(job: Job, rank: Rank): void {
    this.#shares.resume(rank, job.owner);
    this.#insert({ job, rank });
  }

  get first(): Job | undefined {
    return this.#places[0]?.job;
  }

  /** Whether the job was in the line; its turn has come, and the others move up. */
  take(job: Job): boolean {
    const index = this.#places.findIndex((place) => place.job === job);
    if (index < 0) return false;
    const [{ rank }] = this.#places.splice(index, 1);
    this.#shares.taken(rank);
    this.#tellFrom(index);
    return true;
  }

  /** Whether the job was in the line; now it is not. */
  remove(job: Job): boolean {
    const index = this.#places.findLastIndex((place) => place.job === job);
    if (index < 0) return false;
    const last = this.#closeRanks(index);
    const [{ rank }] = this.#places.splice(last, 1);
    this.#shares.withdrawn(rank, job.owner);
    this.#tellFrom(index);
    return true;
  }

  #insert(place: Place): void {
    place.job.rank = place.rank;
    const index = this.#indexFor(place.rank);
    this.#places.splice(index, 0, place);
    this.#tellFrom(index);
  }

  /** How many places come before the rank. */
  #indexFor(rank: Rank): number {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareRanks(this.#places[middle].rank, rank) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Has the later jobs of an owner move up to its earlier places, so that the line is as if the job at the index had never
   * come: an owner who takes one back is not set behind the others for it. Returns the index of the place that is left over.
   */
  #closeRanks(index: number): number {
    const { rank, job } = this.#places[index];
    let free = index;
    for (let next = index + 1; this.#places[next]?.rank.class === rank.class; next++) {
      if (this.#places[next].job.owner !== job.owner) continue;
      const { job: moved } = this.#places[next];
      this.#places[free].job = moved;
      moved.rank = this.#places[free].rank;
      this.#onMoved(moved);
      free = next;
    }
    return free;
  }

  /** Jobs that are where they were say nothing. */
  #tellFrom(index: number): void {
    for (let at = index; at < this.#places.length; at++) this.#places[at].job.moveTo(at + 1);
  }
}
