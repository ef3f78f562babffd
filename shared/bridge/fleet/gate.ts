// Whether the queue takes orders: `nigaoe queue drain` closes it to new ones, for every bridge that comes.

import type { Connection } from './engine.js';
import type { Keys } from './keys.js';

/** When the queue was closed to new orders, ISO 8601 in UTC; undefined where it takes them. */
export async function closedSince(redis: Connection, keys: Keys): Promise<string | undefined> {
  return (await redis.get(keys.closed)) ?? undefined;
}

/** Closes it until somebody opens it; since when it is closed, which may be longer. */
export async function closeGate(redis: Connection, keys: Keys): Promise<string> {
  const now = new Date().toISOString();
  await redis.set(keys.closed, now, 'NX');
  return (await closedSince(redis, keys)) ?? now;
}

/** False where it was open. */
export async function openGate(redis: Connection, keys: Keys): Promise<boolean> {
  return (await redis.del(keys.closed)) === 1;
}
