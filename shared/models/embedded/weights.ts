// Reads the weight files of the dev dependency @vladmandic/face-api (TensorFlow.js weights manifest, uint8-quantized).

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A variable of the network in TensorFlow's layout (HWIO kernels). */
export interface Variable {
  shape: number[];
  data: Float32Array;
}

interface ManifestWeight {
  name: string;
  shape: number[];
  quantization: { dtype: 'uint8'; scale: number; min: number };
}

/** All variables of a model of the package, by name: value = code * scale + min. */
export function readFaceApiWeights(model: string): Map<string, Variable> {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')),
    'model',
  );
  const [manifest] = JSON.parse(readFileSync(join(folder, `${model}-weights_manifest.json`), 'utf8')) as [
    { weights: ManifestWeight[] },
  ];
  return dequantize(manifest.weights, readFileSync(join(folder, `${model}.bin`)));
}

function dequantize(weights: ManifestWeight[], codes: Uint8Array): Map<string, Variable> {
  const variables = new Map<string, Variable>();
  let offset = 0;
  for (const { name, shape, quantization } of weights) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const slice = codes.subarray(offset, offset + size);
    variables.set(name, {
      shape,
      data: Float32Array.from(slice, (code) => code * quantization.scale + quantization.min),
    });
    offset += size;
  }
  if (offset !== codes.length)
    throw new Error(`Expected ${offset} weight bytes but the file holds ${codes.length}`);
  return variables;
}
