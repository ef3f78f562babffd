// The rate limit: so many requests a minute per token.

import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { busy } from '../busy.js';
import { holderOf } from './bearer.js';

const MINUTE_MS = 60_000;

/** Limits the routes that are added to this scope afterwards; they must know their token holder. */
export async function limitRate(scope: FastifyInstance, requestsPerMinute: number): Promise<void> {
  await scope.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => holderOf(request).id,
    errorResponseBuilder: (_, { max, ttl }) =>
      busy(`Expected at most ${max} requests a minute for one token but received more`, {
        retryAfterS: Math.ceil(ttl / 1000),
        hint: 'Ask less often, or listen to the events of a job instead.',
      }),
  });
}
