// Puts finished pictures on the disk: whole or not at all.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../errors.js';
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

/** Removes the unfinished files of processes that were killed in a folder; one that cannot be read is left as it is. */
export async function sweepDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const pid = DRAFT_NAME.exec(name)?.[1];
    const file = path.join(folder, name);
    if (pid !== undefined && !isWritten(file, Number(pid)))
      await rm(file, { force: true }).catch(() => undefined);
  }
}

const draftName = () => `.nigaoe-${process.pid}-${randomBytes(6).toString('hex')}`;
const DRAFT_NAME = /^\.nigaoe-(\d+)-[0-9a-f]{12}$/;

/** Whether somebody still works on a draft. In containers one program after the other has the same number. */
function isWritten(draft: string, pid: number): boolean {
  if (pid === process.pid) return unfinished.has(draft);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

async function writeDraft({ path: file, bytes }: Sheet): Promise<{ draft: string; target: string }> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // A link stays a link: what it points to is replaced.
    const target = await realpath(file).catch(() => file);
    const draft = path.join(path.dirname(target), draftName());
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
