// Whose waiting job comes next: interactive jobs before all others, and within a class the owners take turns.
//
// Start-time fair queueing with equal weights and jobs of length one (Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996).
// Its start tags are whole numbers here, and so rounds: each owner that has jobs waiting has one of them in each round.

import type { Priority } from '../protocol.js';

/** Where a job stands among those that wait. Plain numbers, so that they can be kept; no two waiting jobs have the same. */
export interface Rank {
  /** 0: interactive, 1: batch. */
  class: 0 | 1;
  /** Round of the class in which the job has its turn. */
  tag: number;
  /**
   * Order within the round: that in which the owners came. It stays with an owner as long as jobs of it wait; if the order
   * changed from round to round, an owner who is last in one and first in the next would have two turns in a row.
   */
  seq: number;
}

const CLASSES: Readonly<Record<Priority, Rank['class']>> = { interactive: 0, batch: 1 };

/** Below 0 where the first of two ranks comes first. */
export function compareRanks(a: Rank, b: Rank): number {
  return a.class - b.class || a.tag - b.tag || a.seq - b.seq;
}

/** Gives out ranks. It is to be told what becomes of every job that it ranked: each is either taken or withdrawn, once. */
export class FairShares {
  readonly #classes: readonly [Rounds, Rounds] = [new Rounds(), new Rounds()];
  #seq = 0;

  /** The rank of a job that begins to wait. */
  rank(owner: string, priority: Priority): Rank {
    const index = CLASSES[priority];
    this.#seq += 1;
    return { class: index, ...this.#classes[index].join(owner, this.#seq) };
  }

  /** The job with this rank waits no longer, because its turn has come. */
  taken(rank: Rank): void {
    this.#classes[rank.class].take(rank);
  }

  /**
   * The job with this rank waits no longer and has had no turn. The turn is given back only where it was the owner's last:
   * of several jobs, have those behind it move up to the rank of the one before each, and withdraw the rank of the last.
   */
  withdrawn(rank: Rank, owner: string): void {
    this.#classes[rank.class].withdraw(rank, owner);
  }

  /**
   * A job waits that was ranked before a restart; jobs may come in any order, all of them before new ones are ranked. Of owners
   * who had none waiting nothing is known any more.
   */
  resume(rank: Rank, owner: string): void {
    this.#seq = Math.max(this.#seq, rank.seq);
    this.#classes[rank.class].resume(rank, owner);
  }
}

type Turn = Pick<Rank, 'tag' | 'seq'>;

/** The turns of one class. */
class Rounds {
  /** The virtual time: the tag of the job that was taken last. No waiting job has a smaller one. */
  #now = 0;
  #waiting = 0;
  /** Nothing but resumed jobs waits: the virtual time is not known, and can be no later than the first of them. */
  #isResuming = true;
  /** The last turn of each owner that has one now or later. */
  readonly #last = new Map<string, Turn>();

  join(owner: string, newSeq: number): Turn {
    const last = this.#last.get(owner);
    const turn =
      last === undefined
        ? { tag: this.#now, seq: newSeq }
        : { tag: Math.max(this.#now, last.tag + 1), seq: last.seq };
    this.#last.set(owner, turn);
    this.#waiting += 1;
    this.#isResuming = false;
    return turn;
  }

  take({ tag }: Turn): void {
    this.#isResuming = false;
    if (tag > this.#now) this.#advance(tag);
    this.#leave();
  }

  withdraw({ tag, seq }: Turn, owner: string): void {
    if (this.#last.get(owner)?.tag === tag) this.#giveBack({ tag: tag - 1, seq }, owner);
    this.#leave();
  }

  resume({ tag, seq }: Turn, owner: string): void {
    if (this.#isResuming) this.#now = this.#waiting === 0 ? tag : Math.min(this.#now, tag);
    this.#waiting += 1;
    const last = this.#last.get(owner);
    if (last === undefined || last.tag < tag) this.#last.set(owner, { tag, seq });
  }

  /** An owner who had no turn before comes anew, behind those who are there. */
  #giveBack(turnBefore: Turn, owner: string): void {
    if (turnBefore.tag < this.#now) this.#last.delete(owner);
    else this.#last.set(owner, turnBefore);
  }

  #advance(tag: number): void {
    this.#now = tag;
    // These owners would get the present round anyway: the map stays as small as the line.
    for (const [owner, last] of this.#last) if (last.tag < tag) this.#last.delete(owner);
  }

  #leave(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    // Nobody waits whom an earlier turn could have kept waiting.
    this.#last.clear();
    this.#now = 0;
    this.#isResuming = true;
  }
}
