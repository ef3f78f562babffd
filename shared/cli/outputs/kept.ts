// Results of an earlier run, which are kept unless the user forces them to be drawn again.

import { stat } from 'node:fs/promises';
import { unwritable } from '../../outputs/unwritable.js';
import type { OutputFormat } from '../../photo/photo.js';
import type { Input } from '../inputs/input.js';
import { type Naming, namesOf, numbered } from './plan.js';

/**
 * The files that an earlier run made of this photo, or none. `severalPictures`: numbered ones count as well. Throws
 * `output-unwritable` where a folder has the name of a result.
 */
export async function earlierResults(
  input: Input,
  format: OutputFormat,
  { naming, severalPictures }: { naming: Naming; severalPictures: boolean },
): Promise<string[]> {
  const [plain] = namesOf(input, format, 1, naming);
  if (await isFile(plain)) return [plain];
  const found: string[] = [];
  while (severalPictures && (await isFile(numbered(plain, found.length + 1))))
    found.push(numbered(plain, found.length + 1));
  return found;
}

async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw unwritable(file, 'EISDIR');
  return found !== undefined;
}
