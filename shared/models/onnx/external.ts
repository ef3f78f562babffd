// Weights that lie in files of their own, beside the graph.

import { type FileHandle, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError } from '../../errors.js';
import type { OnnxModel, TensorProto } from './file.js';

export const isExternal = ({ dataLocation }: TensorProto): boolean => dataLocation === 1;

/** Where the numbers of an external weight lie: `file` is below the folder of the graph. */
export interface Location {
  file: string;
  offset: number;
  length: number | undefined;
}

/** Throws `model-corrupt` for a place outside of the folder. */
export function locationOf({ externalData = [], name = '' }: TensorProto): Location {
  const said = new Map(externalData.map(({ key, value }) => [key, value]));
  const file = said.get('location') ?? '';
  if (path.isAbsolute(file) || path.normalize(file).startsWith('..'))
    throw new NigaoeError(
      'model-corrupt',
      `Expected the weights ${name} beside their graph but they are in ${file}`,
      { hint: 'Fetch the folder again.' },
    );
  const length = said.get('length');
  return {
    file,
    offset: Number(said.get('offset') ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

/** Throws `model-corrupt` where a file of external weights is not there or ends early; `folder` is the graph's. */
export async function checkExternal({ graph }: OnnxModel, folder: string): Promise<void> {
  const ends = new Map<string, number>();
  for (const weight of graph.initializer.filter(isExternal)) {
    const { file, offset, length = 0 } = locationOf(weight);
    ends.set(file, Math.max(ends.get(file) ?? 0, offset + length));
  }
  for (const [name, end] of ends) {
    const file = path.join(folder, name);
    const found = await stat(file).catch((cause: unknown) => {
      throw missing(file, 'it cannot be read', cause);
    });
    if (found.size < end) throw missing(file, `it ends after ${found.size} of ${end} bytes`);
  }
}

/**
 * Takes the numbers of external weights into the model, whose graph lies in `folder`. Throws `model-corrupt` where they
 * are not there.
 */
export async function takeIn({ graph }: OnnxModel, folder: string): Promise<void> {
  const handles = new Map<string, FileHandle>();
  try {
    for (const weight of graph.initializer.filter(isExternal)) {
      const { file } = locationOf(weight);
      const handle = handles.get(file) ?? (await openBeside(folder, file));
      handles.set(file, handle);
      weight.rawData = await numbersIn(handle, weight, path.join(folder, file));
      weight.dataLocation = 0;
      weight.externalData = [];
    }
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
}

const openBeside = (folder: string, file: string): Promise<FileHandle> =>
  open(path.join(folder, file)).catch((cause: unknown) => {
    throw missing(path.join(folder, file), 'it cannot be read', cause);
  });

async function numbersIn(handle: FileHandle, weight: TensorProto, file: string): Promise<Buffer> {
  const { offset, length = (await handle.stat()).size - offset } = locationOf(weight);
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, offset);
  if (bytesRead < length) throw missing(file, 'it ends early');
  return bytes;
}

const missing = (file: string, reason: string, cause?: unknown): NigaoeError =>
  new NigaoeError('model-corrupt', `Expected weights in ${file} but ${reason}`, {
    hint: 'Fetch the folder again, with the files beside its graphs.',
    cause,
  });
