// Stores bytes under a name that is free: whole or not at all, and never over another file.

import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, NigaoeError } from '../../../shared/errors.js';

/** More pictures than this in one second are refused. */
const MOST_TURNS = 999;

/** Writes beside the place first. `nameFor(turn)`: the first choice for turn 1, then the next ones. Resolves with the path. */
export async function storeNew(
  folder: string,
  bytes: Buffer,
  nameFor: (turn: number) => string,
): Promise<string> {
  // The dot keeps it from those who list pictures.
  const draft = path.join(folder, `.nigaoe-${randomBytes(8).toString('hex')}.part`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(draft, bytes, { flag: 'wx' });
    return await moveToFree(draft, folder, nameFor);
  } catch (error) {
    throw unwritable(folder, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function moveToFree(draft: string, folder: string, nameFor: (turn: number) => string): Promise<string> {
  for (let turn = 1; turn <= MOST_TURNS; turn += 1) {
    const place = inside(folder, nameFor(turn));
    if (await moveIfFree(draft, place)) return place;
  }
  throw new NigaoeError(
    'conflict',
    `Expected a free name in ${folder} but "${nameFor(1)}" and all after it are taken`,
    {
      hint: 'Put {date} and {time} into the file name.',
    },
  );
}

/** A hard link appears at once with all its bytes, and fails where a file is. `rename` would replace that file. */
async function moveIfFree(draft: string, place: string): Promise<boolean> {
  try {
    await link(draft, place);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!NO_LINKS.has(codeOf(error) ?? '')) throw error;
    return renameIfFree(draft, place);
  }
}
/** FAT, exFAT and some network folders. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** An empty file takes the name first; what is replaced then is ours. */
async function renameIfFree(draft: string, place: string): Promise<boolean> {
  try {
    await (await open(place, 'wx')).close();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(draft, place);
  return true;
}

/** The pattern allows no slashes; should that ever fail, nothing is written elsewhere. */
function inside(folder: string, name: string): string {
  const place = path.join(folder, name);
  if (path.dirname(place) === path.resolve(folder)) return place;
  throw new NigaoeError('output-unwritable', `Expected a name inside of ${folder} but received "${name}"`);
}

function unwritable(folder: string, error: unknown): NigaoeError {
  if (error instanceof NigaoeError) return error;
  const reason = codeOf(error) ?? String(error);
  return new NigaoeError(
    'output-unwritable',
    `Expected to store a picture in ${folder} but that failed (${reason})`,
    {
      hint: 'Check that the folder exists, that Node-RED may write there, and that the disk has room.',
      cause: error,
    },
  );
}
