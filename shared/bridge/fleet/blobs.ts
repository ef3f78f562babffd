// Photos and drawings on their way between bridge and workers: by what they contain, until nobody holds them any more.

import type { Connection } from './engine.js';
import type { Keys } from './keys.js';

/** Where pictures lie that others fetch. */
export interface Blobs {
  /** Keeps bytes of this hash for `holder`; equal ones lie there once. */
  put(bytes: Uint8Array, hash: string, holder: string): Promise<void>;
  /** Whether what Redis is asked after a `put` finds the bytes there, also while that is on its way. */
  readonly isInOrder: boolean;
  /** Undefined where they have gone. */
  get(hash: string): Promise<Uint8Array | undefined>;
  /** Whether they are there. */
  has(hash: string): Promise<boolean>;
  /** For another day, of whatever still waits. */
  renew(hash: string): Promise<void>;
  /** The holder needs it no more; with the last one the bytes go. */
  release(hash: string, holder: string): Promise<void>;
}

/** Of whatever nobody released or renewed. */
export const BLOB_KEPT_MS = 24 * 60 * 60_000;

// Together, so that nobody takes hold of what is being thrown away.
const RELEASE = `
  redis.call('SREM', KEYS[2], ARGV[1])
  if redis.call('SCARD', KEYS[2]) == 0 then redis.call('DEL', KEYS[1], KEYS[2]) end`;

/** In the memory of Redis itself. */
export function redisBlobs(redis: Connection, keys: Keys, keptMs = BLOB_KEPT_MS): Blobs {
  return {
    isInOrder: true,
    async put(bytes, hash, holder) {
      const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      // Held first, so that it is not thrown away meanwhile; each by itself, as a transaction would copy the bytes once more.
      await Promise.all([
        redis.sadd(keys.holders(hash), holder),
        redis.pexpire(keys.holders(hash), keptMs),
        redis.set(keys.blob(hash), content, 'PX', keptMs),
      ]);
    },
    async get(hash) {
      return (await redis.getBuffer(keys.blob(hash))) ?? undefined;
    },
    async has(hash) {
      return (await redis.exists(keys.blob(hash))) === 1;
    },
    async renew(hash) {
      await Promise.all([keys.blob(hash), keys.holders(hash)].map((key) => redis.pexpire(key, keptMs)));
    },
    async release(hash, holder) {
      await redis.eval(RELEASE, 2, keys.blob(hash), keys.holders(hash), holder);
    },
  };
}
