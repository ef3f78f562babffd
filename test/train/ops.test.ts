// Every op of the graph language: what its ONNX graph computes, and its gradient against central differences in float64.

import assert from 'node:assert/strict';
import { openSession } from '../../shared/models/session.js';
import { sizeOf, tensor } from '../../shared/tensor.js';
import * as a from '../../shared/train/arithmetic.js';
import { gradients } from '../../shared/train/gradients.js';
import { emit } from '../../shared/train/onnx.js';
import type { Dims, Node, OpKind, Walk, Windows } from '../../shared/train/ops.js';
import { evaluate } from './slow-truth.js';

/** An op over some values that are fed: numbers of these shapes between `from` and `to`. */
interface Case {
  of: readonly Dims[];
  from?: number;
  to?: number;
  make: (...inputs: Node[]) => Node;
}

const indices = a.constant([2, 2], Float32Array.of(2, 0, 2, 1));
/** A walk, with the map that it goes over and the kernel that it takes along. */
interface Convolution {
  walk: Walk;
  x: Dims;
  kernel: Dims;
}
const small = (walk: Walk): Convolution => ({
  walk,
  x: [2, 4, 5, 4],
  kernel: [6, 4 / walk.groups, 3, 2],
});
// Each is written to ONNX in its own way.
const convolutions: Record<string, Convolution> = {
  plain: small(a.walk()),
  'strided and padded': small(a.walk({ stride: 2, padding: 1 })),
  dilated: small(a.walk({ dilation: 2, padding: 2 })),
  'in groups': small(a.walk({ groups: 2, padding: 1 })),
  'unevenly padded': small({ strides: [2, 1], pads: [0, 1, 1, 2], dilations: [1, 1], groups: 1 }),
  'of single pixels': { walk: a.walk(), x: [2, 3, 3, 2], kernel: [2, 3, 1, 1] },
  'of single pixels, strided': { walk: a.walk({ stride: 2 }), x: [1, 3, 3, 4], kernel: [2, 3, 1, 1] },
  'from one channel': { walk: a.walk({ padding: 1 }), x: [2, 1, 4, 3], kernel: [3, 1, 3, 3] },
  'to one channel': { walk: a.walk({ padding: 1 }), x: [1, 16, 3, 3], kernel: [1, 16, 3, 2] },
  'from many channels, strided': {
    walk: a.walk({ stride: 2, padding: 1 }),
    x: [1, 16, 3, 2],
    kernel: [1, 16, 3, 2],
  },
  'of each channel alone': {
    walk: a.walk({ groups: 3, padding: 1 }),
    x: [2, 3, 3, 3],
    kernel: [3, 1, 3, 3],
  },
  'of each channel alone, halving a batch': {
    walk: a.walk({ groups: 2, stride: 2, padding: 1 }),
    x: [8, 2, 4, 2],
    kernel: [2, 1, 4, 4],
  },
  'that a batch is halved by': {
    walk: a.walk({ stride: 2, padding: 1 }),
    x: [8, 8, 2, 2],
    kernel: [1, 8, 3, 3],
  },
};
const madeOf = ({ walk, x, kernel }: Convolution): Dims =>
  a.conv(a.input('x', x), a.input('k', kernel), walk).dims;
const sideOf = ([, , height, width]: Dims): [number, number] => [height, width];
const perConvolution = (make: (convolution: Convolution) => Case): Record<string, Case> =>
  Object.fromEntries(Object.entries(convolutions).map(([name, given]) => [name, make(given)]));

const map: Dims = [2, 3, 5, 4];
const perWindows = (make: (windows: Windows) => Case): Record<string, Case> => ({
  'side by side': make({ size: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }),
  'that overlap beyond the border': make({ size: [3, 2], strides: [2, 1], pads: [1, 0, 1, 1] }),
});

/** One or more of each op: the compiler asks for those of a new one. */
const cases: { readonly [Kind in Exclude<OpKind, 'input' | 'constant' | 'detach'>]: Record<string, Case> } = {
  add: {
    'of equal shapes': {
      of: [
        [2, 3],
        [2, 3],
      ],
      make: a.add,
    },
    'with broadcasting': {
      of: [
        [2, 1, 3],
        [4, 1],
      ],
      make: a.add,
    },
    'to itself': { of: [[3]], make: (x) => a.add(x, x) },
  },
  subtract: { 'with broadcasting': { of: [[3], [2, 1]], make: a.subtract } },
  multiply: {
    'with broadcasting': {
      of: [
        [2, 3],
        [1, 3],
      ],
      make: a.multiply,
    },
    'by a number': { of: [[2, 3]], make: (x) => a.multiply(x, 3) },
  },
  divide: { 'with broadcasting': { of: [[2, 3], [3]], from: 0.5, to: 2, make: a.divide } },
  maximum: { 'of two': { of: [[2, 3], [3]], make: a.maximum } },
  greater: { 'as a mask': { of: [[4], [4]], make: (x, y) => a.multiply(a.greater(x, y), x) } },
  exp: { 'of numbers': { of: [[5]], make: a.exp } },
  sin: { 'of numbers': { of: [[5]], make: a.sin } },
  cos: { 'of numbers': { of: [[5]], make: a.cos } },
  log: { 'of positive numbers': { of: [[5]], from: 0.3, to: 3, make: a.log } },
  sqrt: { 'of positive numbers': { of: [[5]], from: 0.3, to: 3, make: a.sqrt } },
  abs: { 'of both signs': { of: [[6]], make: a.abs } },
  tanh: { 'of numbers': { of: [[5]], make: a.tanh } },
  sigmoid: { 'of numbers': { of: [[5]], make: a.sigmoid } },
  erf: { 'of numbers': { of: [[5]], make: a.erf } },
  relu: { 'of both signs': { of: [[6]], make: a.relu } },
  leakyRelu: { 'of both signs': { of: [[6]], make: (x) => a.leakyRelu(x, 0.2) } },
  softmax: { 'along the last axis': { of: [[2, 3, 4]], make: a.softmax } },
  logSoftmax: { 'along the last axis': { of: [[3, 4]], make: a.logSoftmax } },
  sum: {
    'of all': { of: [[2, 3]], make: (x) => a.sum(x) },
    'along two axes': { of: [[2, 3, 4]], make: (x) => a.sum(x, [0, 2]) },
  },
  reshape: { 'to another rank': { of: [[2, 6]], make: (x) => a.reshape(x, [3, 2, 2]) } },
  expand: { 'of a row': { of: [[1, 3]], make: (x) => a.expand(x, [2, 4, 3]) } },
  transpose: { 'of three axes': { of: [[2, 3, 4]], make: (x) => a.transpose(x, [2, 0, 1]) } },
  slice: { 'of a corner': { of: [[4, 5]], make: (x) => a.slice(x, [1, 0], [3, 4]) } },
  pad: { 'on all sides': { of: [[2, 3]], make: (x) => a.pad(x, [1, 0], [2, 3]) } },
  flip: { 'of columns': { of: [[2, 3]], make: (x) => a.flip(x, 1) } },
  concat: {
    'of three': {
      of: [
        [2, 1],
        [2, 3],
        [2, 2],
      ],
      make: (...parts) => a.concat(parts, 1),
    },
  },
  gather: { 'with one row twice': { of: [[3, 4]], make: (table) => a.gather(table, indices) } },
  scatterAdd: { 'with one row twice': { of: [[2, 2, 4]], make: (rows) => a.scatterAdd(rows, indices, 3) } },
  pick: perWindows((windows) => ({
    of: [map, map],
    make: (values, keys) => a.pick(values, keys, windows),
  })),
  unpick: perWindows((windows) => ({
    of: [a.pick(a.input('x', map), a.input('x', map), windows).dims, map],
    make: (picked, keys) => a.unpick(picked, keys, windows),
  })),
  matmul: {
    'of matrices': {
      of: [
        [2, 3],
        [3, 4],
      ],
      make: a.matmul,
    },
    'of batches, broadcast': {
      of: [
        [2, 1, 2, 3],
        [5, 3, 2],
      ],
      make: a.matmul,
    },
  },
  conv: perConvolution(({ walk, x, kernel }) => ({
    of: [x, kernel],
    make: (map, weights) => a.conv(map, weights, walk),
  })),
  convTranspose: perConvolution((given) => ({
    of: [madeOf(given), given.kernel],
    make: (y, kernel) => a.convTranspose(y, kernel, { ...given.walk, size: sideOf(given.x) }),
  })),
  convKernel: perConvolution((given) => ({
    of: [given.x, madeOf(given)],
    make: (x, y) => a.convKernel(x, y, { ...given.walk, size: sideOf(given.kernel) }),
  })),
};

for (const [kind, variants] of Object.entries(cases))
  describe(`the op ${kind}`, () => {
    for (const [name, given] of Object.entries(variants))
      describe(name, () => {
        const inputs = given.of.map((dims, index) => a.input(`x${index}`, dims));
        const y = given.make(...inputs);
        const feeds = Object.fromEntries(
          given.of.map((dims, index) => [`x${index}`, numbers(sizeOf(dims), index, given)]),
        );
        // A sum with a weight for each number: none of them can hide behind another.
        const loss = a.sum(a.multiply(y, a.constant(y.dims, numbers(sizeOf(y.dims), 99))));

        it('computes in ONNX what it says, and so does its gradient', async () => {
          const outputs = [y, ...gradients(loss, inputs)];
          for (const [index, got] of (await run(outputs, feeds)).entries())
            assertSame(got, evaluate(outputs[index], feeds), 1e-5);
        });

        it('has the gradient of central differences', () => {
          for (const [index, gradient] of gradients(loss, inputs).entries())
            assertSame(evaluate(gradient, feeds), differences(loss, feeds, `x${index}`), 1e-7);
        });

        it('has a gradient whose gradient is right too', () => {
          const squares = gradients(loss, inputs).map((gradient) => a.sum(a.square(gradient)));
          const slope = squares.reduce((sum, square) => a.add(sum, square));
          for (const [index, gradient] of gradients(slope, inputs).entries())
            assertSame(evaluate(gradient, feeds), differences(slope, feeds, `x${index}`), 1e-5);
        });
      });
  });

describe('convolutions of whole blocks of channels, which the CPU computes in a layout of its own', () => {
  const x = a.input('x0', [2, 16, 5, 4]);
  const kernel = a.input('x1', [32, 16, 3, 2]);
  const feeds = Object.fromEntries([x, kernel].map(({ dims }, at) => [`x${at}`, numbers(sizeOf(dims), at)]));

  for (const [name, walk] of Object.entries({
    plain: a.walk(),
    'strided and padded': a.walk({ stride: 2, padding: 1 }),
    dilated: a.walk({ dilation: 2, padding: 2 }),
  }))
    it(`are right when they are ${name}, and so are their gradients`, async () => {
      const y = a.conv(x, kernel, walk);
      const outputs = [y, ...gradients(a.sum(a.square(y)), [x, kernel])];
      for (const [index, got] of (await run(outputs, feeds)).entries())
        assertSame(got, evaluate(outputs[index], feeds), 1e-4);
    });
});

describe('the op detach', () => {
  const x = a.input('x', [3]);
  const feeds = { x: Float32Array.of(1, -2, 3) };

  it('hands the value on', async () => {
    assertSame((await run([a.detach(x)], feeds))[0], feeds.x, 0);
  });

  it('lets no gradient pass', () => {
    const [gradient] = gradients(a.sum(a.multiply(a.detach(x), x)), [x]);
    assertSame(evaluate(gradient, feeds), feeds.x, 0);
  });
});

type Feeds = Record<string, Float32Array>;

/** The same numbers each time, none close to where a slope breaks. */
function numbers(count: number, seed: number, { from = -1.5, to = 1.5 }: Partial<Case> = {}): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    const fraction = ((index + 1) * 0.754877666 + (seed + 1) * 0.569840291) % 1;
    const value = from + (to - from) * fraction;
    return Math.abs(value) < 0.02 ? 0.02 : value;
  });
}

/** (L(x + h) - L(x - h)) / 2h for each number of one input. */
function differences(loss: Node, feeds: Feeds, name: string): Float64Array {
  const h = 1e-5;
  const x = Float64Array.from(feeds[name]);
  const lossAt = (index: number, value: number): number => {
    const moved = x.slice();
    moved[index] = value;
    return evaluate(loss, { ...feeds, [name]: moved })[0];
  };
  return x.map((value, index) => (lossAt(index, value + h) - lossAt(index, value - h)) / (2 * h));
}

async function run(outputs: readonly Node[], feeds: Feeds): Promise<Float32Array[]> {
  const named = Object.fromEntries(outputs.map((output, index) => [`y${index}`, output]));
  const session = await openSession(emit(named), { name: 'a step', device: 'cpu' });
  try {
    const given = session.inputs.map(({ name, dims }) => [name, tensor(dims as number[], feeds[name])]);
    const values = await session.run(Object.fromEntries(given));
    return outputs.map((_, index) => values[`y${index}`].data);
  } finally {
    await session.close();
  }
}

function assertSame(got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  assert.equal(got.length, wanted.length);
  for (let index = 0; index < got.length; index++) {
    const off = Math.abs(got[index] - wanted[index]) / Math.max(1, Math.abs(wanted[index]));
    assert.ok(off <= tolerance, `number ${index} is ${got[index]} instead of ${wanted[index]}`);
  }
}
