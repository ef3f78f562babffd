// One training at a time writes to a folder: a file there says which process does.

import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expected } from '../errors.js';
import { unwritable } from '../outputs/unwritable.js';

const NAME = '.training';
/** Folders of this process. */
const claimed = new Set<string>();

/** Runs `work` while the folder, which is there, is this training's. Throws `options` where another one has it. */
export async function withFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const key = await realpath(folder);
  const file = path.join(key, NAME);
  const holder = Number(await readFile(file, 'utf8').catch(() => 'none'));
  if (claimed.has(key) || (holder !== process.pid && isAlive(holder)))
    throw expected(
      'a folder that no other training writes to',
      '--out',
      folder,
      `Process ${holder || process.pid} does; if that is something else, remove ${file}.`,
    );
  claimed.add(key);
  try {
    await writeFile(file, String(process.pid)).catch((error: unknown) => {
      throw unwritable(file, error);
    });
    return await work();
  } finally {
    claimed.delete(key);
    await rm(file, { force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    // Signal 0 asks and does nothing.
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
