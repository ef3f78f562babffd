// Notices when a client goes before it has its answer.

import type { FastifyReply } from 'fastify';

/** Raised when the connection closes before the answer has been written. */
export function hangUp({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
