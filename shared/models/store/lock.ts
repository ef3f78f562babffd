// One process at a time works on a model of the store; the others wait, and go on when it is done or has died.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, throwIfCancelled } from '../../errors.js';
import { writing } from './disk.js';

interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called about four times a second while another process holds the lock. */
  onWait?: (() => void | Promise<void>) | undefined;
  /** A holder that gave no sign of life for so long is dead; default 30 000, at least 2000. */
  staleMs?: number | undefined;
}

/** Long, because inference can block a living process for seconds. */
const STALE_MS = 30_000;
const POLL_MS = 250;

/**
 * Runs `work` while this process holds the lock of `folder` (a folder `<folder>.lock` beside it), waiting as long as it takes.
 * The signal that `work` gets is raised when the caller cancels or the lock is lost; a lost lock is taken anew and `work` runs
 * again. Throws `cancelled`, `store-unwritable`, and what `work` throws.
 */
export async function withLock<T>(
  folder: string,
  work: (signal: AbortSignal) => Promise<T>,
  { signal, onWait, staleMs = STALE_MS }: LockOptions = {},
): Promise<T> {
  await writing(folder, () => mkdir(path.dirname(folder), { recursive: true }));
  for (;;) {
    throwIfCancelled(signal);
    const lost = new AbortController();
    const release = await tryLock(folder, staleMs, lost);
    if (release === undefined) {
      await onWait?.();
      await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
      continue;
    }
    try {
      return await work(signal === undefined ? lost.signal : AbortSignal.any([signal, lost.signal]));
    } catch (error) {
      if (!lost.signal.aborted || signal?.aborted) throw error;
    } finally {
      // A lost lock belongs to somebody else by now.
      await release().catch(() => undefined);
    }
  }
}

/** The function that frees the lock, or undefined where another holds it. */
async function tryLock(
  folder: string,
  staleMs: number,
  lost: AbortController,
): Promise<(() => Promise<void>) | undefined> {
  // Loaded here, because it listens to the process's signals: only for those who write to the store.
  const { lock } = await import('proper-lockfile');
  try {
    return await writing(folder, () =>
      lock(folder, { realpath: false, stale: staleMs, onCompromised: (error) => lost.abort(error) }),
    );
  } catch (error) {
    if (codeOf(error) === 'ELOCKED') return undefined;
    throw error;
  }
}
