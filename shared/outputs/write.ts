// Puts finished pictures on the disk: whole or not at all.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { unwritable } from './unwritable.js';

/** A file to be: its path and its bytes. */
interface Sheet {
  path: string;
  bytes: Uint8Array;
}

/** Temporary files that exist at this moment. */
const unfinished = new Set<string>();
// A second Ctrl-C ends the process between two steps; only synchronous work is done then.
process.on('exit', () => {
  for (const file of unfinished) rmSync(file, { force: true });
});

/**
 * Writes all files or none: each under a temporary name in its folder first, then renamed, the last file first. So the
 * first one is there only when all are. Throws `output-unwritable`.
 */
export async function writeSheets(sheets: readonly Sheet[]): Promise<void> {
  const drafts: { draft: string; target: string }[] = [];
  try {
    for (const sheet of sheets) drafts.push(await writeDraft(sheet));
    for (const { draft, target } of drafts.reverse()) {
      await rename(draft, target).catch((error: unknown) => {
        throw unwritable(target, error);
      });
      unfinished.delete(draft);
    }
  } finally {
    for (const { draft } of drafts) await discard(draft);
  }
}

async function writeDraft({ path: file, bytes }: Sheet): Promise<{ draft: string; target: string }> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // A link stays a link: what it points to is replaced.
    const target = await realpath(file).catch(() => file);
    const draft = path.join(path.dirname(target), `.nigaoe-${process.pid}-${randomBytes(6).toString('hex')}`);
    await writeSynced(draft, bytes);
    return { draft, target };
  } catch (error) {
    throw unwritable(file, error);
  }
}

async function writeSynced(draft: string, bytes: Uint8Array): Promise<void> {
  unfinished.add(draft);
  try {
    const handle = await open(draft, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await discard(draft);
    throw error;
  }
}

async function discard(draft: string): Promise<void> {
  if (!unfinished.has(draft)) return;
  await rm(draft, { force: true }).catch(() => undefined);
  unfinished.delete(draft);
}
