// Sums, means and norms.

import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import { normalize } from '../layers.js';
import type { Node } from '../ops.js';
import { reshape } from './layout.js';
import { known } from './numbers.js';
import type { Call, Rule, Rules, Value } from './values.js';

const axesFrom = (first: number, { dims }: { dims: readonly number[] }): number[] =>
  dims.map((_, axis) => axis).slice(first);

/** Along some axes, or all; they stay with size 1 or go. */
function alongAxes(call: Call, make: (x: Node, axes: readonly number[]) => Node): Node {
  const x = call.node(0);
  const given = call.intsAt('axes', 1);
  if (given?.length === 0 && call.int('noop_with_empty_axes', 0) === 1) return x;
  const axes = given?.length ? given.map((axis) => call.axis(axis, x.dims.length)) : axesFrom(0, x);
  const y = make(x, axes);
  return call.int('keepdims', 1) === 1
    ? y
    : a.reshape(
        y,
        x.dims.filter((_, axis) => !axes.includes(axis)),
      );
}

/** Of known numbers all at once, as shapes are multiplied. */
function product(call: Call): Value {
  const x = call.known(0);
  const whole = known([1], [[...x.numbers].reduce((left, right) => left * right, 1)], x.isWhole);
  return call.int('keepdims', 1) === 1
    ? reshape(
        whole,
        x.dims.map(() => 1),
      )
    : reshape(whole, []);
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

const reduced =
  (make: (x: Node, axes: readonly number[]) => Node): Rule =>
  (call) =>
    alongAxes(call, make);

export const STATISTICS: Rules = {
  ReduceSum: reduced(a.sum),
  ReduceMean: reduced(a.mean),
  ReduceSumSquare: reduced((x, axes) => a.sum(a.square(x), axes)),
  ReduceL2: reduced(lengths),
  ReduceL1: reduced((x, axes) => a.sum(a.abs(x), axes)),
  ReduceProd: product,
  GlobalAveragePool: (call) => a.mean(call.node(0), axesFrom(2, call.node(0))),
  InstanceNormalization: instanceNorm,
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  GroupNormalization: groupNorm,
  ConstantOfShape(call) {
    const filler = call.filler();
    const dims = call.numbers(0);
    return known(dims, new Float64Array(sizeOf(dims)).fill(filler.numbers[0]), filler.isWhole);
  },
  Range(call) {
    const [start, limit, step] = [0, 1, 2].map((at) => call.known(at));
    const length = Math.max(0, Math.ceil((limit.numbers[0] - start.numbers[0]) / step.numbers[0]));
    const numbers = Array.from({ length }, (_, at) => start.numbers[0] + at * step.numbers[0]);
    return known([length], numbers, start.isWhole);
  },
};
