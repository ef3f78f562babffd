// `GET /v1/styles/:id/preview`: what a style makes of a small landscape, drawn once and remembered.

import type { FastifyInstance } from 'fastify';
import { findEntry } from '../../models/catalogue.js';
import { isStyle } from '../../models/entry.js';
import { allEntries } from '../../models/store/installed.js';
import type { BridgeContext } from '../context.js';
import type { ResultPicture } from '../jobs/queue.js';
import { checkModels } from '../orders/models.js';
import { paintLandscape } from '../preview/landscape.js';
import { Remembered } from '../remembered.js';
import { answersMedia } from '../schemas/documents.js';
import { styleParams } from '../schemas/requests.js';
import { hangUp } from './hang-up.js';
import { sendPicture } from './picture.js';
import { jobDone, patiently } from './wait.js';

/** Owner of the jobs that the bridge orders by itself. */
const OWNER = 'previews';
/** More than a gallery shows; each takes about 100 kB. */
const MOST_REMEMBERED = 200;

/** Adds the route to a scope whose requests are authorised. */
export async function previewRoute(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const drawn = new Remembered<ResultPicture>(MOST_REMEMBERED);
  const schema = answersMedia(['image/png'], {
    summary: 'What a style makes of a small landscape',
    tag: 'facts',
    params: styleParams,
    answers: 'A PNG file.',
  });
  scope.get<{ Params: { id: string } }>('/v1/styles/:id/preview', { schema }, async (request, reply) => {
    const { id } = request.params;
    const gone = hangUp(reply);
    const edition = await editionOf(id, context);
    const picture = () => drawn.get(edition, (signal) => draw(id, context, signal), gone);
    return sendPicture(reply, await patiently(request, context, picture));
  });
}

/** Changes when the style is replaced by another of the same id. Throws as an order of this style does. */
async function editionOf(id: string, { store }: BridgeContext): Promise<string> {
  await checkModels({ style: id }, store);
  return JSON.stringify(findEntry(id, (await allEntries(store)).filter(isStyle), 'style'));
}

async function draw(style: string, context: BridgeContext, signal: AbortSignal): Promise<ResultPicture> {
  const { queue } = context;
  const options = { style, scope: 'photo', format: 'png' } as const;
  const order = { bytes: paintLandscape(), options, owner: OWNER, name: 'The preview' };
  const { id } = await queue.submit(order);
  await jobDone(context, { id, owner: OWNER }, signal);
  return queue.picture(id, OWNER, 0);
}
