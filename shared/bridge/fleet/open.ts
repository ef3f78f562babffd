// Opens the queue in Redis for a bridge, or for a worker what it needs to draw for one.

import { expected } from '../../errors.js';
import { BookedQueue } from '../jobs/books.js';
import type { JobQueue, QueueOptions } from '../jobs/queue.js';
import { type Blobs, redisBlobs } from './blobs.js';
import { type Engine, openEngine, type RedisSettings } from './engine.js';
import { every } from './every.js';
import { Fleet } from './fleet.js';
import { checkFolder, findFolder, folderBlobs, sweepFolder } from './folder-blobs.js';
import { takeHold } from './hold.js';
import { orGone } from './in-time.js';
import { DEFAULT_SPACE, type Keys, keysOf } from './keys.js';
import type { WorkerCard } from './needs.js';

export interface FleetSettings extends RedisSettings {
  /** A folder that bridge and workers share, for pictures on their way. Default: they go through Redis. */
  blobs?: string | undefined;
}

/** The queue, and what else a bridge asks of its fleet. */
export interface FleetQueue extends JobQueue {
  /** The workers that live. */
  workers(): Promise<readonly WorkerCard[]>;
}

export interface FleetQueueOptions extends QueueOptions {
  /** Whether equal orders are drawn once. Default true. */
  sharesDrawings?: boolean;
  onNotice?: (sentence: string) => void;
}

const FAREWELL_MS = 8_000;
const SWEEP_MS = 60 * 60_000;
/** Much more than in memory: photos lie elsewhere. Redis itself needs room for 4 GiB, or `blobs` names a folder. */
const LIMITS = {
  waiting: 10_000,
  waitingBytes: 4 * 2 ** 30,
  waitingPerOwner: 5_000,
  kept: 10_000,
  keptBytes: 4 * 2 ** 30,
};

/**
 * Opens the queue of a bridge. Closing it leaves its jobs to the next one.
 * @throws what `openEngine` throws, `conflict` where another bridge has it, `output-unwritable` for a folder that takes nothing
 */
export async function openFleetQueue(
  settings: FleetSettings,
  { sharesDrawings, onNotice, limits, ...options }: FleetQueueOptions = {},
): Promise<FleetQueue> {
  const base = await openBase(settings);
  const { engine, keys } = base;
  const ends: (() => Promise<void>)[] = [() => engine.close()];
  const end = async () => {
    for (const farewell of ends.splice(0).reverse()) await orGone(farewell(), FAREWELL_MS);
  };
  try {
    const fleets: Fleet[] = [];
    const hold = await takeHold(engine.redis, keys.bridge, () => {
      fleets[0]?.retire();
      onNotice?.('Another bridge has taken over the queue in Redis; this one takes no jobs any more.');
    });
    ends.push(() => hold.release());
    await warnOfLoss(engine, onNotice);
    const queue = new BookedQueue(
      (desk) => {
        fleets.push(
          new Fleet(
            {
              ...base,
              onNotice,
              ...(sharesDrawings === undefined ? {} : { sharesDrawings }),
            },
            desk,
          ),
        );
        return fleets[0];
      },
      { ...options, limits: { ...LIMITS, ...limits } },
    );
    const [fleet] = fleets;
    ends.push(() => queue.close());
    await fleet.start();
    if (settings.blobs !== undefined) sweepNowAndThen(settings.blobs, ends);
    return new OpenFleetQueue(queue, fleet, end);
  } catch (error) {
    await end();
    throw error;
  }
}

/** What nobody released goes once an hour. */
function sweepNowAndThen(folder: string, ends: (() => Promise<void>)[]): void {
  const timer = every(SWEEP_MS, () => sweepFolder(folder)).unref();
  ends.push(async () => clearInterval(timer));
}

/** Connection, keys and pictures on their way, for bridge and worker alike. */
export async function openBase(
  settings: FleetSettings,
): Promise<{ engine: Engine; keys: Keys; blobs: Blobs }> {
  if (settings.blobs !== undefined) await checkFolder(settings.blobs);
  return connect(settings);
}

/** The same for those who only look: nothing is written into the folder, nor swept out of it. */
export async function openToLook(settings: FleetSettings): ReturnType<typeof openBase> {
  if (settings.blobs !== undefined) await findFolder(settings.blobs);
  return connect(settings);
}

async function connect({
  space = DEFAULT_SPACE,
  blobs,
  ...settings
}: FleetSettings): ReturnType<typeof openBase> {
  if (!/^[\w-]{1,40}$/.test(space)) throw expected('1 to 40 letters, digits, - or _', '--space', space);
  const engine = await openEngine(settings);
  const keys = keysOf(space);
  return { engine, keys, blobs: blobs === undefined ? redisBlobs(engine.redis, keys) : folderBlobs(blobs) };
}

/** What a Redis that is set up otherwise would lose. */
async function warnOfLoss({ redis }: Engine, onNotice: FleetQueueOptions['onNotice']): Promise<void> {
  const read = async (name: string) => ((await redis.config('GET', name).catch(() => [])) as string[])[1];
  if ((await read('appendonly')) === 'no')
    onNotice?.('Redis keeps nothing on the disk: with `appendonly yes` jobs survive its restart.');
  const policy = await read('maxmemory-policy');
  if (policy !== undefined && policy !== 'noeviction')
    onNotice?.(
      `Redis throws jobs away when its memory is full (${policy}): set maxmemory-policy noeviction.`,
    );
}

class OpenFleetQueue implements FleetQueue {
  readonly #queue: BookedQueue;
  readonly #fleet: Fleet;
  readonly #end: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(queue: BookedQueue, fleet: Fleet, end: () => Promise<void>) {
    this.#queue = queue;
    this.#fleet = fleet;
    this.#end = end;
  }

  readonly submit: JobQueue['submit'] = (order) => this.#queue.submit(order);
  readonly status: JobQueue['status'] = (...which) => this.#queue.status(...which);
  readonly picture: JobQueue['picture'] = (...which) => this.#queue.picture(...which);
  readonly cancel: JobQueue['cancel'] = (...which) => this.#queue.cancel(...which);
  readonly cancelAll: JobQueue['cancelAll'] = (owner) => this.#queue.cancelAll(owner);
  readonly events: JobQueue['events'] = (...which) => this.#queue.events(...which);
  readonly gauges: JobQueue['gauges'] = () => this.#queue.gauges();
  readonly drain: JobQueue['drain'] = (limitMs) => this.#queue.drain(limitMs);

  workers(): Promise<readonly WorkerCard[]> {
    return this.#fleet.roster.read();
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }
}
