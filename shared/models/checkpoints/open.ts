// Opens checkpoints of every format that nigaoe reads. The bytes tell the format, not the name.

import { stat } from 'node:fs/promises';
import { NigaoeError } from '../../errors.js';
import { type ByteSource, openBytes } from './bytes.js';
import type { Checkpoint } from './checkpoint.js';
import { foreignFormat, type Glimpse, TAIL_BYTES, unknownFormat } from './foreign-formats.js';
import { isMindspore, openMindspore } from './mindspore.js';
import { isPytorch, openPytorch } from './pytorch/open.js';
import { openRawFolder } from './raw-folder.js';
import { isSafetensors, openSafetensors } from './safetensors.js';

interface Reader {
  reads(head: Uint8Array): boolean;
  open(source: ByteSource): Promise<Checkpoint>;
}

const READERS: readonly Reader[] = [
  { reads: isSafetensors, open: openSafetensors },
  { reads: isPytorch, open: openPytorch },
  { reads: isMindspore, open: openMindspore },
];

/** Bytes that tell the format. */
const HEAD_BYTES = 4096;

/** Whether a path names a checkpoint by its ending; a folder of variables has none. */
export const isCheckpointPath = (path: string): boolean =>
  /\.(pt|pth|pth\.tar|bin|pkl|ckpt|safetensors)$/i.test(path);

/**
 * Opens a checkpoint: a PyTorch, .safetensors or MindSpore file, or a folder of raw variables.
 * @throws `model-missing` where nothing can be read, `model-corrupt` where it is damaged or not a model at all, and
 * `model-unsupported` where it is a model of another format; the hint says what to do
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return openRawFolder(path);
  if (found !== undefined && !found.isFile()) throw noFile(path);
  const source = await openBytes(path);
  try {
    return await openSource(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openSource(source: ByteSource): Promise<Checkpoint> {
  const glimpse = await glimpseOf(source);
  const foreign = foreignFormat(glimpse);
  if (foreign !== undefined) throw foreign;
  const reader = READERS.find(({ reads }) => reads(glimpse.head));
  if (reader === undefined) throw unknownFormat(glimpse);
  return reader.open(source);
}

async function glimpseOf(source: ByteSource): Promise<Glimpse> {
  const { name, size } = source;
  const tailBytes = Math.min(TAIL_BYTES, size);
  return {
    name,
    size,
    head: await source.read(0, Math.min(HEAD_BYTES, size)),
    tail: await source.read(size - tailBytes, tailBytes),
  };
}

// A pipe or a device: opening it could wait for ever.
const noFile = (path: string): NigaoeError =>
  new NigaoeError('model-missing', `Expected a model file at ${path} but it is neither a file nor a folder`, {
    hint: 'Save it as a file first.',
  });
