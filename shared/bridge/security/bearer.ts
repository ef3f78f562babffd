// The token check: who may use the bridge, and whose jobs are whose.

import type { FastifyRequest } from 'fastify';
import { NigaoeError } from '../../errors.js';
import type { Holder, TokenList } from '../tokens/list.js';

const holders = new WeakMap<FastifyRequest, Holder>();

/** Throws `unauthorised` for a request without a token that is in the list. */
export async function authorise(request: FastifyRequest, tokens: TokenList): Promise<void> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined)
    throw unauthorised('Expected a token in the header Authorization but there is none');
  const holder = await tokens.find(token);
  if (holder === undefined)
    throw unauthorised('Expected a token that this bridge knows but received another');
  holders.set(request, holder);
}

/** Who sent a request that was authorised. */
export function holderOf(request: FastifyRequest): Holder {
  const holder = holders.get(request);
  if (holder === undefined) throw new Error('internal: a route is open to requests without a token');
  return holder;
}

function unauthorised(message: string): NigaoeError {
  return new NigaoeError('unauthorised', message, {
    hint: 'POST /pair trades the six-digit code that `nigaoe serve` shows for a token; where it shows none, `nigaoe tokens create NAME` on its computer makes one. A token may have been revoked.',
  });
}
