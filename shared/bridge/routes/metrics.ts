// `GET /metrics`: how busy the bridge is, for Prometheus.

import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BridgeContext } from '../context.js';
import type { WorkerCard } from '../fleet/needs.js';
import type { JobQueue, QueueGauges } from '../jobs/queue.js';
import { answersMedia } from '../schemas/documents.js';
import type { IncomingBodies } from '../security/incoming.js';

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
  { context, registry, incoming }: { context: BridgeContext; registry: Registry; incoming: IncomingBodies },
): Promise<void> {
  const { queue } = context;
  for (const [name, help, read] of GAUGES)
    gauge(registry, { name, help, read: async () => read(await queue.gauges()) });
  gauge(registry, {
    name: 'nigaoe_incoming_bytes',
    help: 'Room that is held for photos on their way',
    read: async () => incoming.bytes,
  });
  gauge(registry, {
    name: 'process_resident_memory_bytes',
    help: 'Memory of the bridge without its engine',
    read: async () => process.memoryUsage.rss(),
  });
  if (context.fleet !== undefined) measureFleet(registry, context.fleet);
  countEnds(registry, queue);
  const schema = answersMedia(['text/plain'], {
    summary: 'Figures for Prometheus',
    tag: 'facts',
    answers: 'The text format of Prometheus.',
  });
  scope.get('/metrics', { schema }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

const GAUGES: readonly [name: string, help: string, read: (gauges: QueueGauges) => number][] = [
  ['nigaoe_jobs_queued', 'Jobs that wait', ({ queued }) => queued],
  ['nigaoe_jobs_queued_bytes', 'Bytes of their photos', ({ queuedBytes }) => queuedBytes],
  ['nigaoe_jobs_oldest_seconds', 'Age of the oldest job that waits', ({ oldestMs }) => oldestMs / 1000],
  ['nigaoe_jobs_running', 'Jobs that are drawn', ({ running }) => running],
  ['nigaoe_results_kept', 'Finished jobs that are kept', ({ kept }) => kept],
  ['nigaoe_results_bytes', 'Bytes of kept results', ({ keptBytes }) => keptBytes],
];

function measureFleet(registry: Registry, fleet: NonNullable<BridgeContext['fleet']>): void {
  const sum = async (read: (card: WorkerCard) => number) =>
    (await fleet.workers()).reduce((total, card) => total + read(card), 0);
  gauge(registry, { name: 'nigaoe_workers', help: 'Workers that live', read: () => sum(() => 1) });
  gauge(registry, {
    name: 'nigaoe_workers_busy',
    help: 'Workers that draw',
    read: () => sum(({ busy }) => Number(busy > 0)),
  });
  gauge(registry, {
    name: 'nigaoe_hands',
    help: 'Jobs that they can draw at a time',
    read: () => sum(({ hands }) => hands),
  });
  gauge(registry, {
    name: 'nigaoe_hands_busy',
    help: 'Jobs that they draw',
    read: () => sum(({ busy }) => busy),
  });
}

function gauge(
  registry: Registry,
  { name, help, read }: { name: string; help: string; read: () => Promise<number> },
): void {
  const collect = async () => measure.set(await read());
  const measure: Gauge = new Gauge({ name, help, registers: [registry], collect });
}

/** The queue counts by itself: its sums are carried over when they are asked for. */
function countEnds(registry: Registry, queue: JobQueue): void {
  const counter: Counter = new Counter({
    name: 'nigaoe_jobs_ended_total',
    help: 'Jobs that ended, by their end',
    labelNames: ['end'],
    registers: [registry],
    collect: async () => {
      const { ended } = await queue.gauges();
      counter.reset();
      for (const [end, sum] of Object.entries(ended)) counter.inc({ end }, sum);
    },
  });
}
