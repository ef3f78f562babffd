// Follows a job to its end, and lets the queue know that somebody waits for it.

import { setTimeout as delay } from 'node:timers/promises';
import { NigaoeError } from '../../errors.js';
import type { JobQueue } from '../jobs/queue.js';
import { JobFailure } from '../jobs/refusals.js';
import type { JobEvent, JobStatus } from '../protocol.js';

export interface Followed {
  id: string;
  owner: string;
  /** Number of the last event that is known already. */
  after: number;
  /** Milliseconds between signs that somebody waits. */
  pulseMs: number;
}

/** The events of a job until it has ended or the signal is raised; undefined where nothing has happened for a pulse. */
export async function* follow(
  queue: JobQueue,
  { id, owner, after, pulseMs }: Followed,
  signal: AbortSignal,
): AsyncGenerator<JobEvent | undefined> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const events = queue.events(id, owner, after, either)[Symbol.asyncIterator]();
  try {
    let next = events.next();
    while (!either.aborted) {
      const step = await within(pulseMs, next);
      if (step?.done) return;
      // Asking for a job says that it is still wanted.
      if (step === undefined) await queue.status(id, owner);
      else next = events.next();
      yield step?.value;
    }
  } finally {
    left.abort();
    await events.return?.();
  }
}

/** Waits until the job has ended well; throws what it failed with, and `cancelled`. */
export async function untilDone(
  queue: JobQueue,
  followed: Followed,
  signal: AbortSignal,
): Promise<JobStatus> {
  for await (const event of follow(queue, followed, signal)) {
    const status = event?.status;
    if (status?.state === 'done') return status;
    if (status?.state === 'failed' || status?.state === 'cancelled') throw endOf(status);
  }
  throw cancelled();
}

const endOf = ({ error }: JobStatus): NigaoeError =>
  error === undefined ? cancelled() : new JobFailure(error);
const cancelled = () => new NigaoeError('cancelled', 'The job was cancelled');

/** What the promise gives, or undefined when it takes longer. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  const over = new AbortController();
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, delay(ms, undefined, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}
