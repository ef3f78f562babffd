// Who keeps the books of a space: one bridge at a time, which says so again and again.

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { NigaoeError } from '../../errors.js';
import type { Connection } from './engine.js';

/** Longer than a network is usually gone. */
const HELD_MS = 15_000;
const RENEW_MS = 3_000;
const LOOK_MS = 250;

// Only the holder's own, or nobody's.
const TAKE = `
  local holder = redis.call('GET', KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1`;
const LET_GO = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

export interface Hold {
  release(): Promise<void>;
}

/**
 * Takes hold of the books. A bridge that died without a word loses them after 15 s, for which this waits.
 * @throws `conflict` where another bridge lives: it renews its hold
 */
export async function takeHold(redis: Connection, key: string, onLost: () => void): Promise<Hold> {
  const me = randomUUID();
  const take = async () => (await redis.eval(TAKE, 1, key, me, HELD_MS)) === 1;
  for (let leftMs = HELD_MS; !(await take()); await delay(LOOK_MS)) {
    const nowMs = await redis.pttl(key);
    if (nowMs > leftMs) throw taken();
    leftMs = nowMs;
  }
  const timer = setInterval(() => {
    take().then(
      (isMine) => {
        if (isMine) return;
        // Not to be taken again when the other one stops: whoever has lost the books has old ones.
        clearInterval(timer);
        onLost();
      },
      () => undefined,
    );
  }, RENEW_MS);
  return {
    async release() {
      clearInterval(timer);
      await redis.eval(LET_GO, 1, key, me);
    },
  };
}

const taken = (): NigaoeError =>
  new NigaoeError('conflict', 'Expected no other bridge on this queue in Redis but there is one', {
    hint: 'Stop the other one, or give each a space of its own with --space NAME, on its workers too.',
  });
