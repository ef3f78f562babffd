// Takes old pictures away: only files whose names the node's own pattern made for the same camera.

import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { StoredName } from './name-pattern.js';

export interface Retention {
  /** Newest pictures that stay; undefined: all. */
  keepCount?: number;
  /** Days after which a picture goes; undefined: never. */
  keepDays?: number;
}

interface Stored extends StoredName {
  file: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** `read` knows the node's own names. A file that cannot be removed stays: storing has succeeded. */
export async function removeOld(
  folder: string,
  read: (file: string) => StoredName | undefined,
  { keepCount = Number.POSITIVE_INFINITY, keepDays = Number.POSITIVE_INFINITY }: Retention,
): Promise<void> {
  const stored = (await storedIn(folder, read)).sort((a, b) => b.storedMs - a.storedMs || b.turn - a.turn);
  const oldestMs = Date.now() - keepDays * DAY_MS;
  const old = stored.filter(({ storedMs }, index) => index >= keepCount || storedMs < oldestMs);
  await Promise.allSettled(old.map(({ file }) => rm(path.join(folder, file))));
}

async function storedIn(folder: string, read: (file: string) => StoredName | undefined): Promise<Stored[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const name = entry.isFile() ? read(entry.name) : undefined;
    return name === undefined ? [] : [{ file: entry.name, ...name }];
  });
}
