// What requests carry besides options and bytes, as JSON schemas.

import { PRIORITIES } from '../protocol.js';
import { object, type Schema } from './schema.js';

/** `/v1/jobs/:id` */
export const jobParams = object({
  id: { type: 'string', minLength: 1, maxLength: 100, description: 'What the order was answered with.' },
});

/** `/v1/styles/:id/preview` */
export const styleParams = object({
  id: { type: 'string', minLength: 1, maxLength: 100, description: 'An id of GET /v1/styles.' },
});

export const pictureQuery = object({
  'picture?': { type: 'integer', minimum: 0, maximum: 10_000, description: 'Which one, from 0.' },
  'thumbnail?': {
    type: 'integer',
    minimum: 16,
    maximum: 1024,
    description: 'Pixels of the longer side of a small JPEG that is made of it.',
  },
});

const sequence: Schema = {
  type: 'integer',
  minimum: 0,
  description: 'Number of the last event that the client has seen.',
};

export const eventsQuery = object({ 'after?': sequence });

/** Headers: others may stand beside them. */
const headers = (properties: Readonly<Record<string, Schema>>): Schema => ({ type: 'object', properties });

export const eventsHeaders = headers({ 'last-event-id': sequence });

export const orderHeaders = headers({
  'idempotency-key': {
    type: 'string',
    minLength: 1,
    maxLength: 200,
    description: 'The same key gives the same job again, as long as it is kept.',
  },
  'x-file-name': {
    type: 'string',
    maxLength: 1_000,
    description: 'Name of the photo for error sentences, percent-encoded.',
  },
  'x-priority': {
    type: 'string',
    enum: PRIORITIES,
    default: 'interactive',
    description: 'Whether a person waits for the drawing: all interactive jobs are drawn before batch ones.',
  },
});

export const pairBody = object({
  // Else the key of the page, which nobody types.
  code: { type: 'string', pattern: '^(\\d{3}[ -]?\\d{3}|[\\w-]{16,100})$', description: 'Six digits.' },
  name: { type: 'string', minLength: 1, maxLength: 80, description: 'Who asks, for the list of tokens.' },
});
