// A network of a file with all of its weights, in float32.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { takeIn } from './external.js';
import { type OnnxModel, readOnnx } from './file.js';
import { hasFloat16, widenToFloat32 } from './float32.js';

/** Throws `model-corrupt` for files that are none, and where weights beside them are not there. */
export async function readWidened(file: string): Promise<OnnxModel> {
  const model = readOnnx(await readFile(file), file);
  await takeIn(model, path.dirname(file));
  if (hasFloat16(model)) widenToFloat32(model);
  return model;
}
