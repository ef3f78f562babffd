// How failures are answered: `{error: {code, message, hint}}` with the status of the one table.

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { asFailure, type FAILURES, NigaoeError } from '../errors.js';
import { retryAfterOf } from './busy.js';
import type { BridgeContext } from './context.js';
import { explainInvalid } from './invalid.js';
import { JobFailure } from './jobs/refusals.js';
import { wrongType } from './security/body.js';
import { wordFailure } from './wording.js';

/** Answers a failure; what is our own fault is also told to the person beside the bridge. */
export function answerFailure(
  thrown: unknown,
  {
    request,
    reply,
    context: { say, limits },
  }: { request: FastifyRequest; reply: FastifyReply; context: BridgeContext },
): void {
  const failure = failureOf(thrown, request);
  const retryAfterS = retryAfterOf(thrown);
  if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS));
  if (failure.code === 'unauthorised') reply.header('www-authenticate', 'Bearer realm="nigaoe"');
  // The rest of a body that was refused is read and thrown away, within the time that a request has: cutting the
  // connection instead would lose this answer on its way.
  reply.removeHeader('connection');
  const isOld = failure instanceof JobFailure;
  if (OURS.has(failure.code) && !isOld) say({ event: 'failure', message: failure.message });
  reply
    .code(failure.status)
    .type('application/json; charset=utf-8')
    .send({ error: wordFailure(failure.toJSON(), limits) });
}

/** What the person beside the bridge has to repair. */
const OURS: ReadonlySet<string> = new Set<keyof typeof FAILURES>(['internal', 'store-unwritable']);

/** For routes that do not exist. */
export function unknownRoute({ method, url }: FastifyRequest): NigaoeError {
  const path = url.split('?')[0].slice(0, 100);
  return new NigaoeError('not-found', `Expected a route of the bridge but received ${method} ${path}`, {
    hint: 'GET /openapi.json lists them all.',
  });
}

function failureOf(thrown: unknown, request: FastifyRequest): NigaoeError {
  if (thrown instanceof NigaoeError) return thrown;
  const { code = '', statusCode, validation, message } = thrown as Partial<FastifyError>;
  if (validation !== undefined) return explainInvalid(thrown as FastifyError);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(request);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return wrongBody(request);
  if (statusCode !== undefined && statusCode < 500)
    return new NigaoeError('options', `Expected a request that can be read but: ${message}`, {
      cause: thrown,
    });
  return asFailure(thrown);
}

function wrongBody({ headers, routeOptions }: FastifyRequest): NigaoeError {
  if (routeOptions.url !== '/pair') return wrongType(headers['content-type']);
  return new NigaoeError('options', 'Expected a body of content type application/json');
}

function tooLarge({ routeOptions }: FastifyRequest): NigaoeError {
  const limit =
    routeOptions.url === '/pair' ? 'a few words' : `${Math.floor(routeOptions.bodyLimit / 2 ** 20)} MiB`;
  return new NigaoeError('photo-too-large', `Expected a body of at most ${limit} but received more`, {
    hint: 'Scale the photo down first, or save it as JPEG.',
  });
}

/** An answer to what is no HTTP request at all, or did not arrive in time. */
export function rawFailure(reason: string | undefined): string {
  const [line, message] = RAW[reason ?? ''] ?? [
    '400 Bad Request',
    'Expected an HTTP request but received something else',
  ];
  const body = JSON.stringify({ error: { code: 'options' satisfies keyof typeof FAILURES, message } });
  const head = `HTTP/1.1 ${line}\r\ncontent-type: application/json; charset=utf-8\r\nconnection: close\r\n`;
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const RAW: Readonly<Record<string, readonly [line: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'Expected a whole request but it did not arrive in time'],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'Expected fewer or shorter headers but they are too large together',
  ],
};
