// Whose turn it is: fairness over every window of random arrivals, and the same again after a restart.

import assert from 'node:assert/strict';
import { compareRanks, FairShares, type Rank } from '../../../shared/bridge/jobs/fair-shares.js';
import { PRIORITIES, type Priority } from '../../../shared/bridge/protocol.js';
import { randomNumbers } from './random-numbers.js';

interface Waiting {
  owner: string;
  rank: Rank;
}

/** Owners whose jobs wait and are taken one by one. */
class Counter {
  shares = new FairShares();
  waiting: Waiting[] = [];

  join(owner: string, priority: Priority = 'interactive'): Rank {
    const rank = this.shares.rank(owner, priority);
    this.waiting.push({ owner, rank });
    return rank;
  }

  next(): Waiting | undefined {
    this.waiting.sort((a, b) => compareRanks(a.rank, b.rank));
    const next = this.waiting.shift();
    if (next !== undefined) this.shares.taken(next.rank);
    return next;
  }

  /** Takes the last job of an owner back. */
  giveUp(owner: string): void {
    const last = this.of(owner).at(-1);
    if (last === undefined) return;
    this.waiting.splice(this.waiting.indexOf(last), 1);
    this.shares.withdrawn(last.rank, owner);
  }

  of(owner: string): Waiting[] {
    return this.waiting.filter((job) => job.owner === owner).sort((a, b) => compareRanks(a.rank, b.rank));
  }

  /** Forgets all but what waits, as a process does that starts anew. */
  restart(shuffle: (a: Waiting, b: Waiting) => number): void {
    this.shares = new FairShares();
    for (const { rank, owner } of this.waiting.sort(shuffle)) this.shares.resume({ ...rank }, owner);
  }

  order(): string {
    let owners = '';
    for (let next = this.next(); next !== undefined; next = this.next()) owners += next.owner;
    return owners;
  }
}

describe('fair shares', () => {
  it('give one who has many jobs every other turn', () => {
    const counter = new Counter();
    for (const owner of 'aaaabb') counter.join(owner);
    assert.equal(counter.order(), 'ababaa');
  });

  it('let the owners who come first go first in each round', () => {
    const counter = new Counter();
    for (const owner of 'baabcc') counter.join(owner);
    assert.equal(counter.order(), 'bacbac');
  });

  it('are ranks of plain numbers, none of them twice', () => {
    const counter = new Counter();
    const ranks = PRIORITIES.flatMap((priority) =>
      [...'aabcca'].map((owner) => counter.join(owner, priority)),
    );
    assert.deepEqual(JSON.parse(JSON.stringify(ranks)), ranks);
    assert.equal(new Set(ranks.map((rank) => JSON.stringify(rank))).size, ranks.length);
    assert.deepEqual([ranks[0].class, ranks[6].class], [0, 1]);
  });

  for (const restarts of [false, true])
    it(`differ by one turn at most over any window in which two owners wait${restarts ? ', also after restarts' : ''}`, () => {
      for (let seed = 1; seed <= 100; seed++) {
        const turns = randomTurns(seed, restarts);
        for (const [first, second] of ['ab', 'bc', 'ac', 'de', 'ae'])
          for (const window of windowsOf(turns, first, second)) assertFair(window, first, second, seed);
      }
    });

  it('never have an interactive job wait for a batch one', () => {
    const random = randomNumbers(7);
    const counter = new Counter();
    for (let deed = 0; deed < 3_000; deed++) {
      if (random() < 0.5) counter.join('abc'[Math.floor(random() * 3)], PRIORITIES[Math.floor(random() * 2)]);
      else if (counter.next()?.rank.class === 1)
        assert.ok(counter.waiting.every(({ rank }) => rank.class === 1));
    }
  });

  it('keep a single job waiting for one of another at most, however long the other has been drawing', () => {
    const counter = new Counter();
    for (let job = 0; job < 50; job++) counter.join('a');
    for (let drawn = 0; drawn < 20; drawn++) {
      counter.next();
      counter.join('b');
      counter.next();
      counter.next();
      assert.deepEqual(counter.of('b'), []);
      for (let more = 0; more < 3; more++) counter.join('a');
    }
  });

  it('give a turn back that was not taken', () => {
    const counter = new Counter();
    for (const owner of 'aaaabbb') counter.join(owner);
    for (let taken = 0; taken < 3; taken++) counter.giveUp('a');
    counter.join('a');
    assert.equal(counter.order(), 'ababb');
  });

  it('give nobody who comes after a restart the turns of the past', () => {
    const counter = new Counter();
    for (const owner of 'aaaaaaaabbbbbbbb') counter.join(owner);
    for (let taken = 0; taken < 10; taken++) counter.next();
    counter.restart((a, b) => compareRanks(b.rank, a.rank));
    for (const owner of 'ccc') counter.join(owner);
    assert.equal(counter.order(), 'abcabcabc');
  });
});

interface Turn {
  /** None where a job was taken back or all began anew. */
  owner?: string;
  /** Who had jobs waiting then; only for them is anything promised. */
  waited: ReadonlySet<string>;
}

/** Owners a, b and c order much, d and e little; who is taken when. */
function randomTurns(seed: number, restarts: boolean): Turn[] {
  const random = randomNumbers(seed);
  const counter = new Counter();
  const turns: Turn[] = [];
  for (let deed = 0; deed < 400; deed++) {
    const chance = random();
    const owner = 'aaabbbcccde'[Math.floor(random() * 11)];
    const owners = () => new Set(counter.waiting.map((job) => job.owner));
    if (chance < 0.05) {
      counter.giveUp(owner);
      turns.push({ waited: owners() });
    } else if (chance < 0.55) counter.join(owner);
    else if (restarts && chance < 0.57) {
      counter.restart(() => random() - 0.5);
      turns.push({ waited: owners() });
    } else {
      const waited = owners();
      const next = counter.next();
      if (next !== undefined) turns.push({ owner: next.owner, waited });
    }
  }
  return turns;
}

/** The longest runs of turns in which both had jobs waiting all the time. */
function windowsOf(turns: readonly Turn[], first: string, second: string): Turn[][] {
  const windows: Turn[][] = [[]];
  for (const turn of turns)
    if (turn.waited.has(first) && turn.waited.has(second)) windows.at(-1)?.push(turn);
    else windows.push([]);
  return windows;
}

/** The lead of one over the other stays within one over every part of the window. */
function assertFair(window: readonly Turn[], first: string, second: string, seed: number): void {
  let [lead, least, most] = [0, 0, 0];
  for (const { owner } of window) {
    lead += owner === first ? 1 : owner === second ? -1 : 0;
    [least, most] = [Math.min(least, lead), Math.max(most, lead)];
  }
  const order = window.map(({ owner }) => owner).join('');
  assert.ok(most - least <= 1, `seed ${seed}: ${first} and ${second} in ${order}`);
}
