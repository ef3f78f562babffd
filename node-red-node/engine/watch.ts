// Looking after a bridge: whether it still answers.

import { waitMs } from '../../shared/bridge/client/wait.js';
import { type BridgeClient, type ClientOptions, openClient } from '../../shared/bridge/client.js';
import type { NigaoeError } from '../../shared/errors.js';
import { failureFrom } from './failure.js';

export interface WatchRules {
  everyMs: number;
  /** It is lost after so many looks in a row that found nothing. */
  misses: number;
}

/** For one look: the answer is small, and a network that needs longer carries no pictures. */
const ANSWER_MS = 10_000;

/** A client that asks once and soon gives up: whoever looks after a bridge looks again. */
export function openScout(options: Pick<ClientOptions, 'url' | 'token'>): BridgeClient {
  return openClient({
    ...options,
    retries: 0,
    fetch: (input, init) => fetch(input, { ...init, signal: soon(init?.signal) }),
  });
}

/** Looks again and again; gives why the bridge is lost, or `cancelled` after the signal. Never rejects. */
export async function untilSilent(
  look: () => Promise<unknown>,
  { everyMs, misses }: WatchRules,
  signal: AbortSignal,
): Promise<NigaoeError> {
  for (let missed = 0; ; ) {
    const stopped = await waitMs(everyMs, signal).catch(failureFrom);
    if (stopped !== undefined) return stopped;
    const failure = await look().then(() => undefined, failureFrom);
    // A bridge that is busy answers, if only that.
    missed = failure === undefined || failure.code === 'busy' ? 0 : missed + 1;
    if (failure !== undefined && missed >= misses) return failure;
  }
}

function soon(signal: AbortSignal | null | undefined): AbortSignal {
  const limit = AbortSignal.timeout(ANSWER_MS);
  return signal === null || signal === undefined ? limit : AbortSignal.any([signal, limit]);
}
