// What a queue says when it does not do as it is asked.

import { type Failure, fromFailure, NigaoeError } from '../../errors.js';
import type { QueueLimits } from './queue.js';

const START_AGAIN = 'Start it again with `nigaoe serve`.';
const RESTART_S = 10;

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

/** Worth another try: the next bridge may be there by then. */
class Draining extends NigaoeError {
  readonly retryAfterS = RESTART_S;

  constructor() {
    super('busy', 'Expected a bridge that takes jobs but it is about to close', { hint: START_AGAIN });
  }

  /** Service unavailable: there is nothing that the client did too often. */
  override get status(): number {
    return 503;
  }
}

/** For new orders while the queue drains. */
export const draining = (): NigaoeError => new Draining();

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
