// A request that brings a photo -> the order of a job.

import type { FastifyRequest } from 'fastify';
import { OPTIONS, type PartialBridgeOptions } from '../../options.js';
import type { BridgeContext } from '../context.js';
import type { JobStatus, Priority } from '../protocol.js';
import { holderOf } from '../security/bearer.js';
import { imageOf } from '../security/body.js';
import { checkIds, checkModels } from './models.js';

export interface OrderRequest {
  Querystring: PartialBridgeOptions;
  Headers: { 'idempotency-key'?: string; 'x-file-name'?: string; 'x-priority'?: Priority };
}

const MOST_NAME_CHARACTERS = 120;

/** Checks a photo and its options, and queues the job. */
export async function submitOrder(
  request: FastifyRequest<OrderRequest>,
  context: BridgeContext,
): Promise<JobStatus> {
  const { headers, query, body } = request;
  const name = nameOf(headers['x-file-name']);
  const bytes = imageOf(body, name);
  // What workers have, the queue knows.
  if (context.fleet === undefined) await checkModels(query, context.store);
  else checkIds(query);
  return context.queue.submit({
    bytes,
    // Without a wish, the limit of this bridge holds where it is below the default.
    options: {
      ...query,
      maxPixels: query.maxPixels ?? Math.min(context.limits.megapixels, OPTIONS.maxPixels.default),
    },
    owner: holderOf(request).id,
    name,
    idempotencyKey: headers['idempotency-key'],
    priority: headers['x-priority'],
  });
}

/** Headers carry ASCII: names come percent-encoded. What is left of a path is its last part. */
function nameOf(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  return decoded(header)
    .replace(/^.*[\\/]/s, '')
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, MOST_NAME_CHARACTERS);
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}
