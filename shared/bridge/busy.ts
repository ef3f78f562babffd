// The failure `busy` with the time after which it is worth trying again.

import { NigaoeError } from '../errors.js';

/** A `busy` whose answer carries Retry-After. */
export function busy(
  message: string,
  { retryAfterS, hint }: { retryAfterS: number; hint: string },
): NigaoeError {
  return Object.assign(new NigaoeError('busy', message, { hint }), { retryAfterS });
}

/** Seconds after which it is worth trying again, where a failure says. */
export function retryAfterOf(error: unknown): number | undefined {
  const seconds = error instanceof Error ? (error as { retryAfterS?: unknown }).retryAfterS : undefined;
  return typeof seconds === 'number' ? Math.max(1, Math.ceil(seconds)) : undefined;
}
