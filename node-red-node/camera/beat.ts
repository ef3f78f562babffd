// The timer of a camera: every n seconds, never two at a time, and more slowly while the camera fails.

import type { FailureCode } from '../../shared/errors.js';
import { jittered } from './patience.js';

/** How a beat went: the code of its failure, undefined where it went well. */
export type BeatResult = FailureCode | undefined;

/** Calls `beat` at once and then every `everyMs`; returns what ends that. */
export function startBeat(everyMs: number, beat: () => Promise<BeatResult>): () => void {
  let timer: NodeJS.Timeout;
  let failures = 0;
  let stopped = false;
  const next = async (): Promise<void> => {
    const startedAt = Date.now();
    const failure = await beat().catch((): BeatResult => 'internal');
    failures = failure === undefined ? 0 : failures + 1;
    if (stopped) return;
    timer = setTimeout(next, pauseUntilNext({ everyMs, startedAt, now: Date.now(), failures, failure }));
  };
  // The nodes behind this one are made after it: a first picture at once would meet none.
  timer = setTimeout(next, FIRST_PAUSE_MS);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
const FIRST_PAUSE_MS = 200;

interface Beaten {
  everyMs: number;
  startedAt: number;
  now: number;
  /** In a row. */
  failures: number;
  failure: BeatResult;
}

/** Beats that a slow camera missed are left out; a dead one is asked less and less often. */
export function pauseUntilNext({ everyMs, startedAt, now, failures, failure }: Beaten): number {
  if (failure === undefined) return everyMs - ((now - startedAt) % everyMs);
  const least = failure === 'unauthorised' ? Math.max(everyMs, LOCKOUT_PAUSE_MS) : everyMs;
  const longest = Math.max(everyMs, LONGEST_PAUSE_MS);
  return Math.max(everyMs, jittered(Math.min(longest, least * 2 ** failures)));
}
const LONGEST_PAUSE_MS = 5 * 60_000;
/** Cameras lock users out after some wrong passwords. */
const LOCKOUT_PAUSE_MS = 60_000;
