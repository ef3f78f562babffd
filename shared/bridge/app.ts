// The bridge as a handler of requests: guards first, then routes; no socket is opened here.

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { BridgeContext } from './context.js';
import { answerFailure, unknownRoute } from './failures.js';
import { factRoutes } from './routes/facts.js';
import { healthRoute } from './routes/health.js';
import { jobRoutes } from './routes/jobs.js';
import { countRequests, metricsRoute } from './routes/metrics.js';
import { describeRoutes, openapiRoute } from './routes/openapi.js';
import { pageRoutes } from './routes/page.js';
import { pairingRoute, pairRoute } from './routes/pairing.js';
import { previewRoute } from './routes/preview.js';
import { stylizeRoute } from './routes/stylize.js';
import { authorise } from './security/bearer.js';
import { allowOrigin, answerPreflight } from './security/cors.js';
import { secureAnswer } from './security/headers.js';
import { checkHost } from './security/host.js';
import { checkOrigin } from './security/origin.js';
import { limitRate } from './security/rate.js';

/** Builds it; `app.routing` then handles the requests of whichever servers listen. */
export async function buildApp(context: BridgeContext): Promise<FastifyInstance> {
  const app = fastify({
    // Requests carry tokens and photos: nothing of them is written down.
    logger: false,
    // What is unknown is refused, and text of the query becomes numbers where the schema says so.
    ajv: { customOptions: { removeAdditional: false, useDefaults: false, coerceTypes: true, verbose: true } },
  });
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request, reply) => guard(request, reply, context));
  app.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, say: context.say }));
  app.setNotFoundHandler((request) => {
    throw unknownRoute(request);
  });
  const registry = countRequests(app);
  await describeRoutes(app);
  await app.register(healthRoute);
  await app.register(pageRoutes);
  await app.register((scope) => pairRoute(scope, context));
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request) => authorise(request, context.tokens));
    await limitRate(scope, context.limits.requestsPerMinute);
    for (const routes of TOKEN_ROUTES) await scope.register((inner) => routes(inner, context));
    await scope.register((inner) => metricsRoute(inner, context, registry));
  });
  await app.ready();
  return app;
}

/** Routes behind the token check and the rate limit. */
const TOKEN_ROUTES = [jobRoutes, stylizeRoute, factRoutes, previewRoute, pairingRoute, openapiRoute] as const;

/** What every request passes, before its body is read and before anybody asks for a token. */
function guard(
  request: FastifyRequest,
  reply: FastifyReply,
  { names }: BridgeContext,
): FastifyReply | undefined {
  const { host, origin } = request.headers;
  secureAnswer(reply);
  checkHost(host, names);
  checkOrigin(origin, names);
  allowOrigin(origin, reply);
  return answerPreflight(request, reply) ? reply : undefined;
}
