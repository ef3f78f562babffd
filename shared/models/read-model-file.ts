// Model files by their path: whether one is ONNX, and its bytes.

import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { codeOf, NigaoeError } from '../errors.js';

/** Whether a path names an ONNX file. */
export const isOnnxPath = (path: string): boolean => extname(path).toLowerCase() === '.onnx';

/** The bytes of a model file; throws `model-missing`. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = REASONS[codeOf(cause) ?? ''] ?? 'it cannot be read';
    throw new NigaoeError('model-missing', `Expected a model file at ${path} but ${reason}`, {
      hint: 'Check the path, or name a style of `nigaoe models list`.',
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is none',
  ENOTDIR: 'there is none',
  EISDIR: 'it is a folder',
  // Neither Node.js nor protobuf, which ONNX files are written in, goes beyond.
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GB',
};
