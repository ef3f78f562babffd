// Tells workers that wait that there is something to draw.

import type { Connection } from './engine.js';
import type { Keys } from './keys.js';

/** Bells that nobody waits for do not pile up. */
const MOST_RINGS = 64;

/** Rings once for one drawing of the lane. */
export async function ringBell(redis: Connection, keys: Keys, lane: string): Promise<void> {
  const bell = keys.bell(lane);
  await redis.pipeline().rpush(bell, '1').ltrim(bell, -MOST_RINGS, -1).exec();
}
