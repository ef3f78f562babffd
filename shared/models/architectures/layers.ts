// The layers that the known networks are made of, in the forms that cost onnxruntime least.

import { float, type GraphBuilder, type Value } from '../onnx/builder.js';

export interface ConvWeights {
  /** Dims of the kernel: [out, in / groups, height, width]; of a transposed convolution [in, out, height, width]. */
  dims: readonly number[];
  kernel: Float32Array;
  bias?: Float32Array | undefined;
}

export interface ConvShape {
  stride?: number;
  groups?: number;
  /** Zeros around the picture: [top, left, bottom, right]; default none. */
  pads?: readonly [number, number, number, number];
}

/** Convolution. Nothing outside the picture but zeros, where `pads` asks for them. */
export function conv(graph: GraphBuilder, x: Value, weights: ConvWeights, shape: ConvShape = {}): Value {
  return graph.op('Conv', [x, ...weightsOf(graph, weights)], attributesOf(weights, shape));
}

/** Transposed convolution; `pads` are cut off, so that the side becomes (side - 1) * stride + kernel - pads. */
export function convTranspose(
  graph: GraphBuilder,
  x: Value,
  weights: ConvWeights,
  shape: ConvShape = {},
): Value {
  return graph.op('ConvTranspose', [x, ...weightsOf(graph, weights)], attributesOf(weights, shape));
}

/** Mirrors the border outwards without repeating it: [top, left, bottom, right] pixels. */
export function reflectPad(
  graph: GraphBuilder,
  x: Value,
  [top, left, bottom, right]: readonly number[],
): Value {
  return graph.op('Pad', [x, graph.ints([0, 0, top, left, 0, 0, bottom, right])], { mode: 'reflect' });
}

export interface Affine {
  scale?: Float32Array | undefined;
  shift?: Float32Array | undefined;
}

/** Each channel to mean 0 and variance 1 over the plane, then scaled and shifted per channel. */
export function instanceNorm(
  graph: GraphBuilder,
  x: Value,
  { channels, epsilon, scale, shift }: Affine & { channels: number; epsilon: number },
): Value {
  const ones = graph.weight([channels], scale ?? new Float32Array(channels).fill(1));
  const zeros = graph.weight([channels], shift ?? new Float32Array(channels));
  return graph.op('InstanceNormalization', [x, ones, zeros], { epsilon: float(epsilon) });
}

/** All channels together to mean 0 and variance 1 (a group norm with one group), then scaled and shifted per channel. */
export function layerNorm(
  graph: GraphBuilder,
  x: Value,
  { channels, epsilon, scale, shift }: Affine & { channels: number; epsilon: number },
): Value {
  const one = graph.weight([1], Float32Array.of(1));
  const zero = graph.weight([1], Float32Array.of(0));
  const flat = graph.op('Reshape', [x, graph.ints([0, 1, -1])]);
  const normed = graph.op('InstanceNormalization', [flat, one, zero], { epsilon: float(epsilon) });
  const back = graph.op('Reshape', [normed, graph.op('Shape', [x])]);
  const scaled = scale ? graph.op('Mul', [back, graph.weight([channels, 1, 1], scale)]) : back;
  return shift ? graph.op('Add', [scaled, graph.weight([channels, 1, 1], shift)]) : scaled;
}

export const relu = (graph: GraphBuilder, x: Value): Value => graph.op('Relu', [x]);
export const tanh = (graph: GraphBuilder, x: Value): Value => graph.op('Tanh', [x]);
export const leakyRelu = (graph: GraphBuilder, x: Value, slope: number): Value =>
  graph.op('LeakyRelu', [x], { alpha: float(slope) });

function weightsOf(graph: GraphBuilder, { dims, kernel, bias }: ConvWeights): Value[] {
  const weights = graph.weight(dims, kernel);
  return bias ? [weights, graph.weight([bias.length], bias)] : [weights];
}

function attributesOf({ dims }: ConvWeights, { stride = 1, groups = 1, pads }: ConvShape) {
  return {
    kernel_shape: dims.slice(2),
    strides: [stride, stride],
    ...(groups === 1 ? {} : { group: groups }),
    ...(pads ? { pads } : {}),
  };
}
