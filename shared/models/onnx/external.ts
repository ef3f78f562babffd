// Weights that lie in files of their own, beside the graph.

import path from 'node:path';
import { NigaoeError } from '../../errors.js';
import type { TensorProto } from './file.js';

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
