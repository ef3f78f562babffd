// Moves a photo to another folder, to another disk if need be; never over another file.

import { copyFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../errors.js';
import { makeFolder } from '../../outputs/folder.js';
import { unwritable } from '../../outputs/unwritable.js';
import { numbered } from '../outputs/plan.js';

/** Returns where it lies now; a file that has its name already makes it `name-2`. Throws `output-unwritable`. */
export async function moveFile(file: string, wanted: string): Promise<string> {
  await makeFolder(path.dirname(wanted));
  try {
    const target = await freeName(wanted);
    await rename(file, target).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EXDEV') throw error;
      await moveAcross(file, target);
    });
    return target;
  } catch (error) {
    throw unwritable(wanted, error);
  }
}

/** To another disk: whole under another name first, then in its place, and only then gone from here. */
async function moveAcross(file: string, target: string): Promise<void> {
  const draft = path.join(path.dirname(target), `.${path.basename(target)}.part`);
  try {
    await copyFile(file, draft);
    const { atime, mtime } = await stat(file);
    await utimes(draft, atime, mtime);
    await rename(draft, target);
    await rm(file);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function freeName(wanted: string): Promise<string> {
  let name = wanted;
  for (let number = 2; await exists(name); number++) name = numbered(wanted, number);
  return name;
}

/** Whether something has this name. */
export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
