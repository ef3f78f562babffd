// Reverse mode: how much a sum changes with each value that it was made of. One rule per op, one walk.
//
// A rule is told y = op(...inputs) and g = dL/dy and gives dL/dinput for each input, undefined where there is none. What was
// broadcast is summed again afterwards, so the rules of two inputs need not know.

import {
  add,
  conv,
  convKernel,
  convTranspose,
  cos,
  divide,
  exp,
  expand,
  flip,
  full,
  gather,
  greater,
  matmul,
  multiply,
  negate,
  pad,
  pick,
  reshape,
  scatterAdd,
  sin,
  slice,
  square,
  subtract,
  sum,
  transpose,
  turned,
  unpick,
} from './arithmetic.js';
import { inOrder } from './graph.js';
import type { AnyNode, Dims, Node, OpKind, Walk, WalkTo } from './ops.js';

type Gradient = Node | undefined;
export type GradientRules = {
  readonly [Kind in OpKind]: (y: Node<Kind>, g: Node) => readonly Gradient[];
};

const last = ({ dims }: Node): number[] => [dims.length - 1];
const none = (): Gradient[] => [];
const sideOf = ({ dims }: Node): [number, number] => [dims[2], dims[3]];
/** What a walk needs to come back to x, or to the kernel. */
const backTo = (walk: Walk, size: readonly [number, number]): WalkTo => ({ ...walk, size });

export const gradientRules: GradientRules = {
  input: none,
  constant: none,
  detach: none,
  add: (_, g) => [g, g],
  subtract: (_, g) => [g, negate(g)],
  multiply: ({ inputs: [a, b] }, g) => [multiply(g, b), multiply(g, a)],
  divide: (y, g) => [divide(g, y.inputs[1]), negate(divide(multiply(g, y), y.inputs[1]))],
  maximum: ({ inputs: [a, b] }, g) => [multiply(g, subtract(1, greater(b, a))), multiply(g, greater(b, a))],
  greater: none,
  exp: (y, g) => [multiply(g, y)],
  sin: ({ inputs: [x] }, g) => [multiply(g, cos(x))],
  cos: ({ inputs: [x] }, g) => [negate(multiply(g, sin(x)))],
  log: ({ inputs: [x] }, g) => [divide(g, x)],
  sqrt: (y, g) => [divide(g, multiply(y, 2))],
  abs: ({ inputs: [x] }, g) => [multiply(g, subtract(greater(x, 0), greater(0, x)))],
  tanh: (y, g) => [multiply(g, subtract(1, square(y)))],
  sigmoid: (y, g) => [multiply(g, multiply(y, subtract(1, y)))],
  erf: ({ inputs: [x] }, g) => [multiply(g, multiply(exp(negate(square(x))), 2 / Math.sqrt(Math.PI)))],
  relu: (y, g) => [multiply(g, greater(y, 0))],
  leakyRelu: ({ inputs: [x], attributes: { slope } }, g) => [
    multiply(g, add(slope, multiply(greater(x, 0), 1 - slope))),
  ],
  softmax: (y, g) => [multiply(y, subtract(g, sum(multiply(g, y), last(y))))],
  logSoftmax: (y, g) => [subtract(g, multiply(exp(y), sum(g, last(y))))],
  sum: ({ inputs: [x] }, g) => [expand(g, x.dims)],
  reshape: ({ inputs: [x] }, g) => [reshape(g, x.dims)],
  expand: (_, g) => [g],
  transpose: ({ attributes: { order } }, g) => [transpose(g, inverse(order))],
  slice: ({ inputs: [x], attributes: { starts, ends } }, g) => [
    pad(
      g,
      starts,
      x.dims.map((size, axis) => size - ends[axis]),
    ),
  ],
  pad: ({ inputs: [x], attributes: { before } }, g) => [
    slice(
      g,
      before,
      before.map((start, axis) => start + x.dims[axis]),
    ),
  ],
  flip: ({ attributes: { axis } }, g) => [flip(g, axis)],
  concat: (y, g) => partsOf(g, y),
  gather: ({ inputs: [table, indices] }, g) => [scatterAdd(g, indices, table.dims[0]), undefined],
  scatterAdd: ({ inputs: [, indices] }, g) => [gather(g, indices), undefined],
  pick: ({ inputs: [, keys], attributes }, g) => [unpick(g, keys, attributes), undefined],
  unpick: ({ inputs: [, keys], attributes }, g) => [pick(g, keys, attributes), undefined],
  matmul: ({ inputs: [a, b] }, g) => [matmul(g, turned(b)), matmul(turned(a), g)],
  conv: ({ inputs: [x, kernel], attributes: walk }, g) => [
    convTranspose(g, kernel, backTo(walk, sideOf(x))),
    convKernel(x, g, backTo(walk, sideOf(kernel))),
  ],
  convTranspose: ({ inputs: [y, kernel], attributes: walk }, g) => [
    conv(g, kernel, walk),
    convKernel(g, y, backTo(walk, sideOf(kernel))),
  ],
  convKernel: ({ inputs: [x, y], attributes: walk }, g) => [
    convTranspose(y, g, backTo(walk, sideOf(x))),
    conv(x, g, walk),
  ],
};

/** dL/dx for each x of `wanted`, zeros where L does not depend on it; L is a single number. */
export function gradients(loss: Node, wanted: readonly Node[]): Node[] {
  const upstream = new Map<Node, Node>([[loss, full(loss.dims, 1)]]);
  const needed = dependents(loss, wanted);
  for (const y of inOrder([loss]).reverse()) {
    const g = upstream.get(y);
    if (g === undefined || !needed.has(y)) continue;
    const found = ruleOf(y as AnyNode)(y, g);
    for (const [index, gradient] of found.entries()) {
      const x = y.inputs[index];
      if (gradient === undefined || !needed.has(x)) continue;
      const share = unbroadcast(gradient, x.dims);
      const known = upstream.get(x);
      upstream.set(x, known === undefined ? share : add(known, share));
    }
  }
  return wanted.map((x) => upstream.get(x) ?? full(x.dims, 0));
}

/** The table pairs each kind with a rule for that kind, which the type of a lookup cannot tell. */
const ruleOf = ({ kind }: AnyNode) => gradientRules[kind] as (y: Node, g: Node) => readonly Gradient[];

/** The values that lie on a way from one of `wanted` to the loss: no others need a gradient. */
function dependents(loss: Node, wanted: readonly Node[]): Set<Node> {
  const found = new Set(wanted);
  for (const value of inOrder([loss])) if (value.inputs.some((x) => found.has(x))) found.add(value);
  return found;
}

/** Sums over what was broadcast. */
function unbroadcast(g: Node, dims: Dims): Node {
  const extra = g.dims.length - dims.length;
  const axes = g.dims.flatMap((size, axis) =>
    axis < extra || (dims[axis - extra] === 1 && size > 1) ? [axis] : [],
  );
  return axes.length === 0 ? g : reshape(sum(g, axes), dims);
}

function partsOf(g: Node, { inputs, attributes: { axis } }: Node<'concat'>): Node[] {
  let start = 0;
  return inputs.map(({ dims }) => {
    const starts = dims.map((_, at) => (at === axis ? start : 0));
    start += dims[axis];
    return slice(
      g,
      starts,
      starts.map((from, at) => from + dims[at]),
    );
  });
}

const inverse = (order: readonly number[]): number[] => order.map((_, axis) => order.indexOf(axis));
