// The headers that every answer carries, so that no browser takes it for more than it is.

import type { FastifyReply } from 'fastify';

const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  // Reading by CORS is not affected; embedding by <img> or <script> is.
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** For the page alone: it shows pictures that it has fetched. */
export const PAGE_POLICY =
  "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Puts them on an answer. */
export function secureAnswer(reply: FastifyReply): void {
  reply.headers(HEADERS);
}
