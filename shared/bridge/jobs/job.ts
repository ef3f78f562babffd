// One job of the queue in memory: its state, its events, its pictures.

import { randomBytes } from 'node:crypto';
import { NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import type { JobProgress, JobState, JobStatus } from '../protocol.js';
import { Delivery } from './delivery.js';
import { type Drawing, type DrawingProgress, describeDrawing, picturesOf } from './drawing.js';
import { EventLog } from './event-log.js';
import { ProgressBar } from './progress.js';
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

/** Steps of the whole below which progress is no event. */
const TOLD_FRACTION = 0.01;
const NO_BYTES = new Uint8Array();

export class Job {
  /** 128 random bits. */
  readonly id = randomBytes(16).toString('base64url');
  readonly owner: string;
  readonly seal: Seal | undefined;
  readonly events = new EventLog();
  readonly stop = new AbortController();
  #order: CheckedOrder;
  #status: JobStatus;
  #pictures: ResultPicture[] = [];
  #delivery: Delivery | undefined;
  readonly #bar = new ProgressBar();
  #told: JobProgress | undefined;

  constructor(order: CheckedOrder) {
    this.owner = order.owner;
    this.seal = order.seal;
    this.#order = order;
    this.#status = { id: this.id, state: 'queued', createdAt: new Date().toISOString() };
  }

  /** A snapshot that stays as it is. */
  get status(): JobStatus {
    return this.#status;
  }

  /** Once the job has ended, its photo is empty: nobody needs it any more. */
  get order(): CheckedOrder {
    return this.#order;
  }

  get ended(): boolean {
    return this.#status.state !== 'queued' && this.#status.state !== 'running';
  }

  /** Bytes of the result. */
  get resultBytes(): number {
    return this.#pictures.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  }

  /** Its place in the line, from 1. */
  moveTo(position: number): void {
    if (this.#status.position !== position) this.#change({ state: 'queued', position });
  }

  start(): void {
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

  /** Ends it with what was drawn, or why nothing was. */
  end(outcome: Drawing | NigaoeError): EndState {
    const state = endStateOf(outcome);
    this.#order = { ...this.#order, bytes: NO_BYTES };
    const finishedAt = new Date().toISOString();
    if (outcome instanceof NigaoeError) this.#change({ state, error: outcome.toJSON(), finishedAt });
    else {
      this.#pictures = picturesOf(outcome);
      this.#change({ state, result: describeDrawing(outcome), finishedAt });
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
  picture(index: number): ResultPicture {
    const { state, error } = this.#status;
    if (error !== undefined) throw new JobFailure(error);
    if (state !== 'done') throw notDone(state);
    const picture = this.#pictures[index];
    if (picture === undefined) throw noPicture(index, this.#pictures.length);
    this.#delivery?.handOver(index);
    return picture;
  }

  #change(change: Omit<JobStatus, 'id' | 'createdAt'>): void {
    this.#status = this.#next(change);
    this.events.append(this.#status, this.ended);
  }

  #next(change: Omit<JobStatus, 'id' | 'createdAt'>): JobStatus {
    return { id: this.id, createdAt: this.#status.createdAt, ...change };
  }
}

function endStateOf(outcome: Drawing | NigaoeError): EndState {
  if (!(outcome instanceof NigaoeError)) return 'done';
  return outcome.code === 'cancelled' ? 'cancelled' : 'failed';
}

/** Downloads report every few kilobytes: too much for a wire. */
function isNews(now: JobProgress, told: JobProgress | undefined): boolean {
  if (told === undefined || now.stage !== told.stage) return true;
  return now.fraction >= told.fraction + TOLD_FRACTION || (now.done === now.total && told.done !== now.done);
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
