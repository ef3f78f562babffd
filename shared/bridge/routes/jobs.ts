// The routes of jobs: order, look, fetch, cancel, listen.

import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BridgeContext } from '../context.js';
import { follow } from '../orders/follow.js';
import { type OrderRequest, submitOrder } from '../orders/order.js';
import type { JobEvent } from '../protocol.js';
import { answersJson, answersMedia, IMAGE_BODY, PICTURE_TYPES } from '../schemas/documents.js';
import { optionsQuery } from '../schemas/options.js';
import { eventsHeaders, eventsQuery, jobParams, orderHeaders, pictureQuery } from '../schemas/requests.js';
import { ref } from '../schemas/schema.js';
import { holderOf } from '../security/bearer.js';
import { takeImages } from '../security/body.js';
import { hangUp } from './hang-up.js';

interface JobPath {
  Params: { id: string };
}

const tag = 'jobs';

/** Adds them to a scope whose requests are authorised. */
export async function jobRoutes(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const { queue, limits } = context;
  takeImages(scope, limits.bodyBytes);
  scope.post<OrderRequest>(
    '/v1/jobs',
    { bodyLimit: limits.bodyBytes, schema: orderSchema(context) },
    async (request, reply) => {
      const status = await submitOrder(request, context);
      reply.code(202).header('location', `/v1/jobs/${status.id}`);
      return status;
    },
  );
  scope.get<JobPath>('/v1/jobs/:id', { schema: STATUS }, (request) =>
    queue.status(request.params.id, holderOf(request).id),
  );
  scope.delete<JobPath>('/v1/jobs/:id', { schema: CANCEL }, (request) =>
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
      answers: 'The job; its place is in Location.',
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
  scope.get<JobPath & { Querystring: { picture?: number } }>(
    '/v1/jobs/:id/result',
    { schema },
    async (request, reply) => {
      const { params, query } = request;
      const { bytes, type } = await queue.picture(params.id, holderOf(request).id, query.picture ?? 0);
      return reply.type(type).send(asBuffer(bytes));
    },
  );
}

function addEvents(scope: FastifyInstance, { queue, limits }: BridgeContext): void {
  const schema = answersMedia(['text/event-stream'], {
    summary: 'What happens to a job, as server-sent events',
    tag,
    params: jobParams,
    querystring: eventsQuery,
    headers: eventsHeaders,
    answers: 'One JobEvent as JSON in each `data:` line, until the job has ended.',
  });
  interface Request extends JobPath {
    Querystring: { after?: number };
    Headers: { 'last-event-id'?: number };
  }
  scope.get<Request>('/v1/jobs/:id/events', { schema }, async (request, reply) => {
    const { params, query, headers } = request;
    const owner = holderOf(request).id;
    // A job that is not there is told before the stream begins.
    await queue.status(params.id, owner);
    const after = query.after ?? headers['last-event-id'] ?? 0;
    const events = follow(queue, { id: params.id, owner, after, pulseMs: limits.pulseMs }, hangUp(reply));
    return sendEvents(reply, events);
  });
}

function sendEvents(reply: FastifyReply, events: AsyncGenerator<JobEvent | undefined>): FastifyReply {
  return reply.type('text/event-stream; charset=utf-8').send(Readable.from(lines(events)));
}

async function* lines(events: AsyncGenerator<JobEvent | undefined>): AsyncGenerator<string> {
  // Begins the stream, and says after how many milliseconds to come back when it breaks.
  yield 'retry: 1000\n\n';
  for await (const event of events)
    yield event === undefined ? ': waiting\n\n' : `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
