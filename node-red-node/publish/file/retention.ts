// Takes old pictures away: only those that the node has stored itself and nobody has changed since.

import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../../shared/errors.js';
import type { Entry } from './ledger.js';

export interface Retention {
  /** Newest pictures of a camera that stay; undefined: all. */
  keepCount?: number;
  /** Days after which a picture goes; undefined: never. */
  keepDays?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** FAT knows times to two seconds. */
const SAME_TIME_MS = 2_000;

/** What need not stay. `entries`: oldest first. */
export function oldAmong(entries: readonly Entry[], retention: Retention, nowMs: number): Entry[] {
  const { keepCount = Number.POSITIVE_INFINITY, keepDays = Number.POSITIVE_INFINITY } = retention;
  const newer = new Map<string, number>();
  return [...entries].reverse().filter(({ camera, storedMs }) => {
    const count = newer.get(camera) ?? 0;
    newer.set(camera, count + 1);
    return count >= keepCount || nowMs - storedMs > keepDays * DAY_MS;
  });
}

/** Whether the picture has left the node's care: removed, gone already, or another file by now. */
export async function removePicture(folder: string, entry: Entry): Promise<boolean> {
  const place = path.join(folder, entry.file);
  try {
    const { size, mtimeMs } = await lstat(place);
    const isOurs = size === entry.bytes && Math.abs(mtimeMs - entry.modifiedMs) <= SAME_TIME_MS;
    if (isOurs) await rm(place);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}
