// Does something to several models: one that fails does not stop the others, a cancelled one does.

import { asFailure, type NigaoeError, throwIfCancelled } from '../../errors.js';
import { exitCodeOf } from '../exit-code.js';
import type { Stage } from '../perform.js';

/** Returns the common exit code of the failures, or 1 where they differ. */
export async function runEach<Model extends { id: string }>(
  entries: readonly Model[],
  { terminal, signal }: Stage,
  work: (entry: Model) => Promise<void>,
): Promise<number> {
  const failures: NigaoeError[] = [];
  for (const entry of entries) {
    throwIfCancelled(signal);
    try {
      await work(entry);
    } catch (thrown) {
      const error = asFailure(thrown);
      if (error.code === 'cancelled') throw error;
      terminal.failure(error, entry.id);
      terminal.jsonOnly({ id: entry.id, status: 'failed', error });
      failures.push(error);
    }
  }
  return exitCodeOf(failures);
}
