// `nigaoe figma`: writes the plugin that came with the package into a folder that stays where it is.

import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expected, NigaoeError } from '../../errors.js';
import type { Stage } from '../perform.js';

const BUILT = fileURLToPath(new URL('../../../figma-plugin/', import.meta.url));
/** The manifest comes last: Figma reads the other two when it appears. */
const FILES = ['code.js', 'ui.html', 'manifest.json'] as const;

/**
 * Writes the three files and says how to import them; 0. An older plugin of ours is replaced. Throws `options` for a
 * folder that holds something else, `output-unwritable` where nothing can be written.
 */
export async function writePlugin(given: string, { terminal }: Stage): Promise<number> {
  const folder = path.resolve(given);
  await checkFolder(folder);
  await copyInto(folder);
  const manifest = path.join(folder, 'manifest.json');
  terminal.result(manifest, { manifest });
  terminal.notice(
    "In Figma's desktop app: Plugins > Development > Import plugin from manifest..., and choose this file.\n" +
      'Then leave `nigaoe serve` running, and pair with the code that it shows.',
  );
  return 0;
}

/** Nothing of others is written over: the folder is new, empty, or holds this plugin. */
async function checkFolder(folder: string): Promise<void> {
  const names = await namesIn(folder);
  if (names.length === 0 || (await holdsPlugin(folder))) return;
  throw expected('a new or empty folder, or one with this plugin', 'the folder', folder, 'Name another one.');
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw expected('a folder', 'the folder', folder, 'A file has that name.');
    throw unwritable(folder, error);
  }
}

async function holdsPlugin(folder: string): Promise<boolean> {
  const [theirs, ours] = await Promise.all([folder, BUILT].map((place) => idIn(place)));
  return theirs !== undefined && theirs === ours;
}

/** The id in the manifest of a plugin. */
async function idIn(folder: string): Promise<unknown> {
  try {
    return (JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as { id?: unknown }).id;
  } catch {
    return undefined;
  }
}

async function copyInto(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of FILES) await copyFile(path.join(BUILT, name), path.join(folder, name));
  } catch (error) {
    throw unwritable(folder, error);
  }
}

const unwritable = (folder: string, cause: unknown): NigaoeError =>
  new NigaoeError('output-unwritable', `Expected to write the plugin into ${folder} but could not`, {
    hint: 'Name a folder in which you may write.',
    cause,
  });
