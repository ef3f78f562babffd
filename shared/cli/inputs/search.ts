// Photos in a folder or matching a pattern, in the order that people expect: 2.jpg before 10.jpg.

import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { isPhotoName } from './extensions.js';
import { fileInput, type Input } from './input.js';

/** All photos below a folder; hidden files and those below `without` are left out. */
export async function findInFolder(folder: string, without: string | undefined): Promise<Input[]> {
  const names = await glob('**/*', { cwd: folder, onlyFiles: true, dot: false });
  return collect(folder, names.filter(isPhotoName), without);
}

/** All files that match. Of mixed files the photos are taken; where there are none, each says why it is refused. */
export async function findByPattern(pattern: string, without: string | undefined): Promise<Input[]> {
  // On Windows a backslash separates folders; nowhere else may it be touched, for it escapes.
  const slashed = process.platform === 'win32' ? pattern.replaceAll('\\', '/') : pattern;
  const { folder, rest } = split(slashed);
  const names = await glob(rest, {
    cwd: folder,
    onlyFiles: true,
    expandDirectories: false,
    caseSensitiveMatch: process.platform !== 'win32',
  });
  const photos = names.filter(isPhotoName);
  return collect(folder, photos.length > 0 ? photos : names, without);
}

/** The folders before the first dynamic part, and the pattern below them. */
function split(pattern: string): { folder: string; rest: string } {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  const head = parts.slice(0, first).join('/');
  return { folder: head === '' && first > 0 ? '/' : head || '.', rest: parts.slice(first).join('/') };
}

const ORDER = new Intl.Collator('en', { numeric: true });

function collect(folder: string, names: readonly string[], without: string | undefined): Input[] {
  const sorted = [...names].sort((a, b) => ORDER.compare(a, b));
  const inputs = sorted.map((name) =>
    fileInput(path.join(folder, name), { folder: path.dirname(path.normalize(name)), found: true }),
  );
  // A folder that is searched itself was meant, even where the results go into it.
  if (without === undefined || isBelow(path.resolve(folder), without)) return inputs;
  return inputs.filter(({ origin }) => origin.kind === 'file' && !isBelow(origin.path, without));
}

function isBelow(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}
