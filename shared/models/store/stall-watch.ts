// Tells a download that has fallen silent from one that was cancelled and from one that broke.

import { codeOf, NigaoeError } from '../../errors.js';
import { SourceFailure } from './sources.js';

/** The life line of one request. */
export interface StallWatch {
  signal: AbortSignal;
  /** Something has come. */
  feed(): void;
  stop(): void;
  /** What a failed request really died of. */
  explain(error: unknown): Error;
}

/** Starts to watch: `stallMs` without a call of `feed` raise the signal, as the caller's own signal does. */
export function watchForStall(stallMs: number, signal: AbortSignal | undefined): StallWatch {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMs);
  return {
    signal: signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal]),
    feed: () => timer.refresh(),
    stop: () => clearTimeout(timer),
    explain: (error) => {
      if (error instanceof SourceFailure) return error;
      if (signal?.aborted) return cancelled(error);
      const name = stalled.signal.aborted ? undefined : unresolvedName(error);
      if (name !== undefined)
        return new SourceFailure('unresolved', `has a name that cannot be resolved (${name})`, {
          cause: error,
        });
      const reason = stalled.signal.aborted ? `sent nothing for ${stallMs / 1000} s` : networkReason(error);
      return new SourceFailure('retry', reason, { cause: error });
    },
  };
}

/** The system's code where the name of a server could not be looked up. */
function unresolvedName(error: unknown): string | undefined {
  const code = codeOf(error instanceof Error ? (error.cause ?? error) : error);
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? code : undefined;
}

/** fetch says only "fetch failed" or "terminated"; the reason lies in the cause. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return `broke off (${codeOf(cause) ?? message})`;
}

/** The failure of a job that the user has stopped. */
export function cancelled(cause: unknown): NigaoeError {
  return new NigaoeError('cancelled', 'The job was cancelled', { cause });
}
