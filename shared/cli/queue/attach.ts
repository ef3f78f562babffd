// The queue that a command of `nigaoe queue` looks after, and answers of it for which nobody waits for ever.

import { type Inspector, openInspector } from '../../bridge/fleet/inspect.js';
import { NigaoeError } from '../../errors.js';
import type { FlagValues } from '../flags.js';
import { demandFleet } from '../fleet-flags.js';

/** Does it with the queue that the flags name. Throws `options` where they name none, and what `openInspector` throws. */
export async function withQueue(
  flags: FlagValues,
  work: (inspector: Inspector) => Promise<number>,
): Promise<number> {
  const inspector = await openInspector(demandFleet(flags));
  try {
    return await work(inspector);
  } finally {
    await inspector.close();
  }
}

const ANSWER_MS = 10_000;

/** The answer, `cancelled` when the signal comes first, or `unreachable` where Redis has gone. */
export async function answered<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const silence = new Promise<never>((_, reject) => {
    const refuse = () => reject(signal.aborted ? cancelled() : silent());
    if (over.aborted) refuse();
    over.addEventListener('abort', refuse, { once: true });
  });
  return Promise.race([answer, silence]);
}

const cancelled = (): NigaoeError => new NigaoeError('cancelled', 'The command was stopped');

const silent = (): NigaoeError =>
  new NigaoeError('unreachable', `Expected Redis to answer within ${ANSWER_MS / 1000} s but it does not`, {
    hint: 'Is it still running, and may this computer still reach it?',
  });
