// How a route is described: what it takes and answers, for the checks and for openapi.json.

import type { FastifySchema } from 'fastify';
import { IMAGE_TYPES } from '../protocol.js';
import { ref, type Schema } from './schema.js';

/** What a route takes; each part a schema. */
interface Takes {
  params?: Schema;
  querystring?: Schema;
  headers?: Schema;
  body?: Schema;
}

interface Description extends Takes {
  summary: string;
  tag: string;
  /** A route without a token. */
  open?: boolean;
  /** Status of success; default 200. */
  status?: number;
  answers: string;
  /** Headers of the answer. */
  answerHeaders?: Readonly<Record<string, Schema>>;
}

/** A route that answers JSON. */
export function answersJson(answer: Schema, description: Description): FastifySchema {
  return describe({ description: description.answers, ...answer }, description);
}

/** A route that answers something of another media type. */
export function answersMedia(types: readonly string[], description: Description): FastifySchema {
  const content = types.map((type) => [type, { schema: BINARY }] as const);
  return describe({ description: description.answers, content: Object.fromEntries(content) }, description);
}

/** Media types of the pictures that jobs make. */
export const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'];

/** Says in openapi.json that the body is an image file; the parsers of the scope do the checking. */
export const IMAGE_BODY = { consumes: [...IMAGE_TYPES] };

/** An image file, where a document describes one. */
export const BINARY: Schema = { type: 'string', format: 'binary' };

const RETRY_AFTER: Schema = { type: 'integer', description: 'Seconds; where another try may help.' };

function describe(
  success: object,
  { summary, tag, open = false, status = 200, ...rest }: Description,
): FastifySchema {
  const { answers: _, answerHeaders: headers, ...takes } = rest;
  const failure = {
    description: 'What went wrong.',
    headers: { 'retry-after': RETRY_AFTER },
    ...ref('FailureBody'),
  };
  return {
    summary,
    tags: [tag],
    ...(open ? { security: [] } : {}),
    ...takes,
    response: {
      [status]: headers === undefined ? success : { ...success, headers },
      '4xx': failure,
      '5xx': failure,
    },
  };
}
