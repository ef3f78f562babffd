// Answers with a picture that a job made.

import type { FastifyReply } from 'fastify';
import type { ResultPicture } from '../jobs/queue.js';

/** Sends its bytes as they lie, without a copy. */
export function sendPicture(reply: FastifyReply, { bytes, type }: ResultPicture): FastifyReply {
  return reply.type(type).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
