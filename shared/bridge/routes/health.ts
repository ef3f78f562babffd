// `GET /health`: that this is a bridge, and of which age. Open to everybody, and says nothing else.

import type { FastifyInstance } from 'fastify';
import { VERSION } from '../../version.js';
import { API_VERSION, type Health } from '../protocol.js';
import { answersJson } from '../schemas/documents.js';
import { ref } from '../schemas/schema.js';

const HEALTH: Health = { name: 'nigaoe', version: VERSION, apiVersion: API_VERSION };

export async function healthRoute(scope: FastifyInstance): Promise<void> {
  const schema = answersJson(ref('Health'), {
    summary: 'Whether a bridge is here',
    tag: 'facts',
    open: true,
    answers: 'Its version.',
  });
  scope.get('/health', { schema }, async () => HEALTH);
}
