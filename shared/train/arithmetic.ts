// The words in which networks, losses and gradients are written: one function per op, and what is composed of them.

import { sizeOf } from '../tensor.js';
import { node } from './graph.js';
import type { Dims, Fill, Node, Walk, WalkTo, Windows } from './ops.js';

/** A number stands for a constant. */
export type Term = Node | number;

/** A value that is fed at each run, under this name; with `fill` it tells itself what to feed. */
export const input = (name: string, dims: Dims, fill?: Fill): Node => node('input', [], { name, dims, fill });
/** Numbers that stay; a file that is emitted keeps their name. */
export const constant = (dims: Dims, data: Float32Array, name?: string): Node =>
  node('constant', [], { dims, data, name });
/** That number in every place. */
export const full = (dims: Dims, value: number): Node =>
  constant(dims, new Float32Array(sizeOf(dims)).fill(value));
const term = (given: Term): Node => (typeof given === 'number' ? full([], given) : given);
export const detach = (x: Node): Node => node('detach', [x], {});

const binary =
  (kind: 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'greater') =>
  (a: Term, b: Term): Node => {
    const [x, y] = [term(a), term(b)];
    const thin = narrow(x, y);
    return node(kind, [thin, thin === x ? narrow(y, x) : y], {});
  };
/** What was spread to the shape of the other need not be: the op does so itself, to what one of them keeps. */
const narrow = (x: Node, { dims }: Node): Node =>
  x.kind === 'expand' && x.dims.join() === dims.join() ? narrow(x.inputs[0], { dims } as Node) : x;
export const add = binary('add');
export const subtract = binary('subtract');
export const multiply = binary('multiply');
export const divide = binary('divide');
export const maximum = binary('maximum');
export const greater = binary('greater');
export const negate = (x: Node): Node => multiply(x, -1);
export const square = (x: Node): Node => multiply(x, x);
export const exp = (x: Node): Node => node('exp', [x], {});
export const sin = (x: Node): Node => node('sin', [x], {});
export const cos = (x: Node): Node => node('cos', [x], {});
export const log = (x: Node): Node => node('log', [x], {});
export const sqrt = (x: Node): Node => node('sqrt', [x], {});
export const abs = (x: Node): Node => node('abs', [x], {});
export const tanh = (x: Node): Node => node('tanh', [x], {});
export const sigmoid = (x: Node): Node => node('sigmoid', [x], {});
export const erf = (x: Node): Node => node('erf', [x], {});
export const relu = (x: Node): Node => node('relu', [x], {});
export const leakyRelu = (x: Node, slope: number): Node => node('leakyRelu', [x], { slope });
/** Along the last axis. */
export const softmax = (x: Node): Node => node('softmax', [x], {});
export const logSoftmax = (x: Node): Node => node('logSoftmax', [x], {});

const every = (x: Node): number[] => x.dims.map((_, axis) => axis);
/** Sums along the axes (default: all), which stay with size 1. */
export const sum = (x: Node, axes: readonly number[] = every(x)): Node =>
  axes.length === 0 ? x : node('sum', [x], { axes });
/** The mean along the axes (default: all), which stay with size 1. */
export const mean = (x: Node, axes: readonly number[] = every(x)): Node =>
  divide(sum(x, axes), sizeOf(axes.map((axis) => x.dims[axis])));

export const reshape = (x: Node, dims: Dims): Node => node('reshape', [x], { dims });
export const expand = (x: Node, dims: Dims): Node => node('expand', [x], { dims });
export const transpose = (x: Node, order: readonly number[]): Node => node('transpose', [x], { order });
export const slice = (x: Node, starts: readonly number[], ends: readonly number[]): Node =>
  node('slice', [x], { starts, ends });
export const pad = (x: Node, before: readonly number[], after: readonly number[]): Node =>
  node('pad', [x], { before, after });
export const flip = (x: Node, axis: number): Node => node('flip', [x], { axis });
export const concat = (parts: readonly Node[], axis: number): Node => node('concat', parts, { axis });
export const gather = (table: Node, indices: Node): Node => node('gather', [table, indices], {});
export const scatterAdd = (rows: Node, indices: Node, size: number): Node =>
  node('scatterAdd', [rows, indices], { rows: size });

export const pick = (values: Node, keys: Node, windows: Windows): Node =>
  node('pick', [values, keys], windows);
export const unpick = (picked: Node, keys: Node, windows: Windows): Node =>
  node('unpick', [picked, keys], windows);

/** A part of one axis. */
export function part(x: Node, axis: number, start: number, end: number): Node {
  const starts = x.dims.map((_, at) => (at === axis ? start : 0));
  return slice(
    x,
    starts,
    x.dims.map((size, at) => (at === axis ? end : size)),
  );
}

export const matmul = (a: Node, b: Node): Node => node('matmul', [a, b], {});
/** With its last two axes exchanged. */
export function turned(x: Node): Node {
  const last = x.dims.length - 1;
  return transpose(x, [...every(x).slice(0, -2), last, last - 1]);
}

export const conv = (x: Node, kernel: Node, walk: Walk): Node => node('conv', [x, kernel], walk);
export const convTranspose = (y: Node, kernel: Node, walk: WalkTo): Node =>
  node('convTranspose', [y, kernel], walk);
export const convKernel = (x: Node, y: Node, walk: WalkTo): Node => node('convKernel', [x, y], walk);

/** How a convolution walks, with what is left out: steps of 1, no padding. */
type Paces = Partial<Record<'stride' | 'padding' | 'dilation' | 'groups', number>>;
export function walk({ stride = 1, padding = 0, dilation = 1, groups = 1 }: Paces = {}): Walk {
  return {
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    dilations: [dilation, dilation],
    groups,
  };
}
