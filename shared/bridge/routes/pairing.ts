// The routes of pairing: a code is traded for a token, and the bridge's own page may see the code.

import type { FastifyInstance } from 'fastify';
import { NigaoeError } from '../../errors.js';
import type { BridgeContext } from '../context.js';
import type { PairAnswer, PairRequest } from '../protocol.js';
import { answersJson } from '../schemas/documents.js';
import { pairBody } from '../schemas/requests.js';
import { ref } from '../schemas/schema.js';
import { holderOf } from '../security/bearer.js';
import { checkNearby } from '../security/nearby.js';

const MOST_BODY_BYTES = 1_000;
const tag = 'pairing';

/** `POST /pair`, open to everybody on this machine. */
export async function pairRoute(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: MOST_BODY_BYTES },
    scope.getDefaultJsonParser('error', 'error'),
  );
  const schema = answersJson(ref('PairAnswer'), {
    summary: 'Trade the pairing code for a token',
    tag,
    open: true,
    body: pairBody,
    answers: 'The token.',
  });
  scope.post<{ Body: PairRequest }>('/pair', { schema, bodyLimit: MOST_BODY_BYTES }, (request) => {
    checkNearby(request);
    return pair(request.body, context);
  });
}

/** `GET /v1/pairing`, for tokens of the page alone: a paired program must not pair others. */
export async function pairingRoute(scope: FastifyInstance, { pairing }: BridgeContext): Promise<void> {
  const schema = answersJson(ref('PairingInfo'), {
    summary: "The pairing code, for the bridge's own page",
    tag,
    answers: 'The code and how long it is good.',
  });
  scope.get('/v1/pairing', { schema }, async (request) => {
    if (holderOf(request).isPage) return pairing.current();
    throw new NigaoeError(
      'forbidden',
      "Expected the bridge's own page but another program asks for the code",
      {
        hint: 'The code stands in the terminal of `nigaoe serve`.',
      },
    );
  });
}

async function pair(body: PairRequest, { pairing, tokens, say }: BridgeContext): Promise<PairAnswer> {
  // A name is shown in terminals, which would obey it.
  const name = body.name.replace(/\p{Cc}/gu, ' ');
  // As it is printed, in two groups.
  const code = body.code.replace(/^(\d{3})[ -](\d{3})$/, '$1$2');
  if (pairing.redeem(code) === 'page') return tokens.addPage(name);
  const { token, id } = await tokens.add(name);
  say({ event: 'paired', id, name });
  return { token, id };
}
