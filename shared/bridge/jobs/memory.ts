// The queue in the memory of this process: one job drawn at a time, nothing left of it when the process ends.

import { asFailure, NigaoeError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import type { JobEvent, JobStatus } from '../protocol.js';
import type { Drawing } from './drawing.js';
import { type CheckedOrder, type EndState, Job } from './job.js';
import { KeptJobs } from './kept-jobs.js';
import { parseLimits } from './limits.js';
import { Patience } from './patience.js';
import type { JobOrder, JobQueue, QueueGauges, QueueLimits, ResultPicture } from './queue.js';
import { SealedJobs, sealOrder } from './seal.js';
import { WaitingLine } from './waiting-line.js';

/**
 * Opens a queue over a stylizer, which should be an isolated one and stays the caller's to close. Limits that are left out
 * take their defaults. Its timers do not keep the process alive.
 * @throws NigaoeError `options` for limits that are none
 */
export function openMemoryQueue(stylizer: Stylizer, limits: Partial<QueueLimits> = {}): JobQueue {
  return new MemoryQueue(stylizer, parseLimits(limits));
}

class MemoryQueue implements JobQueue {
  readonly #stylizer: Stylizer;
  readonly #limits: QueueLimits;
  readonly #jobs = new Map<string, Job>();
  readonly #patience = new Map<Job, Patience>();
  readonly #sealed = new SealedJobs<Job>();
  readonly #line: WaitingLine;
  readonly #kept: KeptJobs;
  readonly #ended: Record<EndState, number> = { done: 0, failed: 0, cancelled: 0 };
  #drawn: Job | undefined;
  #work: Promise<void> | undefined;
  #closed = false;

  constructor(stylizer: Stylizer, limits: QueueLimits) {
    this.#stylizer = stylizer;
    this.#limits = limits;
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
    this.#patience.get(earlier)?.renew();
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
    return job.status;
  }

  async *events(id: string, owner: string, after: number, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const job = this.#asked(id, owner);
    const release = this.#patience.get(job)?.hold(signal);
    try {
      yield* job.events.after(after, signal);
    } finally {
      release?.();
    }
  }

  gauges(): QueueGauges {
    return {
      queued: this.#line.length,
      queuedBytes: this.#line.bytes,
      running: this.#drawn === undefined || this.#drawn.ended ? 0 : 1,
      ended: { ...this.#ended },
      kept: this.#kept.count,
      keptBytes: this.#kept.bytes,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    // The last first: so none of them moves up for nothing.
    for (const job of [...this.#jobs.values()].reverse()) this.#cancel(job, 'The bridge stopped');
    await this.#work;
    this.#kept.clear();
  }

  #take(order: CheckedOrder): Job {
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
    this.#patience.get(job)?.renew();
    return job;
  }

  #checkOpen(): void {
    if (!this.#closed) return;
    throw new NigaoeError('unreachable', 'Expected an open queue for the job but the bridge is stopping', {
      hint: 'Start it again with `nigaoe serve`.',
    });
  }
}

const ORPHANED = 'The job was cancelled because nobody asked for it any more';

/** The same sentence for jobs that never were, are over or belong to another, so that ids tell nothing. */
function noJob({ keepMs, kept }: QueueLimits): NigaoeError {
  const minutes = Math.max(1, Math.round(keepMs / 60_000));
  return new NigaoeError(
    'not-found',
    'Expected the id of a job that the bridge keeps but it has none with this id',
    {
      hint: `Fetch results soon: they are kept for ${minutes} min, the last ${kept} of them and less if they are large. Then draw the photo again.`,
    },
  );
}
