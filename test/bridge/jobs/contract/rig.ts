// A queue under test, and what its tests do with it.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobOrder, JobQueue, QueueLimits, QueueOptions } from '../../../../shared/bridge/jobs/queue.js';
import type { JobEvent, JobStatus } from '../../../../shared/bridge/protocol.js';
import { type FailureCode, NigaoeError } from '../../../../shared/errors.js';
import type { Stylizer } from '../../../../shared/stylizer.js';
import { type Scene, ScriptedStylizer } from '../scripted-stylizer.js';

export type OpenQueue = (stylizer: Stylizer, options: QueueOptions) => Promise<JobQueue>;

export const ME = 'my token';
export const OTHER = 'another token';
export const PHOTO = new Uint8Array(100).fill(7);

/** What differs between queues. */
export interface Nature {
  /** Closing cancels nothing: the next queue goes on with the jobs. */
  outlives: boolean;
  /** Times that a job is begun which fails for no reason that anybody can name. */
  tries: number;
}

/** A queue over a scripted stylizer; all is done in the name of `ME`. */
export class QueueRig {
  stylizer!: ScriptedStylizer;
  queue!: JobQueue;
  /** What the queue has told beside itself. */
  told: NigaoeError[] = [];

  constructor(
    private readonly open: OpenQueue,
    readonly nature: Nature,
  ) {}

  readonly reopen = async (
    limits: Partial<QueueLimits>,
    scripted = new ScriptedStylizer(),
  ): Promise<void> => {
    await this.queue?.close();
    this.stylizer = scripted;
    this.told = [];
    const onFailure = (failure: NigaoeError) => void this.told.push(failure);
    this.queue = await this.open(scripted, { limits, onFailure });
  };

  readonly submit = (order: Partial<JobOrder> = {}): Promise<JobStatus> =>
    this.queue.submit({ bytes: PHOTO, options: {}, owner: ME, ...order });
  readonly status = ({ id }: JobStatus): Promise<JobStatus> => this.queue.status(id, ME);
  readonly cancel = ({ id }: JobStatus): Promise<JobStatus> => this.queue.cancel(id, ME);
  readonly picture = ({ id }: JobStatus, index = 0) => this.queue.picture(id, ME, index);
  readonly listen = (
    { id }: JobStatus,
    after = 0,
    signal: AbortSignal = new AbortController().signal,
  ): AsyncIterable<JobEvent> => this.queue.events(id, ME, after, signal);
  readonly eventsOf = async (job: JobStatus, after = 0): Promise<JobEvent[]> =>
    collect(this.listen(job, after));

  /** The last status of a job. */
  readonly ended = async ({ id }: JobStatus, owner = ME): Promise<JobStatus> => {
    const last = (await collect(this.queue.events(id, owner, 0, new AbortController().signal))).at(-1);
    assert.ok(last);
    return last.status;
  };

  /** Submits a job that is drawn at once, with pictures of so many bytes. */
  readonly drawOne = async (order: Partial<JobOrder> = {}, ...pictureBytes: number[]): Promise<JobStatus> => {
    const job = await this.submit(order);
    (await this.stylizer.next()).finish(...pictureBytes);
    return this.ended(job, order.owner);
  };

  /** Keeps the stylizer busy, so that all that follow wait. */
  readonly occupy = async (order: Partial<JobOrder> = {}): Promise<{ job: JobStatus; scene: Scene }> => {
    const job = await this.submit(order);
    return { job, scene: await this.stylizer.next() };
  };

  /** Fails a job as often as it is begun. */
  readonly crash = async (error: unknown): Promise<void> => {
    for (let tries = 0; tries < this.nature.tries; tries++) (await this.stylizer.next()).fail(error);
  };

  /** Asks until the job is no longer kept; how the queue says so. */
  readonly untilForgotten = async (job: JobStatus): Promise<NigaoeError> => {
    while ((await tolerate(this.status(job), ['not-found'])) !== undefined) await delay(5);
    return refuses(this.status(job), 'not-found', /job/);
  };
}

/** A job with two faces: stages come back. */
export const STEPS = [
  ['decode', 0, 0],
  ['open', 0, 0],
  ['open', 50, 100],
  ['faces', 0, 0],
  ['open', 0, 0],
  ['crop', 0, 0],
  ['generate', 0, 2],
  ['crop', 0, 0],
  ['generate', 1, 2],
  ['generate', 2, 2],
  ['blend', 0, 0],
  ['encode', 0, 0],
] as const;

/** All events to the end. */
export async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const all: JobEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Tries until it holds: news of what is drawn elsewhere takes a moment. */
export async function eventually(assertion: () => Promise<void> | void): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  for (;;)
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await delay(5);
    }
}
const PATIENCE_MS = 3_000;

/** Waits until it holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5);
}

/** Asserts how the deed fails; returns the failure. */
export async function refuses(
  deed: Promise<unknown>,
  code: FailureCode,
  message: RegExp,
): Promise<NigaoeError> {
  const error: unknown = await deed.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NigaoeError, `expected ${code} but got ${String(error)}`);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return error;
}

/** The result, or undefined when it failed with one of the codes. */
export async function tolerate<Result>(
  deed: Promise<Result>,
  codes: readonly FailureCode[],
): Promise<Result | undefined> {
  try {
    return await deed;
  } catch (error) {
    if (error instanceof NigaoeError && codes.includes(error.code)) return undefined;
    throw error;
  }
}
