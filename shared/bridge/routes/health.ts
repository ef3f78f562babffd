// `GET /health`: that this is a bridge, of which age, and how one gets in. Open to everybody, and says nothing else.

import type { FastifyInstance } from 'fastify';
import { VERSION } from '../../version.js';
import type { BridgeContext } from '../context.js';
import { API_VERSION, type Health } from '../protocol.js';
import { answersJson } from '../schemas/documents.js';
import { ref } from '../schemas/schema.js';

const HEALTH = { name: 'nigaoe', version: VERSION, apiVersion: API_VERSION } as const satisfies Health;

export async function healthRoute(scope: FastifyInstance, { pairing }: BridgeContext): Promise<void> {
  const schema = answersJson(ref('Health'), {
    summary: 'Whether a bridge is here',
    tag: 'facts',
    open: true,
    answers: 'Its version, and whether it trades codes.',
  });
  scope.get('/health', { schema }, async () => ({ ...HEALTH, pairing: pairing.tradesCodes }));
}
