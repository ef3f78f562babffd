// The folders of a watch: which is watched, where things go, and that no result is ever taken for a photo.

import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import { makeFolder, nearestExisting } from '../../outputs/folder.js';
import { formatOfName } from '../inputs/extensions.js';
import type { WatchOptions } from './options.js';

export interface Folders {
  /** The watched folder as the user wrote it, and where it really is. */
  source: string;
  root: string;
  /** Where results go, as the user wrote it. */
  out: string;
  /** Where drawn photos go; undefined where they stay. */
  done: string | undefined;
  /** Where photos go that cannot be drawn; undefined where they stay. */
  failed: string | undefined;
  /** Real paths of those that are not watched though they may lie in the watched one. */
  apart: readonly string[];
}

/** Makes OUT be there. Throws `options` for folders that are none or lie within each other, `output-unwritable`. */
export async function settleFolders(
  { source, out }: { source: string; out: string },
  { done, failed, keepFailed }: Pick<WatchOptions, 'done' | 'failed' | 'keepFailed'>,
): Promise<Folders> {
  const root = await watchable(source);
  await checkOut(out);
  const targets = {
    OUT: out,
    '--done': done || undefined,
    '--failed': keepFailed ? undefined : failed || path.join(source, 'failed'),
  };
  const apart: string[] = [];
  for (const [name, folder] of Object.entries(targets))
    if (folder !== undefined) apart.push(await apartFrom(root, name, folder));
  await makeFolder(out);
  return { source, root, out, done: targets['--done'], failed: targets['--failed'], apart };
}

async function watchable(source: string): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  if (found?.isDirectory()) return realpath(source);
  const reason = found === undefined ? 'There is none of this name; make it first.' : 'It is a file.';
  throw expected('a folder', 'IN', source, reason);
}

async function checkOut(out: string): Promise<void> {
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (found === undefined && out !== '' && out !== '-' && formatOfName(out) === undefined) return;
  throw expected('a folder', 'OUT', out, 'Every photo becomes a file of its own there.');
}

/** The real path of a folder that is no part of the way to the watched one: what it holds would be watched. */
async function apartFrom(root: string, name: string, folder: string): Promise<string> {
  const real = await realPathOf(folder);
  if (!isWithin(root, real)) return real;
  throw new NigaoeError('options', `Expected a folder that does not hold IN for ${name} but ${folder} does`, {
    hint: 'What is put there would be drawn again and again. Choose a folder beside IN, or one inside of it.',
  });
}

/** Also for a folder that is still to be made. */
async function realPathOf(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  const nearest = await nearestExisting(absolute);
  return path.join(await realpath(nearest), path.relative(nearest, absolute));
}

function isWithin(inner: string, outer: string): boolean {
  const way = path.relative(outer, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
}
