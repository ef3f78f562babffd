// A norm over the whole feature map (a group norm of one group) in two readings and one writing of the map.
//
// Exporters spell it as an instance norm of a map that was flattened to one channel, and a multiplication and an addition
// per channel. onnxruntime norms a single channel on a single core, and reads and writes the map three times more.

import type { GraphBuilder, Value } from '../onnx/builder.js';
import { attributeOf, DATA_TYPE, type Node, type TensorProto } from '../onnx/file.js';
import { floatsOf, intsOf } from '../onnx/tensor-proto.js';
import { type Rule, reduced, type Surroundings } from './rewrite.js';

interface LayerNorm {
  x: Value;
  channels: number;
  epsilon: number;
  /** Names of the weights, [C,1,1]. */
  scale: Value;
  shift: Value;
}

/** Replaces Reshape, InstanceNormalization, Reshape, Mul and Add, found from the Add backwards. */
export const layerNorms: Rule = (node, surroundings) => {
  const norm = layerNormAt(node, surroundings);
  return norm && normalise(surroundings, norm);
};

function layerNormAt(add: Node, surroundings: Surroundings): LayerNorm | undefined {
  const shifted = perChannel(add, 'Add', surroundings);
  const scaled = shifted && perChannel(surroundings.producerOf(shifted.x), 'Mul', surroundings);
  const back = scaled && surroundings.producerOf(scaled.x);
  const norm = back?.opType === 'Reshape' ? surroundings.producerOf(back.input[0]) : undefined;
  const flat = norm?.opType === 'InstanceNormalization' ? surroundings.producerOf(norm.input[0]) : undefined;
  if (!shifted || !scaled || !back || !norm || !flat || !isOneChannel(norm, surroundings)) return undefined;
  const { channels, weight: shift } = shifted;
  const [x] = flat.input;
  const isWhole = isFlattening(flat, surroundings) && hasShapeOf(back, x, surroundings);
  if (!isWhole || scaled.channels !== channels || channelsOf(x, surroundings) !== channels) return undefined;
  const epsilon = attributeOf(norm, 'epsilon')?.f ?? 1e-5;
  return { x, channels, epsilon, scale: scaled.weight, shift };
}

/** [1, C, H, W] -> [1, 1, C * H * W]: with more rows, each would be normed by itself. */
function isFlattening({ opType, input }: Node, { weightOf }: Surroundings): boolean {
  const dims = weightOf(input[1]);
  return opType === 'Reshape' && dims !== undefined && ['0,1,-1', '1,1,-1'].includes(intsOf(dims).join());
}

/** Whether it gives a map the shape of `x`. */
function hasShapeOf({ input }: Node, x: Value, { producerOf }: Surroundings): boolean {
  const shape = producerOf(input[1]);
  return shape?.opType === 'Shape' && shape.attribute.length === 0 && shape.input[0] === x;
}

/** Channels of a map that a convolution makes: a scale of as many is spread over no others. */
function channelsOf(x: Value, { producerOf, weightOf }: Surroundings): number | undefined {
  const maker = producerOf(x);
  const kernel = maker?.opType === 'Conv' ? weightOf(maker.input[1]) : undefined;
  return kernel?.dims.length === 4 ? kernel.dims[0] : undefined;
}

/** An operator between a map and a weight [C,1,1] or [1,C,1,1]. */
function perChannel(node: Node | undefined, opType: string, { weightOf }: Surroundings) {
  if (node?.opType !== opType) return undefined;
  const [x, weight] = weightOf(node.input[1]) ? node.input : node.input.toReversed();
  const dims = weightOf(weight)?.dims ?? [];
  const [channels, height, width] = dims.slice(-3);
  const isPlain = dims.length >= 3 && height === 1 && width === 1 && (dims.length === 3 || dims[0] === 1);
  return isPlain ? { x, weight, channels } : undefined;
}

/** Whether it norms one channel with scale 1 and shift 0. */
function isOneChannel({ input }: Node, { weightOf }: Surroundings): boolean {
  const is = (proto: TensorProto | undefined, value: number) =>
    proto !== undefined && proto.dims.length === 1 && proto.dims[0] === 1 && floatsOf(proto)[0] === value;
  return is(weightOf(input[1]), 1) && is(weightOf(input[2]), 0);
}

/** scale (x - mean) / deviation + shift, as one multiplication and one addition per channel. */
function normalise(surroundings: Surroundings, norm: LayerNorm): Value {
  const { builder } = surroundings;
  const { x, channels, epsilon, scale, shift } = norm;
  const { mean, variance } = momentsOf(surroundings, norm);
  const deviation = builder.op('Sqrt', [builder.op('Add', [variance, builder.scalar(epsilon)])]);
  const factor = builder.op('Div', [scale, deviation]);
  const offset = builder.op('Sub', [shift, builder.op('Mul', [factor, mean])]);
  // A convolution of one product per number: it takes the activation that follows into the same pass over the memory.
  const kernel = builder.op('Reshape', [factor, builder.ints([channels, 1, 1, 1])]);
  const bias = builder.op('Reshape', [offset, builder.ints([channels])]);
  return builder.op('Conv', [x, kernel, bias], { kernel_shape: [1, 1], group: channels });
}

/** Mean and variance of the whole map, channel by channel first: a single sum over millions of numbers loses digits. */
function momentsOf({ builder, opset }: Surroundings, { x, channels }: LayerNorm) {
  const meanOf = (value: Value, axes: readonly number[]) =>
    reduced({ builder, opset }, 'ReduceMean', value, { axes, keepdims: 0 });
  const rows = builder.op('Reshape', [x, builder.ints([channels, 1, -1])]);
  const mean = meanOf(meanOf(rows, [2]), [0, 1]);
  // A row times itself is the sum of its squares, in a fifth of the time that ReduceSumSquare takes.
  const squares = builder.op('MatMul', [rows, builder.op('Transpose', [rows], { perm: [0, 2, 1] })]);
  const meanSquare = builder.op('Div', [meanOf(squares, [0, 1, 2]), lengthOf(builder, rows)]);
  const difference = builder.op('Sub', [meanSquare, builder.op('Mul', [mean, mean])]);
  // Of a map that differs by a thousandth of its mean and less, rounding leaves few digits: maybe less than nothing, which
  // has no root.
  return { mean, variance: builder.op('Relu', [difference]) };
}

/** How many numbers each row has. */
function lengthOf(builder: GraphBuilder, rows: Value): Value {
  const length = builder.op('Slice', [builder.op('Shape', [rows]), builder.ints([2]), builder.ints([3])]);
  return builder.op('Reshape', [builder.op('Cast', [length], { to: DATA_TYPE.float32 }), builder.ints([])]);
}
