// Which shape comes out of each op, and a clear word where the inputs do not fit: wrong graphs end here, not in a run.

import { sizeOf } from '../tensor.js';
import type { Dims, Node, OpKind, Walk, Windows } from './ops.js';

/** The shape of what comes out; throws `internal:` where the inputs do not fit. */
export type ShapeRules = { readonly [Kind in OpKind]: (node: Shapeless<Kind>) => Dims };
export type Shapeless<Kind extends OpKind> = Omit<Node<Kind>, 'dims'>;

const same = ({ inputs: [x] }: Shapeless<OpKind>): Dims => x.dims;
const together = ({ kind, inputs: [a, b] }: Shapeless<OpKind>): Dims => broadcast(a.dims, b.dims, kind);

export const shapeRules: ShapeRules = {
  input: ({ attributes }) => attributes.dims,
  constant: ({ attributes }) => attributes.dims,
  detach: same,
  add: together,
  subtract: together,
  multiply: together,
  divide: together,
  maximum: together,
  greater: together,
  exp: same,
  sin: same,
  cos: same,
  log: same,
  sqrt: same,
  abs: same,
  tanh: same,
  sigmoid: same,
  erf: same,
  relu: same,
  leakyRelu: same,
  softmax: same,
  logSoftmax: same,
  sum: ({ inputs: [x], attributes: { axes } }) =>
    x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  reshape: ({ inputs: [x], attributes: { dims } }) =>
    checked(dims, sizeOf(dims) === sizeOf(x.dims), `reshape ${show(x.dims)} to ${show(dims)}`),
  expand: ({ inputs: [x], attributes: { dims } }) =>
    checked(
      dims,
      show(broadcast(x.dims, dims, 'expand')) === show(dims),
      `expand ${show(x.dims)} to ${show(dims)}`,
    ),
  transpose: ({ inputs: [x], attributes: { order } }) =>
    checked(
      order.map((axis) => x.dims[axis]),
      [...order].sort((a, b) => a - b).every((axis, index) => axis === index) &&
        order.length === x.dims.length,
      `transpose ${show(x.dims)} by ${show(order)}`,
    ),
  slice: ({ inputs: [x], attributes: { starts, ends } }) =>
    checked(
      starts.map((start, axis) => ends[axis] - start),
      starts.length === x.dims.length &&
        starts.every((start, axis) => start >= 0 && start < ends[axis] && ends[axis] <= x.dims[axis]),
      `slice ${show(x.dims)} from ${show(starts)} to ${show(ends)}`,
    ),
  pad: ({ inputs: [x], attributes: { before, after } }) =>
    checked(
      x.dims.map((size, axis) => before[axis] + size + after[axis]),
      before.length === x.dims.length && [...before, ...after].every((size) => size >= 0),
      `pad ${show(x.dims)} by ${show(before)} and ${show(after)}`,
    ),
  flip: same,
  concat: ({ inputs, attributes: { axis } }) =>
    checked(
      inputs[0].dims.map((size, at) =>
        at === axis ? inputs.reduce((sum, { dims }) => sum + dims[axis], 0) : size,
      ),
      inputs.every(
        ({ dims }) =>
          dims.length === inputs[0].dims.length &&
          dims.every((size, at) => at === axis || size === inputs[0].dims[at]),
      ),
      `concat ${inputs.map(({ dims }) => show(dims)).join(', ')} along axis ${axis}`,
    ),
  gather: ({ inputs: [table, indices] }) => [...indices.dims, ...table.dims.slice(1)],
  scatterAdd: ({ inputs: [rows, indices], attributes }) => [
    attributes.rows,
    ...rows.dims.slice(indices.dims.length),
  ],
  pick: ({ inputs: [values, keys], attributes }) =>
    checked(
      windowDims(keys.dims, attributes),
      show(values.dims) === show(keys.dims),
      `pick from ${show(values.dims)} by ${show(keys.dims)}`,
    ),
  unpick: ({ inputs: [picked, keys], attributes }) =>
    checked(
      keys.dims,
      show(windowDims(keys.dims, attributes)) === show(picked.dims),
      `put ${show(picked.dims)} back into ${show(keys.dims)}`,
    ),
  matmul: ({ inputs: [a, b] }) => matmulDims(a.dims, b.dims),
  conv: ({ inputs: [x, kernel], attributes }) => convDims(x.dims, kernel.dims, attributes),
  convTranspose: ({ inputs: [y, kernel], attributes: { groups, size } }) => [
    y.dims[0],
    kernel.dims[1] * groups,
    ...size,
  ],
  convKernel: ({ inputs: [x, y], attributes: { groups, size } }) => [y.dims[1], x.dims[1] / groups, ...size],
};

/** The shape of two inputs together, as NumPy has it: aligned at the end, sizes equal or 1. */
export function broadcast(a: Dims, b: Dims, what: string): Dims {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const [m, n] = [a, b].map((dims) => dims[index - rank + dims.length] ?? 1);
    return checked(Math.max(m, n), m === n || m === 1 || n === 1, `${what} ${show(a)} with ${show(b)}`);
  });
}

function matmulDims(a: Dims, b: Dims): Dims {
  const fits = a.length >= 2 && b.length >= 2 && a[a.length - 1] === b[b.length - 2];
  const sentence = `matmul ${show(a)} with ${show(b)}`;
  const before = broadcast(a.slice(0, -2), b.slice(0, -2), 'matmul');
  return checked([...before, a[a.length - 2], b[b.length - 1]], fits, sentence);
}

/** How often something of that reach fits, step by step. */
const steps = (size: number, pads: number, reach: number, stride: number): number =>
  Math.floor((size + pads - reach) / stride) + 1;

function windowDims([batch, channels, ...sides]: Dims, { size, strides, pads }: Windows): Dims {
  const made = sides.map((side, at) => steps(side, pads[at] + pads[at + 2], size[at], strides[at]));
  return checked(
    [batch, channels, ...made],
    made.every((side) => side > 0),
    `move windows ${show(size)} over ${show(sides)}`,
  );
}

function convDims(x: Dims, kernel: Dims, { strides, pads, dilations, groups }: Walk): Dims {
  const sides = [0, 1].map((axis) => {
    const reach = dilations[axis] * (kernel[axis + 2] - 1) + 1;
    return steps(x[axis + 2], pads[axis] + pads[axis + 2], reach, strides[axis]);
  });
  const fits = x[1] === kernel[1] * groups && kernel[0] % groups === 0 && sides.every((side) => side > 0);
  return checked(
    [x[0], kernel[0], ...sides],
    fits,
    `conv ${show(x)} with a kernel ${show(kernel)} in ${groups} groups`,
  );
}

export const show = (dims: Dims): string => `[${dims.join(', ')}]`;

function checked<Value>(value: Value, fits: boolean, sentence: string): Value {
  if (!fits) throw new Error(`internal: cannot ${sentence}`);
  return value;
}
