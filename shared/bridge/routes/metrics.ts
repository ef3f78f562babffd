// `GET /metrics`: how busy the bridge is, for Prometheus.

import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BridgeContext } from '../context.js';
import type { QueueGauges } from '../jobs/queue.js';
import { answersMedia } from '../schemas/documents.js';

const REQUEST_BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30];

/** Counts the requests of the whole app from now on. */
export function countRequests(app: FastifyInstance): Registry {
  const registers = [new Registry()];
  const requests = new Histogram({
    name: 'nigaoe_request_seconds',
    help: 'Time of requests by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: REQUEST_BUCKETS_S,
    registers,
  });
  app.addHook('onResponse', async ({ routeOptions, method }, { statusCode, elapsedTime }) => {
    // Paths of clients are no labels: there is no end to them.
    requests.observe({ route: routeOptions.url ?? 'none', method, status: statusCode }, elapsedTime / 1000);
  });
  return registers[0];
}

/** Adds the route to a scope whose requests are authorised. */
export async function metricsRoute(
  scope: FastifyInstance,
  { queue }: BridgeContext,
  registry: Registry,
): Promise<void> {
  gauge(registry, 'nigaoe_jobs_queued', 'Jobs that wait', () => queue.gauges().queued);
  gauge(registry, 'nigaoe_jobs_queued_bytes', 'Bytes of their photos', () => queue.gauges().queuedBytes);
  gauge(registry, 'nigaoe_jobs_running', 'Jobs that are drawn', () => queue.gauges().running);
  gauge(registry, 'nigaoe_results_kept', 'Finished jobs that are kept', () => queue.gauges().kept);
  gauge(registry, 'nigaoe_results_bytes', 'Bytes of kept results', () => queue.gauges().keptBytes);
  gauge(registry, 'process_resident_memory_bytes', 'Memory of the bridge without its engine', () =>
    process.memoryUsage.rss(),
  );
  countEnds(registry, () => queue.gauges());
  const schema = answersMedia(['text/plain'], {
    summary: 'Figures for Prometheus',
    tag: 'facts',
    answers: 'The text format of Prometheus.',
  });
  scope.get('/metrics', { schema }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const collect = () => measure.set(read());
  const measure: Gauge = new Gauge({ name, help, registers: [registry], collect });
}

/** The queue counts by itself: its sums are carried over when they are asked for. */
function countEnds(registry: Registry, gauges: () => QueueGauges): void {
  const counter: Counter = new Counter({
    name: 'nigaoe_jobs_ended_total',
    help: 'Jobs that ended, by their end',
    labelNames: ['end'],
    registers: [registry],
    collect: () => {
      counter.reset();
      for (const [end, sum] of Object.entries(gauges().ended)) counter.inc({ end }, sum);
    },
  });
}
