// Drawings that were given up after all their tries: which there are and why, and how they are tried again.

import type { Queue } from 'bullmq';
import { NigaoeError } from '../../errors.js';
import { OPTION_NAMES, OPTIONS, type Options, type PartialOptions } from '../../options.js';
import { ringBell } from './bell.js';
import type { Blobs } from './blobs.js';
import type { Engine } from './engine.js';
import type { Keys } from './keys.js';
import type { BullDrawing } from './lanes.js';
import { type DrawingOrder, type DrawingResult, ofPhoto, unpackFailure } from './order.js';

/** Where drawings and their photos lie. */
export interface Base {
  engine: Engine;
  keys: Keys;
  blobs: Blobs;
}

export interface FailedDrawing {
  id: string;
  lane: string;
  /** Of the photo. */
  name?: string;
  /** Those that are not as they are by default. */
  options: PartialOptions;
  failure: NigaoeError;
  /** How often it was begun. */
  tries: number;
  /** ISO 8601, UTC. */
  failedAt: string;
  /** Whether the photo is still there; without it there is nothing to try again. */
  hasPhoto: boolean;
}

/** What became of one that should be tried again. */
export interface Retried {
  id: string;
  name?: string;
  /** Why it stays as it is. */
  error?: NigaoeError;
}

interface Found {
  job: BullDrawing;
  lane: string;
}

/** Those that failed for no reason that their photo or their options give, the latest first. */
export async function failedDrawings(base: Base): Promise<FailedDrawing[]> {
  const found = await withLanes(base, findAll);
  const drawings = await Promise.all(found.map((each) => describe(each, base.blobs)));
  return drawings.sort((a, b) => b.failedAt.localeCompare(a.failedAt));
}

/** Has them drawn again, with all their tries before them; one after the other, as it is iterated. */
export async function* retryDrawings(base: Base, ids: readonly string[] | 'all'): AsyncGenerator<Retried> {
  const known = await withLanes(base, findAll);
  const wanted = ids === 'all' ? known.map(({ job }) => job.id!) : new Set(ids);
  for (const id of wanted) {
    const found = known.find(({ job }) => job.id === id);
    yield found === undefined ? { id, error: unknownDrawing(id) } : await retry(found, base);
  }
}

type LaneQueue = Queue<DrawingOrder, DrawingResult>;

/** Does it with the queues of all lanes, from which nothing is taken. */
async function withLanes<Answer>(
  { engine, keys }: Base,
  work: (queues: readonly LaneQueue[]) => Promise<Answer>,
): Promise<Answer> {
  const lanes = await engine.redis.hkeys(keys.laneNeeds);
  const queues = lanes.map((lane) => {
    const base = { prefix: keys.lanes, connection: engine.redis, skipMetasUpdate: true };
    const queue: LaneQueue = new engine.bull.Queue(lane, base);
    // Lost connections come back by themselves.
    return queue.on('error', () => undefined);
  });
  try {
    return await work(queues);
  } finally {
    for (const queue of queues) await queue.close();
  }
}

/** The longest given up first. */
async function findAll(queues: readonly LaneQueue[]): Promise<Found[]> {
  const found: Found[] = [];
  // Gone meanwhile, or failed for a reason that no other try would change.
  for (const queue of queues)
    for (const job of await queue.getFailed())
      if (job?.failedReason && unpackFailure(job.failedReason).code === 'internal')
        found.push({ job, lane: queue.name });
  return found.sort((a, b) => (a.job.finishedOn ?? 0) - (b.job.finishedOn ?? 0));
}

async function describe({ job, lane }: Found, blobs: Blobs): Promise<FailedDrawing> {
  const { photo, options, name } = job.data;
  return {
    ...{ id: job.id!, lane, ...(name === undefined ? {} : { name }) },
    options: changedOf(options),
    failure: unpackFailure(job.failedReason),
    tries: triesOf(job),
    failedAt: new Date(job.finishedOn ?? 0).toISOString(),
    hasPhoto: await blobs.has(photo),
  };
}

/** One over which the last worker died was taken once more, only to be told so. */
const triesOf = ({ attemptsMade, stalledCounter, deferredFailure }: BullDrawing): number =>
  attemptsMade + stalledCounter - (deferredFailure ? 1 : 0);

function changedOf(options: Options): PartialOptions {
  const isChanged = (name: keyof Options) =>
    JSON.stringify(options[name]) !== JSON.stringify(OPTIONS[name].default);
  return Object.fromEntries(OPTION_NAMES.filter(isChanged).map((name) => [name, options[name]]));
}

async function retry({ job, lane }: Found, { engine: { redis }, keys, blobs }: Base): Promise<Retried> {
  const id = job.id!;
  const named = { id, ...(job.data.name === undefined ? {} : { name: job.data.name }) };
  const bytes = await blobs.get(job.data.photo);
  if (bytes === undefined) return { ...named, error: photoGone(id) };
  // For another day.
  await blobs.put(bytes, job.data.photo, ofPhoto(id));
  // BullMQ leaves these, and the next worker would give it up at once: that others died over it, and that nobody wanted it.
  await redis.pipeline().hdel(`${keys.lanes}:${lane}:${id}`, 'defa', 'stc').del(keys.dropped(id)).exec();
  try {
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
  } catch {
    return { ...named, error: unknownDrawing(id) };
  }
  await ringBell(redis, keys, lane);
  return named;
}

function unknownDrawing(id: string): NigaoeError {
  return new NigaoeError(
    'not-found',
    `Expected the id of a drawing that was given up but received ${JSON.stringify(id)}`,
    { hint: '`nigaoe queue failed` shows the ids.' },
  );
}

const photoGone = (id: string): NigaoeError =>
  new NigaoeError('not-found', `Expected the photo of ${id} to be there still but it has gone`, {
    hint: 'Photos are kept for a day: send it again. Where the bridge has --blobs, give the same folder here.',
  });
