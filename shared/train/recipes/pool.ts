// The pool of drawings that discriminators see (Shrivastava et al. 2017): half of the time an older one in place of the newest,
// so that generators cannot run in circles around them.

import { randomFor, shuffled } from '../../random.js';
import * as a from '../arithmetic.js';
import type { Node, Turn } from '../ops.js';
import type { Weights } from '../weights.js';

const SIZE = 50;

/**
 * The drawings [N, C, H, W], each replaced with probability 1/2 by one of the last 50, whose place it takes. The pool is part
 * of the state: matrices of 0 and 1, drawn anew at each step, take out and put in.
 */
export function pooled(drawings: Node, name: string, weights: Weights): Node {
  const [count, ...picture] = drawings.dims;
  const numbers = picture.reduce((product, size) => product * size, 1);
  const pool = weights.kept(`pool.${name}`, [SIZE, numbers], 0);
  const newest = a.reshape(drawings, [count, numbers]);
  const takes = a.input(`${name} takes`, [count, SIZE], (turn) => choices(turn, name, count).takes);
  const puts = a.input(`${name} puts`, [count, SIZE], (turn) => choices(turn, name, count).puts);
  const older = a.matmul(takes, pool);
  const isOlder = a.sum(takes, [1]);
  weights.renew(
    `pool.${name}`,
    a.add(
      a.multiply(pool, a.subtract(1, a.reshape(a.sum(puts, [0]), [SIZE, 1]))),
      a.matmul(a.turned(puts), newest),
    ),
  );
  const shown = a.add(a.multiply(newest, a.subtract(1, isOlder)), older);
  return a.reshape(shown, drawings.dims);
}

/** Where each drawing goes, and which it is replaced by: the pool fills, then half of them change places with what it held before. */
function choices({ seed, step }: Turn, name: string, count: number): Record<'takes' | 'puts', Float32Array> {
  const random = randomFor(seed, 'pool', name, step);
  const slots = shuffled(Math.min(SIZE, (step - 1) * count), random);
  const [takes, puts] = [new Float32Array(count * SIZE), new Float32Array(count * SIZE)];
  for (let at = 0; at < Math.min(count, SIZE); at++) {
    const seen = (step - 1) * count + at;
    const isFilling = seen < SIZE;
    const slot = at * SIZE + (isFilling ? seen : slots[at]);
    const changes = isFilling || (at < slots.length && random.uniform() < 0.5);
    if (changes) puts[slot] = 1;
    if (changes && !isFilling) takes[slot] = 1;
  }
  return { takes, puts };
}
