// Arithmetic on planes [N,C,H,W] of a graph: the few ops that every execution provider has.

import type { GraphBuilder, Value } from '../../models/onnx/builder.js';

/** A plane, or a number that is spread over it. */
type Operand = Value | number;

export interface SizePx {
  width: number;
  height: number;
}

export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
export const larger = binary('Max');
export const smaller = binary('Min');
export const sqrt = unary('Sqrt');
export const tanh = unary('Tanh');
export const sigmoid = unary('Sigmoid');

export function clip(graph: GraphBuilder, x: Value, low: number, high: number): Value {
  return graph.op('Clip', [x, graph.scalar(low), graph.scalar(high)]);
}

/** (1 - amount) a + amount b. */
export function mix(graph: GraphBuilder, a: Value, b: Value, amount: Operand): Value {
  return add(graph, a, mul(graph, sub(graph, b, a), amount));
}

/** A linear step from 0 at `low` to 1 at `high`, flat outside. */
export function ramp(graph: GraphBuilder, x: Value, low: number, high: number): Value {
  return clip(graph, mul(graph, sub(graph, x, low), 1 / (high - low)), 0, 1);
}

/** Channels `from` to `to` (exclusive). */
export function channels(graph: GraphBuilder, x: Value, from: number, to: number): Value {
  return graph.op('Slice', [x, graph.ints([from]), graph.ints([to]), graph.ints([1])]);
}

/** Weighted sums over the channels: each row of `weights` makes one channel. */
export function combine(graph: GraphBuilder, x: Value, rows: readonly (readonly number[])[]): Value {
  const weights = graph.weight([rows.length, rows[0].length, 1, 1], Float32Array.from(rows.flat()));
  return graph.op('Conv', [x, weights], { kernel_shape: [1, 1] });
}

/** Sum over the channels: one channel. */
export function total(graph: GraphBuilder, x: Value): Value {
  return graph.op('ReduceSum', [x, graph.ints([1])]);
}

/** The largest of three channels. */
export function peakOf(graph: GraphBuilder, rgb: Value): Value {
  const [r, g, b] = [0, 1, 2].map((i) => channels(graph, rgb, i, i + 1));
  return larger(graph, r, larger(graph, g, b));
}

/** Brightness as the eye weighs the channels (Rec. 709, on the gamma-coded values). */
export function luma(graph: GraphBuilder, rgb: Value): Value {
  // Not a 1x1 Conv: onnxruntime's CPU kernel for a single output channel is four times slower.
  return total(graph, mul(graph, rgb, graph.weight([1, 3, 1, 1], Float32Array.of(0.2126, 0.7152, 0.0722))));
}

/** Continues the border pixels outwards, so that no filter sees black beyond the picture. */
export function extend(
  graph: GraphBuilder,
  x: Value,
  px: { top: number; left: number; bottom: number; right: number },
): Value {
  const { top, left, bottom, right } = px;
  if (top + left + bottom + right === 0) return x;
  return graph.op('Pad', [x, graph.ints([0, 0, top, left, 0, 0, bottom, right])], { mode: 'edge' });
}

/** Continues the borders by the same number of pixels on all sides. */
export function extendAll(graph: GraphBuilder, x: Value, px: number): Value {
  return extend(graph, x, { top: px, left: px, bottom: px, right: px });
}

/** The top left corner of a plane. */
export function crop(graph: GraphBuilder, x: Value, { width, height }: SizePx): Value {
  return graph.op('Slice', [x, graph.ints([0, 0]), graph.ints([height, width]), graph.ints([2, 3])]);
}

function binary(opType: string) {
  return (graph: GraphBuilder, a: Operand, b: Operand): Value =>
    graph.op(opType, [operand(graph, a), operand(graph, b)]);
}

function unary(opType: string) {
  return (graph: GraphBuilder, x: Value): Value => graph.op(opType, [x]);
}

function operand(graph: GraphBuilder, value: Operand): Value {
  return typeof value === 'number' ? graph.scalar(value) : value;
}
