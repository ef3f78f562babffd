// `POST /v1/stylize`: bytes in, bytes out, for curl and home automation.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BridgeContext } from '../context.js';
import { untilDone } from '../orders/follow.js';
import { type OrderRequest, submitOrder } from '../orders/order.js';
import type { JobStatus, ResultInfo } from '../protocol.js';
import { answersMedia, IMAGE_BODY, PICTURE_TYPES } from '../schemas/documents.js';
import { optionsQuery } from '../schemas/options.js';
import { orderHeaders } from '../schemas/requests.js';
import { holderOf } from '../security/bearer.js';
import { takeImages } from '../security/body.js';
import { hangUp } from './hang-up.js';

/** Adds it to a scope whose requests are authorised. */
export async function stylizeRoute(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const { bodyBytes, megapixels } = context.limits;
  takeImages(scope, bodyBytes);
  const schema = {
    ...answersMedia(PICTURE_TYPES, {
      summary: 'Draw the photo in the body and wait for it',
      tag: 'jobs',
      querystring: optionsQuery(megapixels),
      headers: orderHeaders,
      answers: 'The first picture; x-nigaoe-* headers tell about it, and x-nigaoe-job where the others are.',
    }),
    ...IMAGE_BODY,
  };
  scope.post<OrderRequest>('/v1/stylize', { bodyLimit: bodyBytes, schema }, async (request, reply) => {
    const signal = hangUp(reply);
    // Nothing moves on the connection while the job waits for its turn.
    request.raw.socket.setTimeout(0);
    const { id, result } = await drawn(request, context, signal);
    const { bytes, type } = await context.queue.picture(id, holderOf(request).id, 0);
    if (result !== undefined) tellResult(reply.header('x-nigaoe-job', id), result);
    return reply.type(type).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
}

/** The job, done; where the client hangs up, nobody wants it any more. */
async function drawn(
  request: FastifyRequest<OrderRequest>,
  context: BridgeContext,
  signal: AbortSignal,
): Promise<JobStatus> {
  const { queue, limits } = context;
  const owner = holderOf(request).id;
  const { id } = await submitOrder(request, context);
  try {
    return await untilDone(queue, { id, owner, after: 0, pulseMs: limits.pulseMs }, signal);
  } catch (error) {
    if (signal.aborted) await queue.cancel(id, owner).catch(() => undefined);
    throw error;
  }
}

function tellResult(
  reply: FastifyReply,
  { pictures, faces, model, scope, device, notices }: ResultInfo,
): void {
  reply.headers({
    'x-nigaoe-model': encodeURIComponent(model),
    'x-nigaoe-scope': scope,
    ...(device === undefined ? {} : { 'x-nigaoe-device': device }),
    'x-nigaoe-width': String(pictures[0]?.width),
    'x-nigaoe-height': String(pictures[0]?.height),
    'x-nigaoe-pictures': String(pictures.length),
    'x-nigaoe-faces': String(faces.length),
    'x-nigaoe-notices': asciiJson(notices),
  });
}

/** JSON that may stand in a header. */
function asciiJson(value: unknown): string {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, escaped);
}
