// Reads a folder of raw float32 variables: manifest.json names the file and the shape of each.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NigaoeError } from '../../errors.js';
import { sizeOf } from '../../tensor.js';
import { type ByteSource, corrupt, openBytes } from './bytes.js';
import type { Checkpoint, StoredTensor } from './checkpoint.js';
import { ELEMENT_BYTES } from './elements.js';
import { isObject, parseObject } from './json-object.js';
import { checkDims, readNumbers, shown } from './numbers.js';

const MANIFEST = 'manifest.json';
/** That of a style has 5 kB. */
const MOST_MANIFEST_BYTES = 1_000_000;

/** One row of the manifest. */
interface Variable {
  key: string;
  filename: string;
  dims: readonly number[];
}

/**
 * Opens a folder; its files are opened only to read them.
 * @throws `model-missing` where the manifest or a file is not there, `model-corrupt` where they do not fit
 */
export async function openRawFolder(folder: string): Promise<Checkpoint> {
  const tensors = new Map<string, StoredTensor>();
  for (const variable of await readManifest(folder)) {
    checkDims(folder, variable);
    await checkSize(folder, variable);
    tensors.set(variable.key, tensorIn(folder, variable));
  }
  return { format: 'raw-folder', tensors, metadata: {}, close: async () => undefined };
}

function tensorIn(folder: string, { key, filename, dims }: Variable): StoredTensor {
  const places = [{ offset: 0, length: sizeOf(dims) * ELEMENT_BYTES.float32 }];
  const read = () =>
    withFile(join(folder, filename), (source) => readNumbers(source, { key, dims, type: 'float32', places }));
  return { dims, type: 'float32', read };
}

async function readManifest(folder: string): Promise<Variable[]> {
  const path = join(folder, MANIFEST);
  const size = await sizeAt(path);
  if (size === undefined) throw missing(`a ${MANIFEST} in the folder ${folder}`, WANTED);
  if (size > MOST_MANIFEST_BYTES) throw corrupt(path, `no manifest has ${size} bytes`);
  const rows = parseObject(await withFile(path, (source) => source.read(0, source.size)));
  if (rows === undefined) throw corrupt(path, 'it is no JSON object of variables');
  return Object.entries(rows).map(([key, row]) => variableFrom(path, key, row));
}
const WANTED =
  'A folder is read as raw float32 variables: its manifest.json gives {"filename", "shape"} for each name. Otherwise name a file.';

function variableFrom(path: string, key: string, row: unknown): Variable {
  const { filename, shape }: Record<string, unknown> = isObject(row) ? row : {};
  if (typeof filename !== 'string' || !Array.isArray(shape))
    throw corrupt(path, `it gives no filename and shape for ${shown(key)}`);
  if (!isPlainName(filename))
    throw corrupt(path, `${shown(filename)} for ${shown(key)} is no name of a file beside it`);
  return { key, filename, dims: shape as number[] };
}

/** A name that stays inside the folder on every system: no path, no drive, no stream. */
const isPlainName = (name: string): boolean => /^[^/\\:\0]+$/.test(name) && !/^\.+$/.test(name);

async function checkSize(folder: string, { key, filename, dims }: Variable): Promise<void> {
  const path = join(folder, filename);
  const size = await sizeAt(path);
  if (size === undefined)
    throw missing(
      `the numbers of ${shown(key)} in ${path}`,
      'Fetch the whole folder, with every file that its manifest names.',
    );
  if (size !== sizeOf(dims) * ELEMENT_BYTES.float32)
    throw corrupt(path, `${size} bytes are no [${dims.join(', ')}] of float32`);
}

/** Bytes of a file; undefined where there is none. */
async function sizeAt(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

async function withFile<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await openBytes(path);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

const missing = (what: string, hint: string): NigaoeError =>
  new NigaoeError('model-missing', `Expected ${what} but there is none`, { hint });
