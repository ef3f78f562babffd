// The drawing process: a stylizer that takes its orders from the parent's channel and ends with it.

import { Worker } from 'node:worker_threads';
import { asFailure } from '../errors.js';
import type { Progress } from '../job.js';
import type { FilmStylizer, StylizerOptions } from '../stylizer.js';
import type { JobRequest, JobResult, Order, Report } from './protocol.js';

let stylizer: Promise<FilmStylizer> | undefined;
let running: { id: number; stop: AbortController } | undefined;

// A terminal or a service supervisor signals the whole group. The parent decides what becomes of the job; when it goes,
// the channel closes and this process follows.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (order: Order) => void obey(order));
if (!process.connected) process.exit(0);
// 'disconnect' waits for a network that runs; the watch does not.
new Worker(new URL('watch.js', import.meta.url)).unref();

async function obey(order: Order): Promise<void> {
  if (order.type === 'open') await open(order);
  else if (order.type === 'draw') await draw(order);
  else if (order.type === 'cancel') cancel(order.id);
  else await close();
}

async function open({ id, options }: Extract<Order, { type: 'open' }>): Promise<void> {
  stylizer ??= load(options);
  await stylizer;
  tell({ type: 'ready', id });
}

// Only now, with the signals in hand: loading the native libraries takes most of the start.
async function load(options: StylizerOptions): Promise<FilmStylizer> {
  const { openStylizer } = await import('../stylizer.js');
  return openStylizer(options);
}

async function draw({ id, request }: Extract<Order, { type: 'draw' }>): Promise<void> {
  const stop = new AbortController();
  running = { id, stop };
  try {
    tell({ type: 'result', id, result: await work(id, request, stop.signal) });
  } catch (error) {
    const failure = asFailure(error);
    tell({ type: 'failure', id, failure: failure.toJSON(), cause: causeOf(failure) });
  } finally {
    running = undefined;
  }
}

async function work(id: number, request: JobRequest, signal: AbortSignal): Promise<JobResult> {
  if (stylizer === undefined) throw new Error('no stylizer was opened');
  const { options, name, acceptLicence } = request;
  const onProgress = (progress: Progress) => tell({ type: 'progress', id, progress });
  const run = { name, acceptLicence, signal, onProgress };
  if ('frame' in request) return (await stylizer).drawFrame(request.frame, options, run);
  return (await stylizer).stylize(request.bytes, options, run);
}

function cancel(id: number): void {
  if (running?.id === id) running.stop.abort();
}

async function close(): Promise<void> {
  try {
    await (await stylizer)?.close();
  } finally {
    process.exit(0);
  }
}

/** A cause that structured clone can carry, whatever was thrown. */
function causeOf({ cause }: Error): Error | undefined {
  if (cause === undefined) return undefined;
  if (!(cause instanceof Error)) return new Error(String(cause));
  const plain = new Error(cause.message);
  plain.stack = cause.stack;
  return plain;
}

// The callback takes what would else be thrown when the parent is gone; 'disconnect' follows.
function tell(report: Report): void {
  process.send?.(report, undefined, {}, () => undefined);
}
