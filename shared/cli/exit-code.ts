// What the exit code tells of several things that were done one after the other.

import { FAILURES, type NigaoeError } from '../errors.js';

/** The common exit code of the failures, or 1 where they differ; 0 without any, and that of `cancelled` before all others. */
export function exitCodeOf(failures: readonly NigaoeError[]): number {
  if (failures.some(({ code }) => code === 'cancelled')) return FAILURES.cancelled.exitCode;
  const [first = 0, ...others] = new Set(failures.map(({ exitCode }) => exitCode));
  return others.length === 0 ? first : FAILURES.internal.exitCode;
}
