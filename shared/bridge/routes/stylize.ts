// `POST /v1/stylize`: bytes in, bytes out, for curl and home automation.

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BridgeContext } from '../context.js';
import { type OrderRequest, submitOrder } from '../orders/order.js';
import type { ResultInfo } from '../protocol.js';
import { answersMedia, IMAGE_BODY, PICTURE_TYPES } from '../schemas/documents.js';
import { optionsQuery } from '../schemas/options.js';
import { orderHeaders } from '../schemas/requests.js';
import type { Schema } from '../schemas/schema.js';
import { holderOf } from '../security/bearer.js';
import { hangUp } from './hang-up.js';
import { sendPicture } from './picture.js';
import { jobDone, patiently } from './wait.js';

/** Adds it to a scope whose requests are authorised and bring images. */
export async function stylizeRoute(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const { bodyBytes, megapixels } = context.limits;
  const schema = {
    ...answersMedia(PICTURE_TYPES, {
      summary: 'Draw the photo in the body and wait for it',
      tag: 'jobs',
      querystring: optionsQuery(megapixels),
      headers: orderHeaders,
      answers: 'The first picture.',
      answerHeaders: ABOUT,
    }),
    ...IMAGE_BODY,
  };
  scope.post<OrderRequest>('/v1/stylize', { bodyLimit: bodyBytes, schema }, async (request, reply) => {
    const signal = hangUp(reply);
    const owner = holderOf(request).id;
    const { id, result } = await patiently(request, context, async () => {
      const { id } = await submitOrder(request, context);
      return jobDone(context, { id, owner }, signal);
    });
    const picture = await context.queue.picture(id, owner, 0);
    if (result !== undefined) tellResult(reply.header('x-nigaoe-job', id), result);
    return sendPicture(reply, picture);
  });
}

/** What an answer says of the drawing, beside the picture. */
const ABOUT: Readonly<Record<string, Schema>> = {
  'x-nigaoe-job': { type: 'string', description: 'Its job, where the other pictures are.' },
  'x-nigaoe-model': { type: 'string', description: 'Id of the style, percent-encoded.' },
  'x-nigaoe-scope': { type: 'string', description: 'What of the photo was drawn.' },
  'x-nigaoe-device': { type: 'string', description: 'Where it was drawn; absent where nothing was.' },
  'x-nigaoe-width': { type: 'integer', description: 'Pixels.' },
  'x-nigaoe-height': { type: 'integer', description: 'Pixels.' },
  'x-nigaoe-pictures': { type: 'integer', description: 'How many the job made.' },
  'x-nigaoe-faces': { type: 'integer', description: 'How many were found.' },
  'x-nigaoe-notices': { type: 'string', description: 'Sentences for the user: a list, as JSON.' },
};

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
