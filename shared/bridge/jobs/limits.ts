// The limits of a queue where nobody sets others, and the check of those that somebody does.

import { expected } from '../../errors.js';
import type { QueueLimits } from './queue.js';

/** Together well below the memory of a small board: 256 MiB of photos and as much of results. */
const DEFAULTS: Readonly<QueueLimits> = {
  waiting: 128,
  waitingBytes: 256 * 2 ** 20,
  // One busy front end leaves room for another.
  waitingPerOwner: 64,
  keepMs: 10 * 60_000,
  kept: 256,
  keptBytes: 256 * 2 ** 20,
  // A client that lost its network for a moment finds its job again.
  orphanMs: 60_000,
  // Longer than the longest pause of a client that asks again and again.
  fetchMs: 5_000,
};

/** Fills in what is left out; throws `options` for what is no limit. */
export function parseLimits(given: Partial<QueueLimits>): QueueLimits {
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(limits) as (keyof QueueLimits)[])
    limits[name] = checkLimit(name, given[name] ?? limits[name]);
  return limits;
}

function checkLimit(name: string, value: number): number {
  const most = name.endsWith('Ms') ? LONGEST_TIMER_MS : Number.MAX_SAFE_INTEGER;
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw expected(`a whole number from 1 to ${most}`, `the queue's limit ${name}`, value);
}
/** Timers of Node.js fire at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
