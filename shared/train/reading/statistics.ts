// Sums, means and norms.

import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import { normalize } from '../layers.js';
import type { Node } from '../ops.js';
import { expand, reshape, transpose } from './layout.js';
import { type Known, known } from './numbers.js';
import { type Call, isKnown, nodeOf, type Rule, type Rules, type Value } from './values.js';

const axesFrom = (first: number, { dims }: { dims: readonly number[] }): number[] =>
  dims.map((_, axis) => axis).slice(first);

/** A sum of some kind: on known numbers one after the other, on values of the graph by what it has words for. */
interface Reduction {
  numbers?: (sum: number, value: number) => number;
  nodes?: (x: Node, axes: readonly number[]) => Node;
}

/** Along some axes, or all; they stay with size 1 or go. */
const reduced =
  ({ numbers, nodes }: Reduction): Rule =>
  (call) => {
    const x = call.value(0);
    const axes = axesOf(call, x);
    const kept = x.dims.filter((_, axis) => !axes.includes(axis));
    const y = isKnown(x) && numbers ? folded(x, axes, numbers) : nodes?.(nodeOf(x), axes);
    if (y === undefined) throw call.unread('on numbers that depend on the picture');
    return call.int('keepdims', 1) === 1 ? y : reshape(y, kept);
  };

function axesOf(call: Call, x: Value): number[] {
  const given = call.intsAt('axes', 1) ?? [];
  if (given.length === 0 && call.int('noop_with_empty_axes', 0) === 1) return [];
  return given.length > 0 ? given.map((axis) => call.axis(axis, x.dims.length)) : axesFrom(0, x);
}

/** Known numbers, the axes turned to the end. */
function folded(x: Known, axes: readonly number[], combine: NonNullable<Reduction['numbers']>): Known {
  const kept = axesFrom(0, x).filter((axis) => !axes.includes(axis));
  const numbers = [...(transpose(x, [...kept, ...axes]) as Known).numbers];
  const dims = x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const length = numbers.length / sizeOf(dims);
  const sums = Array.from({ length: sizeOf(dims) }, (_, at) =>
    numbers.slice(at * length, (at + 1) * length).reduce((sum, value) => combine(sum, value)),
  );
  return known(dims, sums, x.isWhole);
}

/** [C] over [N, C, ...]. */
const perChannel = (call: Call, at: number, { dims }: Node): Node =>
  a.reshape(call.node(at), [dims[1], ...dims.slice(2).map(() => 1)]);
const scaled = (call: Call, y: Node, [scale, shift]: readonly [number, number]): Node =>
  a.add(a.multiply(y, perChannel(call, scale, y)), perChannel(call, shift, y));

function instanceNorm(call: Call): Node {
  const x = call.node(0);
  return scaled(call, normalize(x, axesFrom(2, x), call.float('epsilon', 1e-5)), [1, 2]);
}

/** As in use: by the means and variances that it has. */
function batchNorm(call: Call): Node {
  if (call.int('training_mode', 0) === 1) throw call.unread('as in training');
  const x = call.node(0);
  const deviation = a.sqrt(a.add(perChannel(call, 4, x), call.float('epsilon', 1e-5)));
  return scaled(call, a.divide(a.subtract(x, perChannel(call, 3, x)), deviation), [1, 2]);
}

function layerNorm(call: Call): Node {
  const x = call.node(0);
  const axes = axesFrom(call.axis(call.int('axis', -1), x.dims.length), x);
  const y = a.multiply(normalize(x, axes, call.float('epsilon', 1e-5)), call.node(1));
  return call.has(2) ? a.add(y, call.node(2)) : y;
}

/** Scales are one for each group up to opset 20, and for each channel from 21 on. */
function groupNorm(call: Call): Node {
  const x = call.node(0);
  const groups = call.int('num_groups', 1);
  const grouped = a.reshape(x, [x.dims[0], groups, sizeOf(x.dims.slice(1)) / groups]);
  const y = normalize(grouped, [2], call.float('epsilon', 1e-5));
  if (call.opset >= 21) return scaled(call, a.reshape(y, x.dims), [1, 2]);
  const perGroup = (at: number) => a.reshape(call.node(at), [groups, 1]);
  return a.reshape(a.add(a.multiply(y, perGroup(1)), perGroup(2)), x.dims);
}

function lengths(x: Node, axes: readonly number[]): Node {
  return a.sqrt(a.sum(a.square(x), axes));
}

/** The largest along the axes, which stay with size 1: as through windows that are as long as they are. */
function largest(x: Node, axes: readonly number[]): Node {
  const kept = axesFrom(0, x).filter((axis) => !axes.includes(axis));
  const length = sizeOf(axes.map((axis) => x.dims[axis]));
  const rows = a.reshape(a.transpose(x, [...kept, ...axes]), [1, 1, sizeOf(x.dims) / length, length]);
  const found = a.pick(rows, rows, { size: [1, length], strides: [1, length], pads: [0, 0, 0, 0] });
  return a.reshape(
    found,
    x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

export const STATISTICS: Rules = {
  ReduceSum: reduced({ numbers: (x, y) => x + y, nodes: a.sum }),
  ReduceMean: reduced({ nodes: a.mean }),
  ReduceSumSquare: reduced({ nodes: (x, axes) => a.sum(a.square(x), axes) }),
  ReduceL2: reduced({ nodes: lengths }),
  ReduceL1: reduced({ nodes: (x, axes) => a.sum(a.abs(x), axes) }),
  // As sizes are multiplied.
  ReduceProd: reduced({ numbers: (x, y) => x * y }),
  ReduceMax: reduced({ numbers: (x, y) => Math.max(x, y), nodes: largest }),
  ReduceMin: reduced({
    numbers: (x, y) => Math.min(x, y),
    nodes: (x, axes) => a.negate(largest(a.negate(x), axes)),
  }),
  GlobalAveragePool: (call) => a.mean(call.node(0), axesFrom(2, call.node(0))),
  GlobalMaxPool: (call) => largest(call.node(0), axesFrom(2, call.node(0))),
  InstanceNormalization: instanceNorm,
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  GroupNormalization: groupNorm,
  ConstantOfShape(call) {
    const filler = call.filler();
    const dims = call.numbers(0);
    return expand({ ...filler, dims: dims.map(() => 1) }, dims);
  },
  Range(call) {
    const [start, limit, step] = [0, 1, 2].map((at) => call.known(at));
    const length = Math.max(0, Math.ceil((limit.numbers[0] - start.numbers[0]) / step.numbers[0]));
    const numbers = Array.from({ length }, (_, at) => start.numbers[0] + at * step.numbers[0]);
    return known([length], numbers, start.isWhole);
  },
};
