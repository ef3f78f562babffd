// The books of a queue: which jobs there are, who may ask for them, how long they are kept; drawn they are elsewhere.

import { setTimeout as delay } from 'node:timers/promises';
import { NigaoeError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import type { JobEvent, JobStatus } from '../protocol.js';
import type { DrawingProgress, Drawn } from './drawing.js';
import { type CheckedOrder, type EndState, Job } from './job.js';
import { KeptJobs } from './kept-jobs.js';
import { parseLimits } from './limits.js';
import { Patience } from './patience.js';
import type { JobOrder, JobQueue, QueueGauges, QueueLimits, QueueOptions, ResultPicture } from './queue.js';
import { closed, draining, noJob } from './refusals.js';
import { SealedJobs, sealOrder } from './seal.js';
import type { Desk, EarlierOrder, Studio } from './studio.js';
import { WaitingLine } from './waiting-line.js';

/** How often a queue that drains looks whether it may end. */
const DRAIN_POLL_MS = 20;

/** The queue of a studio. Its timers do not keep the process alive. */
export class BookedQueue implements JobQueue, Desk {
  readonly #studio: Studio;
  readonly #limits: QueueLimits;
  readonly #onFailure: QueueOptions['onFailure'];
  readonly #jobs = new Map<string, Job>();
  readonly #patience = new Map<Job, Patience>();
  readonly #sealed = new SealedJobs<Job>();
  /** Jobs that the studio has not taken yet. */
  readonly #taken = new Map<Job, Promise<void>>();
  readonly #drawn = new Set<Job>();
  readonly #line: WaitingLine;
  readonly #kept: KeptJobs;
  readonly #ended: Record<EndState, number> = { done: 0, failed: 0, cancelled: 0 };
  #draining = false;
  #closed = false;
  readonly #stop = new AbortController();

  /** Throws `options` for limits that are none. */
  constructor(studioFor: (desk: Desk) => Studio, { limits: wishes = {}, onFailure }: QueueOptions) {
    const limits = parseLimits(wishes);
    this.#limits = limits;
    this.#onFailure = onFailure;
    this.#line = new WaitingLine(
      limits,
      () => this.#studio.hands,
      (job) => this.#studio.moved(job),
    );
    this.#kept = new KeptJobs(limits, (job) => this.#forget(job));
    this.#studio = studioFor(this);
  }

  async submit(order: JobOrder): Promise<JobStatus> {
    this.#checkOpen();
    const options = parseOptions(order.options);
    const seal = await sealOrder(order, options);
    const earlier = await this.#repeated(seal);
    if (earlier !== undefined) return earlier;
    await this.#studio.check(order, options);
    // From here to the line in one turn: a repeated order must not come between.
    this.#checkOpen();
    const meanwhile = seal && this.#sealed.find(seal);
    const job = meanwhile ?? this.#enter({ ...order, options, seal });
    await this.#taken.get(job);
    return job.status;
  }

  async status(id: string, owner: string): Promise<JobStatus> {
    return this.#asked(id, owner).status;
  }

  async picture(id: string, owner: string, index: number): Promise<ResultPicture> {
    return this.#asked(id, owner).picture(index);
  }

  async cancel(id: string, owner: string): Promise<JobStatus> {
    const job = this.#asked(id, owner);
    this.#cancel(job, 'The job was cancelled');
    job.tell();
    return job.status;
  }

  async cancelAll(owner: string): Promise<void> {
    for (const job of this.#latestFirst) if (job.owner === owner) this.#cancel(job, 'The token was revoked');
  }

  async *events(id: string, owner: string, after: number, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const job = this.#asked(id, owner);
    const release = this.#patience.get(job)?.hold(signal);
    try {
      yield* job.events.after(after, AbortSignal.any([signal, this.#stop.signal]));
    } finally {
      job.tell();
      release?.();
    }
  }

  async gauges(): Promise<QueueGauges> {
    return {
      queued: this.#line.length,
      queuedBytes: this.#line.bytes,
      oldestMs: this.#line.oldestMs,
      running: this.#drawn.size,
      ended: { ...this.#ended },
      kept: this.#kept.count,
      keptBytes: this.#kept.bytes,
    };
  }

  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    const endMs = performance.now() + limitMs;
    while (this.#isWanted && performance.now() < endMs) await delay(DRAIN_POLL_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (!this.#studio.outlives) for (const job of this.#latestFirst) this.#cancel(job, 'The bridge stopped');
    await this.#studio.close();
    // Of jobs that go on without this queue.
    this.#stop.abort();
    for (const patience of this.#patience.values()) patience.end();
    this.#kept.clear();
  }

  recall(earlier: EarlierOrder, ended?: { outcome: Drawn | NigaoeError; finishedAt: string }): Job {
    const { id, createdAt, photoBytes, seal, rank: _, ...order } = earlier;
    const job = new Job({ ...order, seal, bytes: new Uint8Array() }, { id, createdAt }, photoBytes);
    this.#jobs.set(id, job);
    if (seal !== undefined) this.#sealed.keep(seal, job);
    job.rank = earlier.rank;
    if (ended === undefined) this.#wait(job);
    else {
      job.end(ended.outcome, ended.finishedAt);
      this.#kept.add(job);
    }
    return job;
  }

  next(): Job | undefined {
    const job = this.#line.first;
    if (job !== undefined) this.begin(job);
    return job;
  }

  begin(job: Job): void {
    if (job.ended || this.#drawn.has(job) || !this.#jobs.has(job.id)) return;
    this.#line.take(job);
    this.#drawn.add(job);
    job.start();
  }

  putBack(job: Job): void {
    if (this.#drawn.delete(job)) this.#waitAgain(job);
  }

  report(job: Job, progress: DrawingProgress): void {
    job.report(progress);
  }

  end(job: Job, outcome: Drawn | NigaoeError, tookMs?: number): void {
    if (tookMs !== undefined) this.#line.learn(tookMs);
    if (job.ended) return;
    this.#line.remove(job);
    this.#drawn.delete(job);
    this.#ended[job.end(outcome)] += 1;
    if (outcome instanceof NigaoeError && outcome.code === 'internal') this.#onFailure?.(outcome);
    this.#patience.get(job)?.end();
    this.#patience.delete(job);
    this.#kept.add(job);
  }

  /** The job of an earlier order with this seal, once it is accepted. */
  async #repeated(seal: CheckedOrder['seal']): Promise<JobStatus | undefined> {
    this.#checkOpen();
    const earlier = seal && this.#sealed.find(seal);
    if (earlier === undefined) return undefined;
    await this.#taken.get(earlier);
    this.#note(earlier);
    return earlier.status;
  }

  /** A new job in the line, which the studio is asked to take. */
  #enter(order: CheckedOrder): Job {
    if (this.#draining) throw draining();
    this.#line.checkRoom(order);
    const job = new Job(order);
    this.#jobs.set(job.id, job);
    if (order.seal !== undefined) this.#sealed.keep(order.seal, job);
    this.#wait(job);
    const taken = this.#studio.take(job).catch((error: unknown) => {
      this.#refuse(job);
      throw error;
    });
    this.#taken.set(job, taken);
    taken.catch(() => undefined).then(() => this.#taken.delete(job));
    return job;
  }

  #wait(job: Job): void {
    this.#patience.set(job, new Patience(this.#limits.orphanMs, () => this.#cancel(job, ORPHANED)));
    this.#waitAgain(job);
  }

  /** At the place that it had, where it had one. */
  #waitAgain(job: Job): void {
    if (job.rank === undefined) this.#line.push(job);
    else this.#line.resume(job, job.rank);
  }

  /** As if it had never been ordered. */
  #refuse(job: Job): void {
    this.#line.remove(job);
    this.#drawn.delete(job);
    this.#patience.get(job)?.end();
    this.#patience.delete(job);
    this.#jobs.delete(job.id);
    if (job.seal !== undefined) this.#sealed.drop(job.seal);
  }

  /** Whether somebody waits for a job or for what came of it. */
  get #isWanted(): boolean {
    if (this.#closed) return false;
    return [...this.#jobs.values()].some((job) => !job.ended || job.isAwaited(this.#limits.fetchMs));
  }

  /** For cancelling many: so none of them moves up for nothing. Those that wait come twice, to no effect. */
  get #latestFirst(): Job[] {
    return [...this.#line.lastFirst, ...this.#jobs.values()];
  }

  #cancel(job: Job, why: string): void {
    if (job.ended) return;
    this.end(job, new NigaoeError('cancelled', why));
    job.stop.abort();
    this.#studio.drop(job);
  }

  #forget(job: Job): void {
    this.#jobs.delete(job.id);
    if (job.seal !== undefined) this.#sealed.drop(job.seal);
    this.#studio.forget(job);
  }

  /** The owner's job, for which somebody evidently still waits. */
  #asked(id: string, owner: string): Job {
    this.#checkOpen();
    const job = this.#jobs.get(id);
    if (job === undefined || job.owner !== owner) throw noJob(this.#limits);
    this.#note(job);
    return job;
  }

  /** Somebody asked for the job. */
  #note(job: Job): void {
    this.#patience.get(job)?.renew();
    job.tell();
  }

  #checkOpen(): void {
    if (this.#closed) throw closed();
  }
}

const ORPHANED = 'The job was cancelled because nobody asked for it any more';
