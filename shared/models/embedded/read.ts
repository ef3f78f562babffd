// Hands out the models that ship inside the package.

import { readFileSync } from 'node:fs';
import { NigaoeError } from '../../errors.js';

/** The bytes of an embedded model, by its catalogue id; throws `model-missing`. */
export function readEmbedded(id: string): Uint8Array {
  try {
    return readFileSync(new URL(`${id}.onnx`, import.meta.url));
  } catch (cause) {
    throw new NigaoeError(
      'model-missing',
      `Expected the embedded model ${id} in the package but it is not there`,
      {
        hint: 'Run `npm run build`, or install the package again.',
        cause,
      },
    );
  }
}
