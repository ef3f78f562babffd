// A worker: takes drawings out of Redis, has them drawn on this machine, and lays down what came of them.

import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import { asFailure, NigaoeError, throwIfCancelled } from '../../errors.js';
import type { Stylizer } from '../../stylizer.js';
import type { Drawing } from '../jobs/drawing.js';
import { isNews, ProgressBar } from '../jobs/progress.js';
import type { JobProgress } from '../protocol.js';
import type { Blobs } from './blobs.js';
import { type Connection, type Engine, isLost } from './engine.js';
import { every } from './every.js';
import { orGone } from './in-time.js';
import type { Keys } from './keys.js';
import type { BullDrawing } from './lanes.js';
import { laneOf, meets, type Needs, type WorkerCard } from './needs.js';
import {
  type DrawingOrder,
  type DrawingResult,
  layDown,
  MOST_TRIES,
  packFailure,
  unpackFailure,
} from './order.js';
import { Roster, SIGN_MS } from './roster.js';

export interface WorkerOptions {
  engine: Engine;
  keys: Keys;
  blobs: Blobs;
  /** What it tells of itself; its hands are as many as stylizers. */
  card: Omit<WorkerCard, 'hands' | 'busy' | 'isDraining'>;
  /** One for each job that is drawn at a time; they stay the caller's to close. */
  stylizers: readonly Stylizer[];
  /** Hears of each drawing that has ended. */
  onDrawn?: (event: DrawnEvent) => void;
  /** Told of what goes wrong beside the drawings. */
  onNotice?: (sentence: string) => void;
  /** Milliseconds after which a worker that gives no sign of life loses what it draws. Default 15 000. */
  lockMs?: number;
}

export interface DrawnEvent {
  drawing: string;
  name: string | undefined;
  tookMs: number;
  failure?: NigaoeError;
}

const LOCK_MS = 15_000;
/** How often a worker asks whether what it draws is still wanted. */
const WANTED_MS = 500;
/** Without a bell it looks all the same: for what came back from a worker that died, and for lanes that are new. */
const LOOK_S = 1;

/** A drawing in a hand. */
interface Held {
  job: BullDrawing;
  token: string;
  stop: AbortController;
}

interface Failing {
  /** As BullMQ keeps it. */
  text: string;
  /** No other try would end otherwise. */
  isFinal: boolean;
}

/** Signs in and draws until it is closed. */
export async function openWorker(options: WorkerOptions): Promise<FleetWorker> {
  const worker = new FleetWorker(options);
  await worker.start();
  return worker;
}

export class FleetWorker {
  readonly #options: WorkerOptions;
  readonly #roster: Roster;
  readonly #bell: Connection;
  readonly #lanes = new Map<string, Worker<DrawingOrder, DrawingResult>>();
  readonly #held = new Map<string, Held>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #hands: Promise<void>[] = [];
  #ring: Promise<void> | undefined;
  #tokens = 0;
  #draining = false;
  #isLeaving = false;
  #ended: Promise<void> | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#roster = new Roster(options.engine.redis, options.keys);
    this.#bell = options.engine.another();
  }

  /** Drawings that it is at. */
  get busy(): number {
    return this.#held.size;
  }

  async start(): Promise<void> {
    await this.#findLanes();
    await this.#sign();
    this.#timers.push(every(SIGN_MS, () => this.#sign()));
    this.#timers.push(every(SIGN_MS, () => this.#findLanes()));
    this.#timers.push(every((this.#options.lockMs ?? LOCK_MS) / 3, () => this.#keepLocks()));
    this.#timers.push(every(WANTED_MS, () => this.#askWanted()));
    for (const stylizer of this.#options.stylizers) this.#hands.push(this.#work(stylizer));
  }

  /** Finishes what it has, takes nothing new, and signs off. */
  async drain(): Promise<void> {
    this.#stopListening();
    await orGone(this.#sign());
    await this.#untilIdle();
    await this.#end();
  }

  /** The same, but gives up what it draws: others will. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#isLeaving = true;
    for (const { stop } of this.#held.values()) stop.abort(LEFT);
    await this.#untilIdle();
    await this.#end();
  }

  /** Hands that wait for a bell are free to go at once. */
  #stopListening(): void {
    this.#draining = true;
    this.#bell.disconnect();
  }

  /** Hands that only ask for work may wait for a Redis that has gone; those that have some finish it. */
  async #untilIdle(): Promise<void> {
    do await orGone(Promise.all(this.#hands));
    while (this.#held.size > 0);
  }

  #end(): Promise<void> {
    this.#ended ??= this.#signOff();
    return this.#ended;
  }

  async #signOff(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await orGone(this.#roster.leave(this.#options.card.id));
    await orGone(Promise.all([...this.#lanes.values()].map((lane) => lane.close(true))));
  }

  async #work(stylizer: Stylizer): Promise<void> {
    while (!this.#draining) {
      const held = await this.#take().catch(() => undefined);
      if (held !== undefined) await this.#draw(held, stylizer);
      else await this.#listen();
    }
  }

  /** The first drawing of the lanes that it can serve. */
  async #take(): Promise<Held | undefined> {
    for (const lane of await this.#inOrder()) {
      const token = `${this.#options.card.id}:${this.#tokens++}`;
      const job = await lane.getNextJob(token, { block: false });
      if (job !== undefined) return { job, token, stop: new AbortController() };
    }
    return undefined;
  }

  /** Lanes in which something waits, by the rank of what is first there; those that came back come before all. */
  async #inOrder(): Promise<Worker<DrawingOrder, DrawingResult>[]> {
    const lanes = [...this.#lanes];
    if (lanes.length < 2) return lanes.map(([, worker]) => worker);
    const pipeline = this.#redis.pipeline();
    for (const [lane] of lanes) {
      const queue = `${this.#options.keys.lanes}:${lane}`;
      pipeline.llen(`${queue}:wait`).zrange(`${queue}:prioritized`, 0, 0, 'WITHSCORES');
    }
    const answers = ((await pipeline.exec()) ?? []).map(([, answer]) => answer);
    const rankOf = (at: number) =>
      Number(answers[2 * at]) > 0
        ? -1
        : Number((answers[2 * at + 1] as string[] | undefined)?.[1] ?? Number.NaN);
    return lanes
      .map(([, worker], at) => ({ worker, rank: rankOf(at) }))
      .filter(({ rank }) => !Number.isNaN(rank))
      .sort((a, b) => a.rank - b.rank)
      .map(({ worker }) => worker);
  }

  /** Waits until a bell rings, all hands together. */
  #listen(): Promise<void> {
    const { keys } = this.#options;
    const known = new Set([...this.#lanes.keys()].map((lane) => keys.bell(lane)));
    const bells = [...this.#servable()].map((lane) => keys.bell(lane));
    this.#ring ??= this.#bell
      .blpop(bells, LOOK_S)
      .then((rung) => (rung && !known.has(rung[0]) ? this.#findLanes() : undefined))
      .catch(() => (this.#draining ? undefined : delay(LOOK_S * 1000)))
      .finally(() => {
        this.#ring = undefined;
      });
    return this.#ring;
  }

  /** Lanes that there are, and those that the first job of a single model would open. */
  *#servable(): Generator<string> {
    const { models, devices } = this.#options.card;
    yield* this.#lanes.keys();
    for (const model of Object.keys(models)) {
      yield laneOf({ models: [model] });
      for (const device of devices) yield laneOf({ models: [model], device });
    }
  }

  /** Opens the lanes that have come since and that it can serve. */
  async #findLanes(): Promise<void> {
    const { card, keys, engine, lockMs = LOCK_MS } = this.#options;
    const needs = await this.#redis.hgetall(keys.laneNeeds);
    for (const [lane, text] of Object.entries(needs)) {
      if (this.#lanes.has(lane) || !meets(card, JSON.parse(text) as Needs)) continue;
      const worker = new engine.bull.Worker<DrawingOrder, DrawingResult>(lane, null, {
        prefix: keys.lanes,
        connection: this.#redis,
        autorun: false,
        lockDuration: lockMs,
        stalledInterval: Math.ceil(lockMs / 3),
        maxStalledCount: MOST_TRIES - 1,
      });
      worker.on('error', (error) => isLost(error) || this.#options.onNotice?.(`BullMQ: ${error.message}`));
      this.#lanes.set(lane, worker);
      await worker.startStalledCheckTimer();
    }
  }

  async #draw(held: Held, stylizer: Stylizer): Promise<void> {
    const { job } = held;
    const startMs = performance.now();
    this.#held.set(job.id!, held);
    // Taken just before everybody was told to stop.
    if (this.#isLeaving) held.stop.abort(LEFT);
    try {
      if (job.deferredFailure)
        return await this.#fail(held, { text: job.deferredFailure, isFinal: true }, startMs);
      const drawn = await this.#make(held, stylizer);
      if (drawn instanceof NigaoeError)
        return await this.#fail(
          held,
          { text: packFailure(drawn), isFinal: drawn.code !== 'internal' },
          startMs,
        );
      await layDown(drawn, {
        blobs: this.#options.blobs,
        drawing: job.id!,
        complete: (result) => job.moveToCompleted(result, held.token, false),
      });
      this.#tell(job, startMs);
    } catch (error) {
      // Not of the drawing: Redis, a folder that is not there. Another worker may do better.
      const failure = asFailure(error);
      await this.#fail(held, { text: packFailure(failure), isFinal: failure.code === 'cancelled' }, startMs);
    } finally {
      this.#held.delete(job.id!);
    }
  }

  async #make({ job, stop }: Held, stylizer: Stylizer): Promise<Drawing | NigaoeError> {
    const { blobs } = this.#options;
    const { photo, options, name } = job.data;
    const bytes = await blobs.get(photo);
    throwIfCancelled(stop.signal);
    if (bytes === undefined) throw photoMissing();
    const bar = new ProgressBar();
    let told: JobProgress | undefined;
    const drawing = stylizer.stylize(bytes, options, {
      ...(name === undefined ? {} : { name }),
      signal: stop.signal,
      onProgress: (progress) => {
        const now = bar.advance(progress);
        if (!isNews(now, told)) return;
        told = now;
        job.updateProgress(progress).catch(() => undefined);
      },
    });
    return drawing.catch(asFailure);
  }

  /** What the photo or the wish is to blame for ends it at once; what is nobody's fault is tried again, here or elsewhere. */
  async #fail({ job, token, stop }: Held, { text, isFinal }: Failing, startMs: number): Promise<void> {
    // Whoever has taken the lock since decides what becomes of it.
    if (stop.signal.reason === LOST) return;
    const isLast = job.attemptsMade + job.stalledCounter + 1 >= MOST_TRIES;
    try {
      if (stop.signal.reason === LEFT) await job.moveToWait(token);
      else if (isFinal || isLast) await job.moveToFailed(new this.#Final(text), token, false);
      else await job.moveToFailed(new Error(text), token, false);
    } catch {
      // Its lock was lost: it waits again, or another worker has it.
    }
    this.#tell(job, startMs, unpackFailure(text));
  }

  #tell({ id = '', data: { name } }: BullDrawing, startMs: number, failure?: NigaoeError): void {
    const tookMs = performance.now() - startMs;
    this.#options.onDrawn?.({ drawing: id, name, tookMs, ...(failure === undefined ? {} : { failure }) });
  }

  async #sign(): Promise<void> {
    const { card, stylizers } = this.#options;
    await this.#roster.sign({
      ...card,
      hands: stylizers.length,
      busy: this.busy,
      isDraining: this.#draining,
    });
  }

  async #keepLocks(): Promise<void> {
    const { lockMs = LOCK_MS } = this.#options;
    for (const { job, token, stop } of this.#held.values())
      if ((await job.extendLock(token, lockMs)) !== 1) stop.abort(LOST);
  }

  async #askWanted(): Promise<void> {
    const held = [...this.#held.values()];
    if (held.length === 0) return;
    const marks = await this.#redis.mget(held.map(({ job }) => this.#options.keys.dropped(job.id!)));
    for (const [at, mark] of marks.entries()) if (mark !== null) held[at].stop.abort();
  }

  get #redis(): Connection {
    return this.#options.engine.redis;
  }

  get #Final() {
    return this.#options.engine.bull.UnrecoverableError;
  }
}

/** Reasons for which a drawing is stopped: another worker has it; this one leaves. */
const LOST = 'lost';
const LEFT = 'left';

const photoMissing = (): NigaoeError =>
  new NigaoeError('not-found', 'Expected the photo among those on their way but it is there no more', {
    hint: 'Where --blobs names a folder, mount the same one on the bridge and on every worker. Then draw the photo again.',
  });
