// The rate limit: so many requests of a kind a minute per token.

import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { busy } from '../busy.js';
import { holderOf } from './bearer.js';

const MINUTE_MS = 60_000;

/** Route options of what is never too much: whoever takes work back makes room. */
export const UNLIMITED = { config: { rateLimit: false } } as const;

/** Limits the routes that are added to this scope afterwards, all together; they must know their token holder. */
export async function limitRate(
  scope: FastifyInstance,
  { perMinute, what }: { perMinute: number; what: string },
): Promise<void> {
  await scope.register(rateLimit, {
    max: perMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => holderOf(request).id,
    errorResponseBuilder: (_, { max, ttl }) =>
      busy(`Expected at most ${max} ${what} a minute for one token but received more`, {
        retryAfterS: Math.ceil(ttl / 1000),
        hint: 'Ask less often, or listen to the events of a job instead.',
      }),
  });
}
