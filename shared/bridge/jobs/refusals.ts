// What a queue says when it does not do as it is asked.

import { type Failure, fromFailure, NigaoeError } from '../../errors.js';
import type { QueueLimits } from './queue.js';

const START_AGAIN = 'Start it again with `nigaoe serve`.';
const RESTART_S = 10;
/** A guess: people close queues to repair something. */
const REOPENED_S = 60;

/**
 * What a job failed with, as those who ask for the job are told. The person beside the bridge has heard of it when the job
 * ended.
 */
export class JobFailure extends NigaoeError {
  constructor(told: Failure) {
    const { code, message, hint } = fromFailure(told);
    super(code, message, { hint });
  }
}

/** For orders that are worth another try later. */
class NoOrders extends NigaoeError {
  readonly retryAfterS: number;

  constructor(message: string, { hint, retryAfterS }: { hint: string; retryAfterS: number }) {
    super('busy', message, { hint });
    this.retryAfterS = retryAfterS;
  }

  /** Service unavailable: there is nothing that the client did too often. */
  override get status(): number {
    return 503;
  }
}

/** For new orders while the queue drains: the next bridge may be there by then. */
export const draining = (): NigaoeError =>
  new NoOrders('Expected a bridge that takes jobs but it is about to close', {
    hint: START_AGAIN,
    retryAfterS: RESTART_S,
  });

/** For new orders while somebody has closed the queue to them, until somebody opens it. */
export const closedToOrders = (): NigaoeError =>
  new NoOrders('Expected a queue that takes orders but it is closed to new ones', {
    hint: '`nigaoe queue drain` has closed it, and `nigaoe queue drain --open` opens it again. The job was not taken.',
    retryAfterS: REOPENED_S,
  });

/** For everything once the queue is closed. */
export function closed(): NigaoeError {
  return new NigaoeError('unreachable', 'Expected an open queue for the job but the bridge is stopping', {
    hint: START_AGAIN,
  });
}

/** The same sentence for jobs that never were, are over or belong to another, so that ids tell nothing. */
export function noJob({ keepMs, kept }: QueueLimits): NigaoeError {
  const minutes = Math.max(1, Math.round(keepMs / 60_000));
  return new NigaoeError(
    'not-found',
    'Expected the id of a job that the bridge keeps but it has none with this id',
    {
      hint: `Fetch results soon: they are kept for ${minutes} min, the last ${kept} of them and less if they are large. Then draw the photo again.`,
    },
  );
}
