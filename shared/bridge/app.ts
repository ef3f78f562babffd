// The bridge as a handler of requests: guards first, then routes; no socket is opened here.

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { BridgeContext } from './context.js';
import { answerFailure, unknownRoute } from './failures.js';
import { factRoutes } from './routes/facts.js';
import { healthRoute } from './routes/health.js';
import { jobRoutes, orderRoute } from './routes/jobs.js';
import { countRequests, metricsRoute } from './routes/metrics.js';
import { describeRoutes, openapiRoute } from './routes/openapi.js';
import { pageRoutes } from './routes/page.js';
import { pairingRoute, pairRoute } from './routes/pairing.js';
import { previewRoute } from './routes/preview.js';
import { stylizeRoute } from './routes/stylize.js';
import { authorise } from './security/bearer.js';
import { overlookBodies, takeImages } from './security/body.js';
import { allowOrigin, answerPreflight } from './security/cors.js';
import { secureAnswer } from './security/headers.js';
import { checkHost } from './security/host.js';
import { IncomingBodies, limitIncoming } from './security/incoming.js';
import { checkOrigin } from './security/origin.js';
import { limitRate } from './security/rate.js';

/** Builds it; `app.routing` then handles the requests of whichever servers listen. */
export async function buildApp(context: BridgeContext): Promise<FastifyInstance> {
  const app = fastify({
    // Requests carry tokens and photos: nothing of them is written down.
    logger: false,
    // HEAD would do the work of GET for nobody: draw a preview, or listen to a job for ever.
    exposeHeadRoutes: false,
    // What is unknown is refused, and text of the query becomes numbers where the schema says so.
    ajv: { customOptions: { removeAdditional: false, useDefaults: false, coerceTypes: true, verbose: true } },
  });
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request, reply) => guard(request, reply, context));
  app.setErrorHandler((error, request, reply) => answerFailure(error, { request, reply, context }));
  app.setNotFoundHandler((request) => {
    throw unknownRoute(request);
  });
  const registry = countRequests(app);
  const incoming = new IncomingBodies(context.limits);
  await describeRoutes(app);
  await app.register((scope) => healthRoute(scope, context));
  await app.register(pageRoutes);
  await app.register((scope) => pairRoute(scope, context));
  await app.register(async (scope) => {
    scope.addHook('onRequest', (request) => authorise(request, context.tokens));
    await scope.register((inner) => addOrders(inner, context, incoming));
    await scope.register((inner) => addQuestions(inner, context));
    await scope.register((inner) => metricsRoute(inner, { context, registry, incoming }));
  });
  await app.ready();
  return app;
}

/** What has something drawn. */
async function addOrders(
  scope: FastifyInstance,
  context: BridgeContext,
  incoming: IncomingBodies,
): Promise<void> {
  const { ordersPerMinute, bodyBytes } = context.limits;
  await limitRate(scope, { perMinute: ordersPerMinute, what: 'orders' });
  await scope.register((inner) => previewRoute(inner, context));
  await scope.register(async (inner) => {
    takeImages(inner, bodyBytes);
    limitIncoming(inner, { incoming, bodyBytes });
    for (const routes of [orderRoute, stylizeRoute]) await inner.register((own) => routes(own, context));
  });
}

/** What asks how things are, or takes an order back. */
async function addQuestions(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  await limitRate(scope, { perMinute: context.limits.requestsPerMinute, what: 'requests' });
  overlookBodies(scope);
  for (const routes of [jobRoutes, factRoutes, pairingRoute, openapiRoute])
    await scope.register((inner) => routes(inner, context));
}

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
