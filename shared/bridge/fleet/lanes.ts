// The lanes of a bridge: a queue of BullMQ for all drawings of equal needs, and what happens to them.

import type { Job as BullJob, Queue, QueueEvents } from 'bullmq';
import type { Rank } from '../jobs/fair-shares.js';
import { ringBell } from './bell.js';
import { type Engine, isLost } from './engine.js';
import type { Keys } from './keys.js';
import { laneOf, type Needs } from './needs.js';
import { DRAW, type DrawingOrder, type DrawingResult, MOST_TRIES } from './order.js';

export type BullDrawing = BullJob<DrawingOrder, DrawingResult>;

/** Hears what becomes of drawings; twice perhaps, and of drawings that it does not know. */
export interface LaneListener {
  begun(drawing: string): void;
  /** Its worker died, or failed and may try again: it waits once more. */
  returned(drawing: string): void;
  progressed(drawing: string, progress: unknown): void;
  done(drawing: string, result: DrawingResult): void;
  failed(drawing: string, reason: string): void;
  /** Something of BullMQ went wrong that a new connection does not repair. */
  troubled(what: string): void;
}

interface Lane {
  queue: Queue<DrawingOrder, DrawingResult>;
  events: QueueEvents;
}

export class Lanes {
  readonly #engine: Engine;
  readonly #keys: Keys;
  readonly #listener: LaneListener;
  readonly #open = new Map<string, Promise<Lane>>();

  constructor(engine: Engine, keys: Keys, listener: LaneListener) {
    this.#engine = engine;
    this.#keys = keys;
    this.#listener = listener;
  }

  /** Puts a drawing into the lane of its needs, and rings for a worker; nothing happens for one that is there. */
  async add(drawing: string, order: DrawingOrder, { needs, rank }: Placed): Promise<void> {
    const lane = laneOf(needs);
    const { queue } = await this.#lane(lane);
    // Told with every drawing: a Redis that lost all must not keep a lane that nobody finds.
    const telling = this.#engine.redis.hset(this.#keys.laneNeeds, lane, JSON.stringify(needs));
    const adding = queue.add(DRAW, order, {
      jobId: drawing,
      attempts: MOST_TRIES,
      priority: priorityOf(rank),
      // What no bridge has removed by then belongs to none.
      removeOnComplete: { age: LEFT_S },
      removeOnFail: { age: LEFT_S },
    });
    await Promise.all([telling, adding]);
    await ringBell(this.#engine.redis, this.#keys, lane);
  }

  /** The drawing as BullMQ knows it; undefined where it does not. */
  async find(lane: string, drawing: string): Promise<BullDrawing | undefined> {
    return (await this.#lane(lane)).queue.getJob(drawing);
  }

  async stateOf(lane: string, drawing: string): Promise<string> {
    return (await this.#lane(lane)).queue.getJobState(drawing);
  }

  /** Gives a drawing that waits another rank. */
  async move(lane: string, drawing: string, rank: Rank): Promise<void> {
    const { queue } = await this.#lane(lane);
    await (await queue.getJob(drawing))?.changePriority({ priority: priorityOf(rank) });
  }

  /** Takes a drawing out that is not being drawn; false where somebody draws it. */
  async remove(lane: string, drawing: string): Promise<boolean> {
    return (await (await this.#lane(lane)).queue.remove(drawing)) === 1;
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values()) {
      const lane = await opening.catch(() => undefined);
      await lane?.events.close();
      await lane?.queue.close();
    }
  }

  #lane(name: string): Promise<Lane> {
    const open = this.#open.get(name) ?? this.#openLane(name);
    this.#open.set(name, open);
    open.catch(() => this.#open.delete(name));
    return open;
  }

  async #openLane(name: string): Promise<Lane> {
    const { bull, redis } = this.#engine;
    const base = { prefix: this.#keys.lanes, connection: redis };
    const queue = new bull.Queue<DrawingOrder, DrawingResult>(name, base);
    // From the last event on that is there now: those that come while this one connects are not missed.
    const [last] = await redis.xrevrange(`${this.#keys.lanes}:${name}:events`, '+', '-', 'COUNT', 1);
    const events = new bull.QueueEvents(name, { ...base, lastEventId: last?.[0] ?? '0-0' });
    const tell = (error: Error) => isLost(error) || this.#listener.troubled(error.message);
    queue.on('error', tell);
    events.on('error', tell);
    this.#listen(events);
    return { queue, events };
  }

  #listen(events: QueueEvents): void {
    const { begun, returned, progressed, done, failed } = this.#listener;
    events.on('active', ({ jobId }) => begun(jobId));
    events.on('waiting', ({ jobId, prev }) => prev === 'active' && returned(jobId));
    events.on('progress', ({ jobId, data }) => progressed(jobId, data));
    events.on('completed', ({ jobId, returnvalue }) => done(jobId, returnvalue as DrawingResult));
    events.on('failed', ({ jobId, failedReason }) => failed(jobId, failedReason));
  }
}

export interface Placed {
  needs: Needs;
  rank: Rank | undefined;
}

/** Of BullMQ's 2^21 priorities each class has half; so many rounds of a class are told apart. */
const ROUNDS = 2 ** 20;

/** Longer than a bridge keeps jobs, and than photos of those that were given up are kept. */
const LEFT_S = 2 * 24 * 3600;

/** From 1, which comes first, upwards; jobs of equal priority are drawn as they came. */
const priorityOf = (rank: Rank = { class: 0, tag: 0, seq: 0 }): number =>
  1 + rank.class * ROUNDS + Math.min(rank.tag, ROUNDS - 2);
