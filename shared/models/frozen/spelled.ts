// Norms and softmaxes of the whole plane in plain operators: what they measure becomes values of the graph, which can be cut.

import { type Rule, reduced, rewriteGraph, type Surroundings } from '../cpu/rewrite.js';
import type { Value } from '../onnx/builder.js';
import { attributeOf, DATA_TYPE, type Graph, type Node } from '../onnx/file.js';
import { isSpread, type Planes } from './planes.js';

/** Writes instance and group norms, and norms over named axes, as a mean, a variance and a batch norm with both; in place. */
export function spellNorms(graph: Graph, opset: number): void {
  rewriteGraph(graph, opset, (node, surroundings) => NORMS[node.opType]?.(node, surroundings));
}

/**
 * Writes softmaxes over the places of a map as exp(x - max) / mean / places, in place. Returns the values that are numbers of
 * places, each with the map whose last axis it counts: of the part of a picture that is drawn at a time they would be others.
 */
export function spellSoftmaxes(graph: Graph, opset: number, planes: Planes): Map<Value, Value> {
  const counts = new Map<Value, Value>();
  rewriteGraph(graph, opset, (node, surroundings) => {
    if (node.opType !== 'Softmax' || !isOverPlaces(node, opset, planes)) return undefined;
    return softmax(node, surroundings, counts);
  });
  return counts;
}

/** Only over the last axis: before opset 13 a softmax flattens the axes from its own one on. */
function isOverPlaces(node: Node, opset: number, planes: Planes): boolean {
  const extents = planes.extents(node.input[0]);
  if (extents === undefined) return false;
  const axis = attributeOf(node, 'axis')?.i ?? (opset >= 13 ? -1 : 1);
  return (axis === -1 || axis === extents.length - 1) && isSpread(extents.at(-1)!);
}

function softmax({ input: [x] }: Node, { builder, opset }: Surroundings, counts: Map<Value, Value>): Value {
  const over = (opType: 'ReduceMean' | 'ReduceMax', value: Value) =>
    reduced({ builder, opset }, opType, value, { axes: [-1], keepdims: 1 });
  const raised = builder.op('Exp', [builder.op('Sub', [x, over('ReduceMax', x)])]);
  const shares = builder.op('Div', [raised, over('ReduceMean', raised)]);
  const count = builder.op('Cast', [lastDim(builder, x)], { to: DATA_TYPE.float32 });
  counts.set(count, x);
  return builder.op('Div', [shares, count]);
}

const lastDim = (builder: Surroundings['builder'], x: Value): Value =>
  builder.op('Gather', [builder.op('Shape', [x]), builder.ints([-1])]);

/** (x - mean) / sqrt(variance + epsilon) * scale + shift, per channel; all but x are [C]. */
interface BatchNorm {
  x: Value;
  scale: Value;
  shift: Value;
  epsilon: number;
}

/** A batch norm with the moments of x itself: it takes maps of any rank. */
function normedByItself(surroundings: Surroundings, { x, scale, shift, epsilon }: BatchNorm): Value {
  const { builder } = surroundings;
  // Row by row first: a single sum over so many numbers loses digits, which a norm behind this one magnifies.
  const meanOf = (value: Value) => builder.op('GlobalAveragePool', [meanAlong(surroundings, value, [-1])]);
  const mean = meanOf(x);
  const apart = builder.op('Sub', [x, mean]);
  const variance = meanOf(builder.op('Mul', [apart, apart]));
  const flat = (value: Value) => builder.op('Reshape', [value, builder.ints([-1])]);
  return builder.op('BatchNormalization', [x, scale, shift, flat(mean), flat(variance)], {
    epsilon: { float: epsilon },
  });
}

/** The mean along these axes, which stay. */
const meanAlong = ({ builder, opset }: Surroundings, x: Value, axes: readonly number[]): Value =>
  reduced({ builder, opset }, 'ReduceMean', x, { axes, keepdims: 1 });

const ones = (count: number): Float32Array => new Float32Array(count).fill(1);

const instanceNorm: Rule = (node, surroundings) => {
  const [x, scale, shift] = node.input;
  return normedByItself(surroundings, { x, scale, shift, epsilon: epsilonOf(node) });
};

/** Groups become the channels of a flattened map; scale and shift are per channel from opset 21 on, per group before. */
const groupNorm: Rule = (node, surroundings) => {
  const { builder, weightOf } = surroundings;
  const [x, scale, shift] = node.input;
  const groups = attributeOf(node, 'num_groups')?.i ?? 1;
  const channels = weightOf(scale)?.dims[0];
  if (channels === undefined) return undefined;
  const whole = (value: number) => builder.weight([groups], new Float32Array(groups).fill(value));
  const flat = builder.op('Reshape', [x, builder.ints([0, groups, -1])]);
  const epsilon = epsilonOf(node);
  const perGroup = channels === groups && surroundings.opset < 21;
  const normed = normedByItself(surroundings, {
    ...{ x: flat, epsilon },
    ...(perGroup ? { scale, shift } : { scale: whole(1), shift: whole(0) }),
  });
  const back = builder.op('Reshape', [normed, builder.op('Shape', [x])]);
  if (perGroup) return back;
  const still = builder.weight([channels], new Float32Array(channels));
  return builder.op(
    'BatchNormalization',
    [back, scale, shift, still, builder.weight([channels], ones(channels))],
    {
      epsilon: { float: 0 },
    },
  );
};

/** (x - mean) / sqrt(mean of squares) over the named axes; by default those of the plane, and the batch. */
const meanVarianceNorm: Rule = (node, surroundings) => {
  const { builder } = surroundings;
  const axes = attributeOf(node, 'axes')?.ints ?? [0, 2, 3];
  const meanOf = (value: Value) => meanAlong(surroundings, value, axes);
  const [x] = node.input;
  const apart = builder.op('Sub', [x, meanOf(x)]);
  const deviation = builder.op('Sqrt', [meanOf(builder.op('Mul', [apart, apart]))]);
  return builder.op('Div', [apart, builder.op('Add', [deviation, builder.scalar(1e-9)])]);
};

const epsilonOf = (node: Node): number => attributeOf(node, 'epsilon')?.f ?? 1e-5;

const NORMS: Readonly<Record<string, Rule>> = {
  InstanceNormalization: instanceNorm,
  GroupNormalization: groupNorm,
  MeanVarianceNormalization: meanVarianceNorm,
};
