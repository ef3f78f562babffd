// BullMQ and its connection to Redis, loaded only where a queue in Redis is asked for.

import type { Redis } from 'ioredis';
import { NigaoeError } from '../../errors.js';

type BullMq = typeof import('bullmq');
export type Connection = Redis;

/** What talks to Redis: the packages, and the connections that were opened with them. */
export interface Engine {
  bull: Pick<BullMq, 'Queue' | 'QueueEvents' | 'Worker' | 'UnrecoverableError'>;
  /** For everything that answers at once. */
  redis: Connection;
  /** Opens another one, for commands that wait. */
  another(): Connection;
  close(): Promise<void>;
}

export interface RedisSettings {
  /** `redis://` or `rediss://` (TLS), with user and password where they are needed. */
  url: string;
  /** Instead of one in the URL. */
  password?: string | undefined;
  /** What all keys begin with: bridges of one Redis take one each. Default `nigaoe`. */
  space?: string | undefined;
}

const CONNECT_MS = 5_000;
/** Between tries to reach a Redis that has gone. */
const LONGEST_RETRY_MS = 2_000;

/**
 * Connects. A connection that is lost later is tried again for ever, and what was asked meanwhile is sent then.
 * @throws `options` for a URL that is none, `program-missing` without the packages, `unreachable` where no Redis answers
 */
export async function openEngine(settings: RedisSettings): Promise<Engine> {
  const { hostname, port } = readUrl(settings.url);
  const [bull, { Redis }] = await loadPackages();
  const open: Connection[] = [];
  const another = (): Connection => {
    const redis = new Redis(settings.url, {
      ...(settings.password === undefined ? {} : { password: settings.password }),
      maxRetriesPerRequest: null,
      connectTimeout: CONNECT_MS,
      retryStrategy: (times) => Math.min(50 * 2 ** times, LONGEST_RETRY_MS),
    });
    // Lost connections come back by themselves; without a listener each loss would be printed.
    redis.on('error', () => undefined);
    open.push(redis);
    return redis;
  };
  const close = async () => {
    for (const redis of open) redis.disconnect();
  };
  const redis = another();
  try {
    await firstAnswer(redis, `${hostname}:${port || 6379}`);
  } catch (error) {
    await close();
    throw error;
  }
  return { bull, redis, another, close };
}

/** Whether an error is that of a connection that was lost, which comes back by itself. */
export const isLost = (error: Error & { code?: string }): boolean =>
  /^E[A-Z]+$/.test(error.code ?? '') || /connection|closed|LOADING/i.test(error.message);

/** The address without what is secret in it, for people. */
export function addressOf({ url }: RedisSettings): string {
  const { protocol, hostname, port, pathname } = readUrl(url);
  return `${protocol}//${hostname}:${port || 6379}${pathname}`;
}

function readUrl(url: string): URL {
  const read = URL.canParse(url) ? new URL(url) : undefined;
  const isRedis = read?.protocol === 'redis:' || read?.protocol === 'rediss:';
  if (read && isRedis && read.hostname !== '' && /^\/?\d*$/.test(read.pathname)) return read;
  // The URL is not shown: it may hold a password.
  throw new NigaoeError('options', 'Expected the address of a Redis for --queue but it cannot be read', {
    hint: 'Write redis://HOST:PORT/0, or rediss:// for TLS; a password goes into NIGAOE_REDIS_PASSWORD.',
  });
}

async function loadPackages(): Promise<[BullMq, Pick<typeof import('ioredis'), 'Redis'>]> {
  try {
    return [await import('bullmq'), await import('ioredis')];
  } catch (error) {
    throw new NigaoeError(
      'program-missing',
      'Expected the packages bullmq and ioredis for --queue but they are not there',
      {
        hint: 'Run `npm install bullmq ioredis` beside nigaoe; queues in memory do without.',
        cause: error,
      },
    );
  }
}

/** Throws in words what stands between us and Redis. */
async function firstAnswer(redis: Connection, where: string): Promise<void> {
  let last: Error | undefined;
  redis.on('error', (error) => {
    last = error;
  });
  const over = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(last ?? new Error('it does not answer')), CONNECT_MS);
    timer.unref();
  });
  try {
    await Promise.race([redis.ping(), refusal(redis), over]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new NigaoeError('unreachable', `Expected Redis to answer at ${where} but: ${message}`, {
      hint: 'Is redis-server running there, and may this computer reach it? A password goes into NIGAOE_REDIS_PASSWORD.',
    });
  }
}

/** What no further try would change: a wrong password, a name that is none, a port that nobody listens on. */
function refusal(redis: Connection): Promise<never> {
  return new Promise((_, reject) => {
    redis.on('error', (error: NodeJS.ErrnoException) => {
      const isFinal = /NOAUTH|WRONGPASS|ERR AUTH/.test(error.message);
      if (isFinal || error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND') reject(error);
    });
  });
}
