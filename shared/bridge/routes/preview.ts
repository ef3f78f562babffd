// `GET /v1/styles/:id/preview`: what a style makes of a small landscape, drawn once and remembered.

import type { FastifyInstance } from 'fastify';
import type { BridgeContext } from '../context.js';
import { untilDone } from '../orders/follow.js';
import { checkModels } from '../orders/models.js';
import { paintLandscape } from '../preview/landscape.js';
import { answersMedia } from '../schemas/documents.js';
import { styleParams } from '../schemas/requests.js';

/** Owner of the jobs that the bridge orders by itself. */
const OWNER = 'previews';

/** Adds the route to a scope whose requests are authorised. */
export async function previewRoute(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const drawn = new Map<string, Promise<Buffer>>();
  const schema = answersMedia(['image/png'], {
    summary: 'What a style makes of a small landscape',
    tag: 'facts',
    params: styleParams,
    answers: 'A PNG file.',
  });
  scope.get<{ Params: { id: string } }>(
    '/v1/styles/:id/preview',
    { schema },
    async ({ params: { id } }, reply) => {
      await checkModels({ style: id }, context.store);
      return reply.type('image/png').send(await remembered(drawn, id, () => draw(id, context)));
    },
  );
}

/** One drawing for all that ask at once; a failed one is tried again by the next who asks. */
function remembered(
  drawn: Map<string, Promise<Buffer>>,
  id: string,
  draw: () => Promise<Buffer>,
): Promise<Buffer> {
  const known = drawn.get(id);
  if (known !== undefined) return known;
  const drawing = draw();
  drawn.set(id, drawing);
  drawing.catch(() => drawn.delete(id));
  return drawing;
}

async function draw(style: string, { queue, limits }: BridgeContext): Promise<Buffer> {
  const options = { style, scope: 'photo', format: 'png' } as const;
  const { id } = await queue.submit({ bytes: paintLandscape(), options, owner: OWNER, name: 'The preview' });
  await untilDone(
    queue,
    { id, owner: OWNER, after: 0, pulseMs: limits.pulseMs },
    new AbortController().signal,
  );
  const { bytes } = await queue.picture(id, OWNER, 0);
  return Buffer.from(bytes);
}
