// What pages without an origin (Figma's plugins) may send and see, by name: `*` does not cover Authorization.

import type { FastifyReply, FastifyRequest } from 'fastify';

const METHODS = 'GET, POST, DELETE, OPTIONS';
const REQUEST_HEADERS =
  'authorization, content-type, idempotency-key, last-event-id, x-file-name, x-priority';
const ANSWER_HEADERS = [
  'location',
  'retry-after',
  'x-nigaoe-job',
  'x-nigaoe-model',
  'x-nigaoe-scope',
  'x-nigaoe-device',
  'x-nigaoe-width',
  'x-nigaoe-height',
  'x-nigaoe-pictures',
  'x-nigaoe-faces',
  'x-nigaoe-notices',
].join(', ');
const MAX_AGE_S = '600';

/** Lets the page at an origin that was checked read the answer. No credentials: tokens travel in a header. */
export function allowOrigin(origin: string | undefined, reply: FastifyReply): void {
  reply.header('vary', 'Origin');
  if (origin === undefined) return;
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-expose-headers', ANSWER_HEADERS);
}

/** Answers a preflight, which browsers send without a token; returns whether the request was one. */
export function answerPreflight({ method }: FastifyRequest, reply: FastifyReply): boolean {
  if (method !== 'OPTIONS') return false;
  reply
    .header('access-control-allow-methods', METHODS)
    .header('access-control-allow-headers', REQUEST_HEADERS)
    .header('access-control-max-age', MAX_AGE_S)
    .code(204)
    .send();
  return true;
}
