// Works through photos one by one: a failed one does not stop the others, and the exit code tells what happened.

import { asFailure, type FailureCode, NigaoeError } from '../errors.js';
import { exitCodeOf } from './exit-code.js';
import type { Stage } from './perform.js';
import type { Terminal } from './terminal/terminal.js';
import { count } from './terminal/wording.js';

/** How one photo ended; the words of the summary. */
type Status = 'drawn' | 'found' | 'skipped' | 'kept' | 'failed';

/** Something to do. */
export interface Task {
  /** How results call it. */
  label: string;
  /** How sentences call it. */
  name: string;
  /** Does it, tells the user, and answers how it ended. */
  work(place: Place): Promise<Exclude<Status, 'failed'>>;
}

/** Which of how many it is. */
export interface Place {
  number: number;
  of: number;
}

/** A failure that would meet every other photo as well, though its code alone does not tell. */
export class SharedFailure extends Error {
  constructor(override readonly cause: NigaoeError) {
    super(cause.message, { cause });
  }
}

// A model or a device that is absent is so for every photo. A failure while a picture is drawn may be due to its size.
const STOPS: readonly FailureCode[] = [
  'model-unknown',
  'model-missing',
  'model-download',
  'licence-not-accepted',
  'store-unwritable',
  'device-absent',
  'cancelled',
];

/** Tells that the work on one of several begins, where no progress bar shows it. */
export function announce(terminal: Terminal, { number, of }: Place, label: string): void {
  if (of > 1) terminal.begin(`[${number}/${of}] ${label}`);
}

/** Does all tasks and answers with the exit code: the common one of the failures, or 1 where they differ. */
export async function runBatch(tasks: readonly Task[], { terminal, signal }: Stage): Promise<number> {
  const statuses: Status[] = [];
  const failures: NigaoeError[] = [];
  for (const task of tasks) {
    const place = { number: statuses.length + 1, of: tasks.length };
    try {
      if (signal.aborted) throw new NigaoeError('cancelled', 'The job was cancelled');
      statuses.push(await task.work(place));
    } catch (thrown) {
      const error = asFailure(thrown instanceof SharedFailure ? thrown.cause : thrown);
      // A cancelled photo did not fail: it was not drawn.
      if (error.code !== 'cancelled') {
        statuses.push('failed');
        terminal.failure(error, task.name);
        terminal.jsonOnly({ input: task.label, outputs: [], status: 'failed', error });
      }
      failures.push(error);
      if (thrown instanceof SharedFailure || STOPS.includes(error.code)) break;
    }
  }
  terminal.clear();
  const cancelled = failures.at(-1)?.code === 'cancelled';
  if (tasks.length > 1 || cancelled) terminal.notice(summary(statuses, tasks.length, cancelled));
  return exitCodeOf(failures);
}

function summary(statuses: readonly Status[], total: number, cancelled: boolean): string {
  const rest = total - statuses.length;
  const parts = (['drawn', 'found', 'skipped', 'kept', 'failed'] as const)
    .map((status) => ({ status, times: statuses.filter((other) => other === status).length }))
    .filter(({ times }) => times > 0)
    .map(({ status, times }) => `${times} ${WORDS[status]}`);
  const told = [...parts, ...(rest > 0 ? [`${rest} not done`] : [])].join(', ');
  return `${cancelled ? 'Cancelled. ' : ''}${count(total, 'photo')}: ${told}`;
}

const WORDS: Readonly<Record<Status, string>> = {
  drawn: 'drawn',
  found: 'looked at',
  skipped: 'skipped',
  kept: 'kept (--force draws them again)',
  failed: 'failed',
};
