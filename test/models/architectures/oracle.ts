// What other frameworks drew, from weights that are made anew here: the twin of test/oracles/oracle.py.

import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import type { ArchitectureOptions } from '../../../shared/models/architectures/architecture.js';
import type { Checkpoint, StoredTensor } from '../../../shared/models/checkpoints/checkpoint.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { openSession } from '../../../shared/models/session.js';
import { sizeOf, type Tensor, tensor } from '../../../shared/tensor.js';
import { halfBits, halfValue } from '../../fixtures/half.js';

/** Dims, centre and spread of a tensor's numbers. */
type Recipe = readonly [dims: readonly number[], centre: number, spread: number];

export interface OracleCase {
  title: string;
  options: ArchitectureOptions;
  /** As the framework counts them; absent where it was rebuilt. */
  parameters?: number;
  tensors: Readonly<Record<string, Recipe>>;
  pictures: readonly { height: number; width: number; drawing: string }[];
}

/** The cases of a JSON file, whose lists the compiler does not know as tuples. */
export const casesOf = (json: unknown): readonly OracleCase[] => json as readonly OracleCase[];

/** float32 numbers in centre - spread .. centre + spread: a hash of the place, seeded by a hash of the name. */
export function numbers(name: string, [dims, centre, spread]: Recipe): Float32Array {
  const seed = crc32(name);
  return Float32Array.from({ length: sizeOf(dims) }, (_, at) => {
    const mixed = (murmur(Math.imul(at, 0x9e3779b1) + seed) >>> 0) / 2 ** 31 - 1;
    return centre + spread * mixed;
  });
}

/** The finaliser of MurmurHash3. */
function murmur(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

/** A checkpoint in memory with the case's weights, as they are or rounded to float16. */
export function checkpointOf(tensors: OracleCase['tensors'], precision: 32 | 16 = 32): Checkpoint {
  const rounded = (values: Float32Array) =>
    precision === 32 ? values : values.map((value) => halfValue(halfBits(value)));
  return inMemory(tensors, (key, recipe) => rounded(numbers(key, recipe)));
}

/** Dims of tensors whose numbers do not matter. */
export const shapesOf = (tensors: OracleCase['tensors']): Map<string, readonly number[]> =>
  new Map(Object.entries(tensors).map(([key, [dims]]) => [key, dims]));

export function inMemory(
  tensors: OracleCase['tensors'],
  read: (key: string, recipe: Recipe) => Float32Array,
): Checkpoint {
  const stored = Object.entries(tensors).map(([key, recipe]): [string, StoredTensor] => [
    key,
    { dims: recipe[0], type: 'float32', read: () => Promise.resolve(read(key, recipe)) },
  ]);
  return { format: 'pytorch', tensors: new Map(stored), metadata: {}, close: () => Promise.resolve() };
}

/** The picture of noise of that size, in the network's range. */
export function noise(height: number, width: number, [low, high]: readonly [number, number]): Tensor {
  const dims = [1, 3, height, width];
  const recipe: Recipe = [dims, (low + high) / 2, (high - low) / 2];
  return tensor(dims, numbers(`picture ${height}x${width}`, recipe));
}

/** Runs a model on pictures, one after the other; rewritten for the CPU where it is told what their sides are multiples of. */
export async function draw(
  model: OnnxModel,
  pictures: readonly Tensor[],
  sidesMultipleOf?: number,
): Promise<Tensor[]> {
  const rewritten = sidesMultipleOf === undefined ? {} : { sidesMultipleOf };
  const session = await openSession(model, { name: 'the converted model', device: 'cpu', ...rewritten });
  const drawings: Tensor[] = [];
  for (const picture of pictures) drawings.push((await session.run({ picture })).drawing);
  await session.close();
  return drawings;
}

/** The largest difference to what the framework drew, in units of half the range. */
export function differenceTo(
  stored: string,
  drawing: Tensor,
  [low, high]: readonly [number, number],
): number {
  const bytes = Buffer.from(stored, 'base64');
  const expected = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));
  assert.equal(drawing.data.length, expected.length);
  const differences = expected.map((value, at) => Math.abs(value - drawing.data[at]));
  return Math.max(...differences) / ((high - low) / 2);
}
