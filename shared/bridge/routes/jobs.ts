// The routes of jobs: order, look, fetch, cancel, listen.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { drawThumbnail } from '../../photo/thumbnail.js';
import type { BridgeContext } from '../context.js';
import type { ResultPicture } from '../jobs/queue.js';
import { follow } from '../orders/follow.js';
import { type OrderRequest, submitOrder } from '../orders/order.js';
import type { JobEvent } from '../protocol.js';
import { answersJson, answersMedia, IMAGE_BODY, PICTURE_TYPES } from '../schemas/documents.js';
import { optionsQuery } from '../schemas/options.js';
import { eventsHeaders, eventsQuery, jobParams, orderHeaders, pictureQuery } from '../schemas/requests.js';
import { ref } from '../schemas/schema.js';
import { holderOf } from '../security/bearer.js';
import { UNLIMITED } from '../security/rate.js';
import { hangUp } from './hang-up.js';
import { sendPicture } from './picture.js';

interface JobPath {
  Params: { id: string };
}

const tag = 'jobs';

/** Adds the order to a scope whose requests are authorised and bring images. */
export async function orderRoute(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  scope.post<OrderRequest>(
    '/v1/jobs',
    { bodyLimit: context.limits.bodyBytes, schema: orderSchema(context) },
    async (request, reply) => {
      const status = await submitOrder(request, context);
      reply.code(202).header('location', `/v1/jobs/${status.id}`);
      return status;
    },
  );
}

/** Adds the others to a scope whose requests are authorised. */
export async function jobRoutes(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const { queue } = context;
  scope.get<JobPath>('/v1/jobs/:id', { schema: STATUS }, (request) =>
    queue.status(request.params.id, holderOf(request).id),
  );
  scope.delete<JobPath>('/v1/jobs/:id', { schema: CANCEL, ...UNLIMITED }, (request) =>
    queue.cancel(request.params.id, holderOf(request).id),
  );
  addResult(scope, context);
  addEvents(scope, context);
}

function orderSchema({ limits }: BridgeContext) {
  return {
    ...answersJson(ref('JobStatus'), {
      summary: 'Order a drawing of the photo in the body',
      tag,
      status: 202,
      answers: 'The job.',
      answerHeaders: { location: { type: 'string', description: 'Where the job is.' } },
      querystring: optionsQuery(limits.megapixels),
      headers: orderHeaders,
    }),
    ...IMAGE_BODY,
  };
}

const STATUS = answersJson(ref('JobStatus'), {
  summary: 'How a job stands',
  tag,
  params: jobParams,
  answers: 'The job. One that nobody asks for is dropped.',
});

const CANCEL = answersJson(ref('JobStatus'), {
  summary: 'Cancel a job',
  tag,
  params: jobParams,
  answers: 'The job; one that has ended stays as it is.',
});

function addResult(scope: FastifyInstance, { queue }: BridgeContext): void {
  const schema = answersMedia(PICTURE_TYPES, {
    summary: 'A picture that a job made',
    tag,
    params: jobParams,
    querystring: pictureQuery,
    answers: 'An image file.',
  });
  interface Request extends JobPath {
    Querystring: { picture?: number; thumbnail?: number };
  }
  scope.get<Request>('/v1/jobs/:id/result', { schema }, async (request, reply) => {
    const { params, query } = request;
    const picture = await queue.picture(params.id, holderOf(request).id, query.picture ?? 0);
    return sendPicture(
      reply,
      query.thumbnail === undefined ? picture : await shrink(picture, query.thumbnail),
    );
  });
}

async function shrink({ bytes, ...rest }: ResultPicture, sidePx: number): Promise<ResultPicture> {
  return { ...rest, bytes: await drawThumbnail(bytes, sidePx), type: 'image/jpeg' };
}

function addEvents(scope: FastifyInstance, { queue, limits }: BridgeContext): void {
  const schema = answersMedia(['text/event-stream'], {
    summary: 'What happens to a job, as server-sent events',
    tag,
    params: jobParams,
    querystring: eventsQuery,
    headers: eventsHeaders,
    answers:
      'One JobEvent as JSON in each `data:` line, until the job has ended; then 204 for who has seen them all.',
  });
  interface Request extends JobPath {
    Querystring: { after?: number };
    Headers: { 'last-event-id'?: number };
  }
  scope.get<Request>('/v1/jobs/:id/events', { schema }, async (request, reply) => {
    const { params, query, headers } = request;
    const owner = holderOf(request).id;
    // A job that is not there is told before the stream begins.
    const { finishedAt } = await queue.status(params.id, owner);
    const after = query.after ?? headers['last-event-id'] ?? 0;
    const events = follow(queue, { id: params.id, owner, after, pulseMs: limits.pulseMs }, hangUp(reply));
    // After the end of a stream its readers come back, until they are told that nothing follows.
    const first = finishedAt === undefined ? undefined : await events.next();
    if (first?.done) return reply.code(204).send();
    return sendEvents(reply, lines(events, first?.value));
  });
}

function sendEvents(reply: FastifyReply, lines: AsyncGenerator<string>): FastifyReply {
  return reply.type('text/event-stream; charset=utf-8').send(Readable.from(lines));
}

async function* lines(
  events: AsyncGenerator<JobEvent | undefined>,
  first: JobEvent | undefined,
): AsyncGenerator<string> {
  // Begins the stream, and says after how many milliseconds to come back when it breaks.
  yield 'retry: 1000\n\n';
  if (first !== undefined) yield lineOf(first);
  for await (const event of events) yield event === undefined ? ': waiting\n\n' : lineOf(event);
}

const lineOf = (event: JobEvent): string => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
