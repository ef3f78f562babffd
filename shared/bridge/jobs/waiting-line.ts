// The jobs that wait for their turn, and who is turned away when there is no room.

import { NigaoeError } from '../../errors.js';
import { busy } from '../busy.js';
import type { Rank } from './fair-shares.js';
import type { Job } from './job.js';
import type { JobOrder, QueueLimits } from './queue.js';
import { RankedLine } from './ranked-line.js';

/** Before anything was drawn, in milliseconds. */
const FIRST_GUESS_MS = 2_000;
/** A client that is told to wait longer gives up. */
const LONGEST_WAIT_S = 60;
/** Weight of the newest job in the mean drawing time. */
const NEWEST = 0.2;

export class WaitingLine {
  readonly #limits: QueueLimits;
  readonly #drawnAtOnce: () => number;
  readonly #line: RankedLine;
  /** Waiting jobs of each owner that has some. */
  readonly #own = new Map<string, number>();
  #bytes = 0;
  #meanMs: number | undefined;

  /**
   * `drawnAtOnce` tells how many jobs are drawn at the same time: the more they are, the sooner there is room. `onMoved` hears of
   * jobs that got another rank than they came with.
   */
  constructor(limits: QueueLimits, drawnAtOnce = () => 1, onMoved?: (job: Job) => void) {
    this.#limits = limits;
    this.#drawnAtOnce = drawnAtOnce;
    this.#line = new RankedLine(onMoved);
  }

  get length(): number {
    return this.#line.length;
  }

  /** Milliseconds since the job was ordered that waits longest; 0 where none waits. */
  get oldestMs(): number {
    const nowMs = Date.now();
    return this.#line.jobs.reduce(
      (most, { status }) => Math.max(most, nowMs - Date.parse(status.createdAt)),
      0,
    );
  }

  /** Bytes of the photos that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From the last to the first: where they are removed in this order, none of them moves up before. */
  get lastFirst(): Job[] {
    return this.#line.jobs.reverse();
  }

  /** Throws `busy`, with the time when there should be room, or `photo-too-large` when there never will be. */
  checkRoom(order: JobOrder): void {
    const { waitingBytes } = this.#limits;
    if (order.bytes.byteLength > waitingBytes) throw tooLarge(order, waitingBytes);
    const refusal = this.#refusal(order, this.#load(order.owner));
    if (refusal === undefined) return;
    const retryAfterS = this.#secondsUntilRoom(order);
    throw busy(refusal, { retryAfterS, hint: `Try again in ${retryAfterS} s.` });
  }

  /** The rank that the job got, to `resume` it with after a restart. */
  push(job: Job): Rank {
    this.#count(job, 1);
    return this.#line.add(job);
  }

  /** Takes a job back that waited before: before a restart, or before somebody drew it in vain. */
  resume(job: Job, rank: Rank): void {
    this.#count(job, 1);
    this.#line.resume(job, rank);
  }

  /** The next job. */
  get first(): Job | undefined {
    return this.#line.first;
  }

  /** A job, first or not, has its turn; nothing happens for one that does not wait. */
  take(job: Job): void {
    if (this.#line.take(job)) this.#count(job, -1);
  }

  /** Nothing happens for a job that does not wait. */
  remove(job: Job): void {
    if (this.#line.remove(job)) this.#count(job, -1);
  }

  /** How long a job took, for the guess when there will be room. */
  learn(tookMs: number): void {
    const meanMs = this.#meanMs ?? tookMs;
    this.#meanMs = meanMs + NEWEST * (tookMs - meanMs);
  }

  #count(job: Job, sign: 1 | -1): void {
    this.#bytes += sign * bytesOf(job);
    const own = (this.#own.get(job.owner) ?? 0) + sign;
    if (own > 0) this.#own.set(job.owner, own);
    else this.#own.delete(job.owner);
  }

  #load(owner: string): Load {
    return { jobs: this.#line.length, bytes: this.#bytes, own: this.#own.get(owner) ?? 0 };
  }

  /** Why such a line has no room for the order, or undefined. */
  #refusal({ bytes: { byteLength } }: JobOrder, { jobs, bytes, own }: Load): string | undefined {
    const { waiting, waitingBytes, waitingPerOwner } = this.#limits;
    if (own >= waitingPerOwner)
      return `Expected at most ${waitingPerOwner} waiting jobs for one client but ${own} of this one wait`;
    if (jobs >= waiting)
      return `Expected a free place in the queue for the photo but all ${waiting} are taken`;
    if (bytes + byteLength > waitingBytes)
      return `Expected room in the queue for ${megabytes(byteLength)} but ${megabytes(bytes)} of ${megabytes(waitingBytes)} are taken`;
    return undefined;
  }

  /** Jobs leave the line in its order, within each drawing time as many as are drawn at once. */
  #secondsUntilRoom(order: JobOrder): number {
    const jobs = this.#line.jobs;
    let gone = 0;
    let left = this.#load(order.owner);
    while (gone < jobs.length && this.#refusal(order, left) !== undefined) {
      left = without(left, jobs[gone], order.owner);
      gone += 1;
    }
    const drawingTimes = gone / Math.max(1, this.#drawnAtOnce());
    const seconds = Math.ceil((drawingTimes * (this.#meanMs ?? FIRST_GUESS_MS)) / 1000);
    return Math.min(LONGEST_WAIT_S, Math.max(1, seconds));
  }
}

/** What a line holds; `own` are the jobs of one owner. */
interface Load {
  jobs: number;
  bytes: number;
  own: number;
}

function without({ jobs, bytes, own }: Load, job: Job, owner: string): Load {
  return { jobs: jobs - 1, bytes: bytes - bytesOf(job), own: own - (job.owner === owner ? 1 : 0) };
}

const bytesOf = ({ photoBytes }: Job): number => photoBytes;

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

function tooLarge({ bytes }: JobOrder, most: number): NigaoeError {
  const message = `Expected at most ${megabytes(most)} for a photo but received ${megabytes(bytes.byteLength)}`;
  return new NigaoeError('photo-too-large', message, { hint: 'Send a smaller file of it.' });
}
