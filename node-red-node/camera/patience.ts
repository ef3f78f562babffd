// Tries with a time limit each, again after a growing pause where that can help.

import { setTimeout as sleep } from 'node:timers/promises';
import { type FailureCode, NigaoeError, throwIfCancelled } from '../../shared/errors.js';

export interface Patience {
  /** For one try. */
  timeoutMs: number;
  /** Further tries after the first. */
  retries: number;
  /** Ends everything. */
  signal: AbortSignal;
  /** Told before a further try: which it is, counted from 2, and why. */
  onRetry?: (turn: number, error: NigaoeError) => void;
}

/** What may be over in a moment: a wrong password or address is not. */
const PASSING: readonly FailureCode[] = ['unreachable', 'busy', 'photo-unreadable'];

/** `attempt` gets a signal that is raised when its time is up. Throws NigaoeError as it comes, `cancelled` after the signal. */
export async function withPatience<Value>(
  attempt: (signal: AbortSignal) => Promise<Value>,
  { timeoutMs, retries, signal, onRetry }: Patience,
): Promise<Value> {
  for (let turn = 1; ; turn++) {
    try {
      return await withTimeout(attempt, timeoutMs, signal);
    } catch (error) {
      if (turn > retries || !(error instanceof NigaoeError) || !PASSING.includes(error.code)) throw error;
      onRetry?.(turn + 1, error);
      await pause(FIRST_PAUSE_MS * 2 ** (turn - 1), signal);
    }
  }
}
const FIRST_PAUSE_MS = 500;

async function withTimeout<Value>(
  attempt: (signal: AbortSignal) => Promise<Value>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Value> {
  throwIfCancelled(signal);
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  const timer = setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    // An attempt that takes no notice of its signal is left alone.
    return await Promise.race([attempt(limit.signal), raised(limit.signal)]);
  } catch (error) {
    throwIfCancelled(signal);
    throw limit.signal.aborted ? tooSlow(timeoutMs) : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** Fails as soon as the signal is raised. */
function raised(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function tooSlow(timeoutMs: number): NigaoeError {
  return new NigaoeError(
    'unreachable',
    `Expected a picture within ${timeoutMs / 1000} s but the camera did not send a whole one in time`,
    { hint: 'Look whether the camera is on, or allow more time in the node' },
  );
}

/** Between half and all of it, so that nodes that failed together do not return together. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(jittered(ms), undefined, { signal });
  } catch {
    throwIfCancelled(signal);
  }
}

export function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
