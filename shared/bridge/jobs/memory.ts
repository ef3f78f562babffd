// The queue in the memory of this process: one job drawn at a time, nothing left of it when the process ends.

import { setTimeout as delay } from 'node:timers/promises';
import { asFailure, NigaoeError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import type { JobEvent, JobStatus } from '../protocol.js';
import type { Drawing } from './drawing.js';
import { type CheckedOrder, type EndState, Job } from './job.js';
import { KeptJobs } from './kept-jobs.js';
import { parseLimits } from './limits.js';
import { Patience } from './patience.js';
import type { JobOrder, JobQueue, QueueGauges, QueueLimits, QueueOptions, ResultPicture } from './queue.js';
import { closed, draining, noJob } from './refusals.js';
import { SealedJobs, sealOrder } from './seal.js';
import { WaitingLine } from './waiting-line.js';

/**
 * Opens a queue over a stylizer, which should be an isolated one and stays the caller's to close. Its timers do not keep
 * the process alive.
 * @throws NigaoeError `options` for limits that are none
 */
export function openMemoryQueue(stylizer: Stylizer, options: QueueOptions = {}): JobQueue {
  return new MemoryQueue(stylizer, options);
}

/** How often a queue that drains looks whether it may end. */
const DRAIN_POLL_MS = 20;

class MemoryQueue implements JobQueue {
  readonly #stylizer: Stylizer;
  readonly #limits: QueueLimits;
  readonly #onFailure: QueueOptions['onFailure'];
  readonly #jobs = new Map<string, Job>();
  readonly #patience = new Map<Job, Patience>();
  readonly #sealed = new SealedJobs<Job>();
  readonly #line: WaitingLine;
  readonly #kept: KeptJobs;
  readonly #ended: Record<EndState, number> = { done: 0, failed: 0, cancelled: 0 };
  #drawn: Job | undefined;
  #work: Promise<void> | undefined;
  #draining = false;
  #closed = false;

  constructor(stylizer: Stylizer, { limits: wishes = {}, onFailure }: QueueOptions) {
    const limits = parseLimits(wishes);
    this.#stylizer = stylizer;
    this.#limits = limits;
    this.#onFailure = onFailure;
    this.#line = new WaitingLine(limits);
    this.#kept = new KeptJobs(limits, (job) => this.#forget(job));
  }

  async submit(order: JobOrder): Promise<JobStatus> {
    this.#checkOpen();
    const options = parseOptions(order.options);
    const seal = await sealOrder(order, options);
    // From here to the end in one turn: a repeated order must not come between.
    this.#checkOpen();
    const earlier = seal && this.#sealed.find(seal);
    if (earlier === undefined) return this.#take({ ...order, options, seal }).status;
    this.#note(earlier);
    return earlier.status;
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
      yield* job.events.after(after, signal);
    } finally {
      job.tell();
      release?.();
    }
  }

  async gauges(): Promise<QueueGauges> {
    return {
      queued: this.#line.length,
      queuedBytes: this.#line.bytes,
      running: this.#drawn === undefined || this.#drawn.ended ? 0 : 1,
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
    for (const job of this.#latestFirst) this.#cancel(job, 'The bridge stopped');
    await this.#work;
    this.#kept.clear();
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

  #take(order: CheckedOrder): Job {
    if (this.#draining) throw draining();
    this.#line.checkRoom(order);
    const job = new Job(order);
    this.#jobs.set(job.id, job);
    if (order.seal !== undefined) this.#sealed.keep(order.seal, job);
    this.#patience.set(job, new Patience(this.#limits.orphanMs, () => this.#cancel(job, ORPHANED)));
    this.#line.push(job);
    this.#work ??= this.#drawAll();
    return job;
  }

  async #drawAll(): Promise<void> {
    for (let job = this.#line.shift(); job !== undefined; job = this.#line.shift()) await this.#draw(job);
    // In the same turn as the look at the line: a job that comes later must start the work anew.
    this.#work = undefined;
  }

  async #draw(job: Job): Promise<void> {
    const startMs = performance.now();
    this.#drawn = job;
    job.start();
    this.#end(job, await this.#ask(job));
    this.#drawn = undefined;
    if (!job.stop.signal.aborted) this.#line.learn(performance.now() - startMs);
  }

  /** What the stylizer makes of a job, or why it does not. */
  async #ask(job: Job): Promise<Drawing | NigaoeError> {
    const { bytes, options, name } = job.order;
    const onProgress: Job['report'] = (progress) => job.report(progress);
    try {
      return await this.#stylizer.stylize(bytes, options, { name, signal: job.stop.signal, onProgress });
    } catch (error) {
      return asFailure(error);
    }
  }

  #cancel(job: Job, why: string): void {
    this.#line.remove(job);
    this.#end(job, new NigaoeError('cancelled', why));
    job.stop.abort();
  }

  /** Only the first end counts: what is drawn of a cancelled job is thrown away. */
  #end(job: Job, outcome: Drawing | NigaoeError): void {
    if (job.ended) return;
    this.#ended[job.end(outcome)] += 1;
    if (outcome instanceof NigaoeError && outcome.code === 'internal') this.#onFailure?.(outcome);
    this.#patience.get(job)?.end();
    this.#patience.delete(job);
    this.#kept.add(job);
  }

  #forget(job: Job): void {
    this.#jobs.delete(job.id);
    if (job.seal !== undefined) this.#sealed.drop(job.seal);
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
