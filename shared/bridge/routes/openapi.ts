// `GET /openapi.json`: all routes with what they take and answer, from the schemas that do the checking.

import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { VERSION } from '../../version.js';
import type { BridgeContext } from '../context.js';
import { ANSWERS } from '../schemas/answers.js';
import { BINARY } from '../schemas/documents.js';

/** Collects the routes that are added afterwards. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  for (const body of ANSWERS) app.addSchema(body);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'nigaoe bridge',
        version: VERSION,
        description:
          'Draws photos on the computer that it runs on. Pair first; then send the token with each request.',
        license: { name: 'MIT' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    // Bodies that are images are checked by their parsers, not by a schema.
    transform: ({ schema, url }) => ({
      schema: schema?.consumes === undefined ? schema : { ...schema, body: BINARY },
      url,
    }),
    refResolver: { buildLocalReference: ({ $id }) => String($id) },
  });
}

/** Adds the route to a scope whose requests are authorised. */
export async function openapiRoute(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  scope.get('/openapi.json', { schema: { hide: true } }, async () => ({
    ...(scope.swagger() as object),
    servers: [...context.names.origins].map((url) => ({ url })),
  }));
}
