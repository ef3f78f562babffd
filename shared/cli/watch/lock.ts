// One watcher at a time writes into a folder: two would draw everything twice and tear each other's journal.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { lock } from 'proper-lockfile';
import { codeOf, NigaoeError, throwIfCancelled } from '../../errors.js';
import { unwritable } from '../../outputs/unwritable.js';
import { rest } from './bell.js';

/** A watcher that gave no sign of life for so long is dead; it gives one every half of this. */
const STALE_MS = 5_000;
const POLL_MS = 250;

/** The sole right to write into a folder. */
export interface Lock {
  /** Throws `conflict` where another watcher has taken it, `output-unwritable` where the folder is gone. */
  check(): Promise<void>;
  release(): Promise<void>;
}

interface Hold {
  lost: boolean;
  release(): Promise<void>;
}

/** Waits for one that may have died to be surely dead. Throws `conflict` where another watcher lives, `output-unwritable`. */
export async function lockFolder(folder: string, signal: AbortSignal, onWait: () => void): Promise<Lock> {
  let hold = await takeHold(folder, signal, onWait);
  return {
    async check() {
      // After the folder was gone, or this process slept long: it is free still, or again, or somebody else's.
      if (hold.lost) hold = await takeHold(folder, signal, () => undefined);
    },
    async release() {
      await hold.release().catch(() => undefined);
    },
  };
}

async function takeHold(folder: string, signal: AbortSignal, onWait: () => void): Promise<Hold> {
  const signOfLife = await lastSign(folder);
  for (let tries = 0; ; tries++) {
    const hold = await tryLock(folder);
    if (hold !== undefined) return hold;
    if (tries > 0 && (await lastSign(folder)) !== signOfLife) throw taken(folder);
    if (tries === 0) onWait();
    await rest(POLL_MS, signal);
    throwIfCancelled(signal);
  }
}

/** When the watcher that has the lock last said that it lives. */
async function lastSign(folder: string): Promise<number | undefined> {
  const found = await stat(lockOf(folder)).catch(() => undefined);
  return found?.mtimeMs;
}

const lockOf = (folder: string): string => path.join(folder, '.nigaoe-watch.lock');

/** Undefined where another holds it. */
async function tryLock(folder: string): Promise<Hold | undefined> {
  const hold: Hold = { lost: false, release: async () => undefined };
  try {
    hold.release = await lock(folder, {
      lockfilePath: lockOf(folder),
      realpath: false,
      stale: STALE_MS,
      onCompromised: () => {
        hold.lost = true;
      },
    });
    return hold;
  } catch (error) {
    if (codeOf(error) === 'ELOCKED') return undefined;
    throw unwritable(folder, error);
  }
}

function taken(folder: string): NigaoeError {
  return new NigaoeError(
    'conflict',
    `Expected to be the only watcher that draws into ${folder} but another one does`,
    {
      hint: 'Stop the other one, or choose another folder for the results.',
    },
  );
}
