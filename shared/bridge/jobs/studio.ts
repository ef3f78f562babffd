// Between the books of a queue and the place where its jobs are drawn: what each may ask of the other.

import type { NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import type { DrawingProgress, Drawn } from './drawing.js';
import type { Rank } from './fair-shares.js';
import type { CheckedOrder, Earlier, Job } from './job.js';
import type { JobOrder } from './queue.js';

/** Where jobs are drawn: in this process, or by workers elsewhere. */
export interface Studio {
  /** How many jobs are drawn at the same time; for guesses of waiting times. */
  readonly hands: number;
  /** Throws what stands in the way of an order that it could never draw. */
  check(order: JobOrder, options: Options): Promise<void>;
  /** Takes a job that stands in the line. Until it resolves the job is not accepted; what it throws refuses the job. */
  take(job: Job): Promise<void>;
  /** Hears that nobody wants what it draws of a job any more. */
  drop(job: Job): void;
  /** Hears that a job that waits got another rank, because one before it was cancelled. */
  moved(job: Job): void;
  /** Hears that a job is known no longer, with all that was kept of it. */
  forget(job: Job): void;
  /** Stops taking work, and resolves when nothing of its own is drawn any more. */
  close(): Promise<void>;
  /** Whether jobs outlive the queue: then closing cancels none, and the next queue finds them again. */
  readonly outlives: boolean;
}

/** A job that was there before this process was. */
export type EarlierOrder = Pick<CheckedOrder, 'owner' | 'options' | 'name' | 'priority'> &
  Earlier & { seal?: CheckedOrder['seal']; photoBytes: number; rank?: Rank };

/** What a studio tells the books of. */
export interface Desk {
  /** Enters a job of an earlier queue, which waits again or has ended already. */
  recall(earlier: EarlierOrder, ended?: { outcome: Drawn | NigaoeError; finishedAt: string }): Job;
  /** The next job of the line, which has begun with that. */
  next(): Job | undefined;
  /** A job of the line is drawn from now on. */
  begin(job: Job): void;
  /** Whoever drew a job has gone: it waits again. */
  putBack(job: Job): void;
  report(job: Job, progress: DrawingProgress): void;
  /** Only the first end counts. `tookMs` teaches the guess of waiting times. */
  end(job: Job, outcome: Drawn | NigaoeError, tookMs?: number): void;
}
