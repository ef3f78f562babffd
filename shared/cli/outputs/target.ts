// Where the results go: what the user has written, and whether anything can be written there.

import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import { nearestExisting } from '../../outputs/folder.js';
import { unwritable } from '../../outputs/unwritable.js';
import type { OutputFormat } from '../../photo/photo.js';
import { formatOfName, isForeignName } from '../inputs/extensions.js';

export type Target =
  | { kind: 'stdout' }
  | { kind: 'folder'; path: string }
  | { kind: 'file'; path: string; format: OutputFormat };

export interface TargetOptions {
  /** What the user has written before it. */
  flag: '--out' | '--draw';
  /** How many photos there are. */
  photos: number;
  /** Whether JSON goes to standard output. */
  json: boolean;
  /** The option `--format`. */
  format: Options['format'];
}

/**
 * Reads what follows the flag: `-` is standard output, a picture's extension means a file, everything else a folder.
 * Throws `options` for what contradicts itself or the number of photos, `output-unwritable` where nothing can be written.
 */
export async function chooseTarget(out: string, options: TargetOptions): Promise<Target> {
  const { flag, photos } = options;
  if (out === '') throw expected('a file or folder', flag, out);
  if (out === '-') return stdoutTarget(options);
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory()) return writableTarget({ kind: 'folder', path: out }, out);
  const isNamedFolder = out.endsWith('/') || out.endsWith(path.sep);
  if (!isNamedFolder && formatOfName(out) !== undefined) return fileTarget(out, options);
  if (!isNamedFolder && isForeignName(out) && photos === 1)
    throw expected('a file that ends in .jpg, .png, .webp or .avif', flag, out, WHAT_OUT_MEANS);
  if (found !== undefined) throw expected('a folder', flag, out, `${out} is a file. ${WHAT_OUT_MEANS}`);
  return writableTarget({ kind: 'folder', path: out }, path.dirname(out));
}

const WHAT_OUT_MEANS = 'Give a folder, or for one photo a file that ends in .jpg, .png, .webp or .avif.';

function stdoutTarget({ flag, photos, json }: TargetOptions): Target {
  if (json) throw expected('a file or folder', flag, '-', 'With --json standard output is taken.');
  if (photos > 1) throw expected('a folder', flag, '-', `There are ${photos} photos. ${WHAT_OUT_MEANS}`);
  if (process.stdout.isTTY) {
    const hint = 'Redirect it (> drawn.png), or give a file.';
    throw expected('a file', flag, '-', `Standard output is a terminal. ${hint}`);
  }
  return { kind: 'stdout' };
}

async function fileTarget(out: string, { flag, photos, format }: TargetOptions): Promise<Target> {
  const named = formatOfName(out) ?? 'png';
  if (photos > 1) throw expected('a folder', flag, out, `There are ${photos} photos. ${WHAT_OUT_MEANS}`);
  if (format !== 'same' && format !== named)
    throw expected(
      `a file of the format ${format}`,
      flag,
      out,
      'Leave --format out, or change the extension.',
    );
  return writableTarget({ kind: 'file', path: out, format: named }, path.dirname(out));
}

async function writableTarget(target: Target, folder: string): Promise<Target> {
  await checkWritable(folder);
  return target;
}

/** Throws `output-unwritable` unless the nearest folder that exists can be written: said before hours of drawing, not after. */
export async function checkWritable(folder: string): Promise<void> {
  const nearest = await nearestExisting(path.resolve(folder));
  try {
    if (!(await stat(nearest)).isDirectory()) throw unwritable(folder, 'ENOTDIR');
    await access(nearest, constants.W_OK);
  } catch (error) {
    throw error instanceof NigaoeError ? error : unwritable(nearest, error);
  }
}
