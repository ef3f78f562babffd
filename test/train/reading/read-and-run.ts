// Runs an ONNX model twice: as it is, and as the workshop reads it and writes it again.

import assert from 'node:assert/strict';
import { type OnnxModel, readOnnx, writeOnnx } from '../../../shared/models/onnx/file.js';
import { openSession } from '../../../shared/models/session.js';
import { sizeOf, type Tensor, tensor } from '../../../shared/tensor.js';
import * as a from '../../../shared/train/arithmetic.js';
import { emit } from '../../../shared/train/onnx.js';
import type { Node } from '../../../shared/train/ops.js';
import { type ReadOptions, readGraph } from '../../../shared/train/reading/read.js';

export type Feeds = Record<string, Tensor>;

/** The same numbers each time, none close to where a slope breaks. */
export function numbers(count: number, seed: number, { from = -1.5, to = 1.5 } = {}): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    const fraction = ((index + 1) * 0.754877666 + (seed + 1) * 0.569840291) % 1;
    const value = from + (to - from) * fraction;
    return Math.abs(value) < 0.02 ? 0.02 : value;
  });
}
export const random = (dims: readonly number[], seed: number, range = {}): Tensor =>
  tensor(dims, numbers(sizeOf(dims), seed, range));

/** What the model computes; values that it does not take are not fed. */
export async function run(model: OnnxModel, feeds: Feeds): Promise<Record<string, Tensor>> {
  const session = await openSession(model, { name: 'the graph', device: 'cpu' });
  try {
    return await session.run(
      Object.fromEntries(session.inputs.map(({ name }): [string, Tensor] => [name, feeds[name]])),
    );
  } finally {
    await session.close();
  }
}

/** The outputs of a model that is fed values of these shapes. */
export const read = (
  model: OnnxModel,
  feeds: Feeds,
  options: Omit<ReadOptions, 'inputs'> = {},
): Record<string, Node> =>
  // As it comes from a file: what is zero there is not written.
  readGraph(readOnnx(writeOnnx(model)), {
    ...options,
    inputs: Object.fromEntries(Object.entries(feeds).map(([name, { dims }]) => [name, a.input(name, dims)])),
  });

/** A copy of its own: opening a session may change a model. */
export const copyOf = (model: OnnxModel): OnnxModel => structuredClone(model);

export interface Likeness {
  /** Relative to the largest number that is not beyond all. */
  tolerance?: number;
}

/** That a model and what is read of it compute the same. */
export async function assertReads(
  model: OnnxModel,
  feeds: Feeds,
  { tolerance = 1e-5 }: Likeness = {},
): Promise<void> {
  const outputs = read(copyOf(model), feeds);
  const wanted = await run(copyOf(model), feeds);
  const got = await run(emit(outputs), feeds);
  assert.deepEqual(Object.keys(outputs), Object.keys(wanted));
  for (const [name, { dims, data }] of Object.entries(wanted)) {
    assert.deepEqual(outputs[name].dims, dims, `the shape of ${name}`);
    assertNear(got[name].data, data, { name, tolerance });
  }
}

export function assertNear(
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  { name, tolerance }: { name: string; tolerance: number },
): void {
  assert.equal(got.length, wanted.length);
  const size = Array.from(wanted).reduce(
    (most, value) => (Math.abs(value) < 1e9 ? Math.max(most, Math.abs(value)) : most),
    1e-3,
  );
  for (let at = 0; at < wanted.length; at++) {
    if (Object.is(got[at], wanted[at])) continue;
    const off = Math.abs(got[at] - wanted[at]) / size;
    assert.ok(off <= tolerance, `number ${at} of ${name} is ${got[at]} instead of ${wanted[at]}`);
  }
}
