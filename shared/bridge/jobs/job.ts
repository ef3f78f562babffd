// One job of a queue: its state, its events, what came of it.

import { randomBytes } from 'node:crypto';
import { NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import type { JobProgress, JobState, JobStatus } from '../protocol.js';
import { Delivery } from './delivery.js';
import type { DrawingProgress, Drawn, StoredPicture } from './drawing.js';
import { EventLog } from './event-log.js';
import type { Rank } from './fair-shares.js';
import { isNews, ProgressBar } from './progress.js';
import type { JobOrder, ResultPicture } from './queue.js';
import { JobFailure } from './refusals.js';
import type { Seal } from './seal.js';

/** How a job ends. */
export type EndState = Exclude<JobState, 'queued' | 'running'>;
/** An order whose options are checked and complete. */
export interface CheckedOrder extends JobOrder {
  options: Options;
  seal: Seal | undefined;
}

const NO_BYTES = new Uint8Array();
/** Places from here on are events only when they change by a tenth: thousands that wait all move up with every job. */
const NEAR = 50;
const FAR_STEP = 0.1;

/** What a job that was there before is known by. */
export type Earlier = Pick<JobStatus, 'id' | 'createdAt'>;

export class Job {
  /** 128 random bits. */
  readonly id: string;
  readonly owner: string;
  readonly seal: Seal | undefined;
  /** Of its photo, also when the bytes have gone. */
  readonly photoBytes: number;
  /** Where it stands, or stood, among those that wait. */
  rank: Rank | undefined;
  readonly events = new EventLog();
  readonly stop = new AbortController();
  #order: CheckedOrder;
  #status: JobStatus;
  #pictures: readonly StoredPicture[] = [];
  #delivery: Delivery | undefined;
  readonly #bar = new ProgressBar();
  #told: JobProgress | undefined;
  #toldPlace: number | undefined;

  constructor(
    order: CheckedOrder,
    { id, createdAt }: Earlier = newborn(),
    photoBytes = order.bytes.byteLength,
  ) {
    this.id = id;
    this.owner = order.owner;
    this.seal = order.seal;
    this.photoBytes = photoBytes;
    this.#order = order;
    this.#status = { id, state: 'queued', createdAt };
  }

  /** A snapshot that stays as it is. */
  get status(): JobStatus {
    return this.#status;
  }

  /** Its photo is empty once nobody needs it here any more: when it lies elsewhere, and when the job has ended. */
  get order(): CheckedOrder {
    return this.#order;
  }

  get ended(): boolean {
    return this.#status.state !== 'queued' && this.#status.state !== 'running';
  }

  /** Bytes of the result. */
  get resultBytes(): number {
    return this.#pictures.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Its place in the line, from 1. */
  moveTo(position: number): void {
    if (this.#status.position === position) return;
    this.#status = this.#next({ state: 'queued', position });
    const told = this.#toldPlace ?? Number.POSITIVE_INFINITY;
    if (position > NEAR && Math.abs(told - position) < FAR_STEP * told) return;
    this.#toldPlace = position;
    this.events.append(this.#status, false);
  }

  start(): void {
    this.#toldPlace = undefined;
    this.#change({ state: 'running' });
  }

  report(progress: DrawingProgress): void {
    if (this.#status.state !== 'running') return;
    const now = this.#bar.advance(progress);
    this.#status = this.#next({ state: 'running', progress: now });
    if (!isNews(now, this.#told)) return;
    this.#told = now;
    this.events.append(this.#status, false);
  }

  /** The photo lies elsewhere. */
  letGoOfPhoto(): void {
    this.#order = { ...this.#order, bytes: NO_BYTES };
  }

  /** Ends it with what was drawn, or why nothing was. */
  end(outcome: Drawn | NigaoeError, finishedAt = new Date().toISOString()): EndState {
    const state = endStateOf(outcome);
    this.letGoOfPhoto();
    if (outcome instanceof NigaoeError) this.#change({ state, error: outcome.toJSON(), finishedAt });
    else {
      this.#pictures = outcome.pictures;
      this.#change({ state, result: outcome.info, finishedAt });
    }
    this.#delivery = new Delivery(this.#pictures.length);
    return state;
  }

  /** Somebody asked for it. */
  tell(): void {
    this.#delivery?.tell();
  }

  /** Whether it has ended and its client will evidently come for what it made: it was there in the last `withinMs`. */
  isAwaited(withinMs: number): boolean {
    return this.#delivery?.isAwaited(withinMs) ?? false;
  }

  /** One picture of the result; throws as `JobQueue.picture` says. */
  async picture(index: number): Promise<ResultPicture> {
    const { state, error } = this.#status;
    if (error !== undefined) throw new JobFailure(error);
    if (state !== 'done') throw notDone(state);
    const picture = this.#pictures[index];
    if (picture === undefined) throw noPicture(index, this.#pictures.length);
    const bytes = await picture.read();
    this.#delivery?.handOver(index);
    return { bytes, type: picture.type };
  }

  #change(change: Omit<JobStatus, 'id' | 'createdAt'>): void {
    this.#status = this.#next(change);
    this.events.append(this.#status, this.ended);
  }

  #next(change: Omit<JobStatus, 'id' | 'createdAt'>): JobStatus {
    return { id: this.id, createdAt: this.#status.createdAt, ...change };
  }
}

const newborn = (): Earlier => ({
  id: randomBytes(16).toString('base64url'),
  createdAt: new Date().toISOString(),
});

function endStateOf(outcome: Drawn | NigaoeError): EndState {
  if (!(outcome instanceof NigaoeError)) return 'done';
  return outcome.code === 'cancelled' ? 'cancelled' : 'failed';
}

function notDone(state: JobState): NigaoeError {
  return new NigaoeError('conflict', `Expected a job that is done for its pictures but it is ${state}`, {
    hint: 'Ask for its status, or listen to its events, until it is done.',
  });
}

function noPicture(index: number, count: number): NigaoeError {
  const what = count === 1 ? 'picture 0' : `a picture from 0 to ${count - 1}`;
  return new NigaoeError('not-found', `Expected ${what} for this job but received ${index}`);
}
