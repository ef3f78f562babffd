// Merges LoRAs into an exported network: the files are copied, and the bytes of the weights that change are written over, one
// weight in memory at a time.

import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError, throwIfCancelled } from '../../errors.js';
import { sizeOf } from '../../tensor.js';
import { isExternal, locationOf } from '../onnx/external.js';
import { DATA_TYPE, type OnnxModel, readOnnx, type TensorProto } from '../onnx/file.js';
import { float16ToFloat32, float32ToFloat16 } from '../onnx/tensor-proto.js';
import { loraDelta } from './delta.js';
import { fitLoras, type LoraUse, plainDims } from './fit.js';
import type { ModuleWeight } from './modules.js';

export interface MergeReport {
  /** Modules that were changed. */
  merged: number;
  /** Modules that the network does not have, or whose weight cannot be changed for them alone: `name: module`. */
  unmatched: string[];
}

/**
 * Writes the network at `source` with these changes to `target`, with its weights beside it; both may be one. Throws
 * `model-unsupported` where shapes
 * do not fit, or where nothing matches at all.
 */
export async function mergeLoras(
  { source, target }: { source: string; target: string },
  uses: readonly LoraUse[],
  signal?: AbortSignal,
): Promise<MergeReport> {
  const bytes = await readFile(source);
  const model = readOnnx(bytes, source);
  const { changed, unmatched } = fitLoras(model, uses, source);
  if (source !== target) await copyNetwork(model, { source, target });
  for (const [name, module] of changed) {
    throwIfCancelled(signal);
    await patch(placeOf(module.weight, { bytes, file: target }), (before) =>
      changedBy(before, { name, module, uses }),
    );
  }
  return { merged: changed.length, unmatched };
}

/** The graph and every file of weights that it names; shared with the original where the file system can. */
async function copyNetwork(
  { graph }: OnnxModel,
  { source, target }: { source: string; target: string },
): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const files = new Set(graph.initializer.filter(isExternal).map((weight) => locationOf(weight).file));
  const copy = async (from: string, to: string) => {
    // Never through a link: what it points to may be the original.
    await rm(to, { force: true });
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  };
  for (const file of files)
    await copy(path.join(path.dirname(source), file), path.join(path.dirname(target), file));
  await copy(source, target);
}

/** Where the numbers of a weight lie in the copied files. */
interface WeightPlace {
  file: string;
  offset: number;
  length: number;
  isHalf: boolean;
}

function placeOf(weight: TensorProto, { bytes, file }: { bytes: Buffer; file: string }): WeightPlace {
  const isHalf = weight.dataType === DATA_TYPE.float16;
  const length = sizeOf(weight.dims) * (isHalf ? 2 : 4);
  checkFloat(weight);
  if (isExternal(weight)) {
    const { file: beside, offset } = locationOf(weight);
    return { file: path.join(path.dirname(file), beside), offset, length, isHalf };
  }
  return { file, offset: (weight.rawData as Uint8Array).byteOffset - bytes.byteOffset, length, isHalf };
}

/** Throws `model-unsupported` for numbers that nothing can be added to. */
export function checkFloat({ name, dataType }: TensorProto): void {
  if (dataType === DATA_TYPE.float16 || dataType === DATA_TYPE.float32) return;
  throw new NigaoeError(
    'model-unsupported',
    `Expected float weights for ${name} but they are of type ${dataType}`,
    {
      hint: 'A quantised network takes no LoRA: take the float16 or float32 one.',
    },
  );
}

async function patch(
  { file, offset, length, isHalf }: WeightPlace,
  change: (before: Float32Array) => Float32Array,
): Promise<void> {
  // A copy may have taken over that it is not to be written.
  await chmod(file, 0o644);
  const handle = await open(file, 'r+');
  try {
    const stored = Buffer.alloc(length);
    await handle.read(stored, 0, length, offset);
    const { buffer, byteOffset } = stored;
    const before = isHalf
      ? float16ToFloat32(new Uint16Array(buffer, byteOffset, length / 2))
      : new Float32Array(buffer, byteOffset, length / 4);
    const after = change(before);
    const numbers = isHalf ? float32ToFloat16(after) : after;
    await handle.write(new Uint8Array(numbers.buffer, numbers.byteOffset, length), 0, length, offset);
  } finally {
    await handle.close();
  }
}

/** A weight with all changes of its module, added up in float32. */
export function changedBy(
  before: Float32Array,
  { name, module, uses }: { name: string; module: ModuleWeight; uses: readonly LoraUse[] },
): Float32Array {
  const [dims, { isTurned }] = [plainDims(module), module];
  const after = before.slice();
  for (const use of uses) {
    const change = use.modules.get(name);
    if (change === undefined) continue;
    const delta = loraDelta(change, dims, { strength: use.strength, name: `${name} of ${use.name}` });
    for (const at of after.keys()) after[at] += delta[isTurned ? turnedAt(at, dims) : at];
  }
  return after;
}

/** Where number `at` of [in, out] lies in [out, in]. */
const turnedAt = (at: number, [outputs, inputs]: readonly number[]): number =>
  (at % outputs) * inputs + Math.floor(at / outputs);
