// Convolutions with fewer products: four rows of a feature map at once by a short convolution along the columns.
//
// Of the k rows of a k x k kernel, four outputs below each other need 4 k products per column tap; Toom and Cook's way
// needs k + 3. Each of these products is itself a convolution of k taps along the row, which onnxruntime computes as fast
// as any. What it costs beside: k + 3 weighted sums of rows (depthwise convolutions), and a small matrix product that makes
// rows of the products.

import type { GraphBuilder, Value } from '../onnx/builder.js';
import { attributeOf, DATA_TYPE, type Node, type TensorProto } from '../onnx/file.js';
import { floatsOf } from '../onnx/tensor-proto.js';
import { type Heights, isWholeGroups } from './heights.js';
import { isPlainConvolution } from './plain-convolution.js';
import type { Rule } from './rewrite.js';
import { type ShortConvolution, shortConvolution } from './toom-cook.js';

/** Rows that are computed together. */
const GROUP = 4;
/** onnxruntime's blocked convolutions take channels in groups of 8 (AVX2) or 16 (AVX-512). */
const BLOCK = 16;
/** Sides of kernels for which there are enough good points. */
const SIDES: readonly number[] = [3, 5, 7];
// The product at the point 1 goes into all outputs once, and so carries the bias to them.
const AT_ONE = 1;
// Below this the sums of rows cost more than the products that they save, and memory besides: 64 and 32 channels were measured on
// AVX-512, 64 and 64 (width 32) on AVX2, where they came out even; 32 and 32 of 7 x 7 (width 37) take a third less.
const LEAST_WIDTH = 36;

interface Kernel {
  outputs: number;
  inputs: number;
  /** Side of the square kernel. */
  side: number;
  data: Float32Array;
}

/** Replaces wide convolutions of stride 1 whose rows come in whole groups. */
export function rowConvolutions(heights: Heights): Rule {
  return (node, { builder, weightOf }) => {
    const weight = isPlainConvolution(node) ? weightOf(node.input[1]) : undefined;
    const isSuited = weight && isWorthwhile(weight) && isWholeGroups(heights.get(node.output[0]), GROUP);
    return isSuited ? convolveRows(builder, node, kernelOf(weight)) : undefined;
  };
}

function kernelOf(weight: TensorProto): Kernel {
  const [outputs, inputs, side] = weight.dims;
  return { outputs, inputs, side, data: floatsOf(weight) };
}

function isWorthwhile({ dims, dataType }: TensorProto): boolean {
  const [outputs, inputs, height, width] = dims;
  const isBlocked = inputs % BLOCK === 0 && outputs % BLOCK === 0;
  const isSquare = dims.length === 4 && height === width && SIDES.includes(height);
  const meanWidth = ((inputs * outputs) / (inputs + outputs)) * (height / 3);
  return dataType === DATA_TYPE.float32 && isBlocked && isSquare && meanWidth >= LEAST_WIDTH;
}

function convolveRows(builder: GraphBuilder, node: Node, kernel: Kernel): Value {
  const short = shortConvolution(GROUP, kernel.side);
  const [top, left, bottom, right] = attributeOf(node, 'pads')?.ints ?? [0, 0, 0, 0];
  const products = short.input.map((taps, product) => {
    const sums = sumRows(builder, node.input[0], {
      taps,
      channels: kernel.inputs,
      pads: [top, 0, bottom, 0],
    });
    const bias = product === AT_ONE ? node.input[2] : undefined;
    return alongRow(builder, sums, {
      kernel,
      factors: short.kernel[product],
      pads: [0, left, 0, right],
      bias,
    });
  });
  return joinRows(builder, products, { short, channels: kernel.outputs });
}

interface RowSums {
  taps: readonly number[];
  channels: number;
  pads: readonly number[];
}

/** Per channel the weighted sum of each group's rows; taps that are zero at the end, or every second one, are left out. */
function sumRows(builder: GraphBuilder, x: Value, { taps, channels, pads }: RowSums): Value {
  const reach = taps.findLastIndex((tap) => tap !== 0) + 1;
  const dilation = taps.every((tap, row) => row % 2 === 0 || tap === 0) ? 2 : 1;
  const used = taps.slice(0, reach).filter((_, row) => row % dilation === 0);
  const weight = Float32Array.from({ length: channels * used.length }, (_, at) => used[at % used.length]);
  const [top, left, bottom, right] = pads;
  return builder.op('Conv', [x, builder.weight([channels, 1, used.length, 1], weight)], {
    kernel_shape: [used.length, 1],
    strides: [GROUP, 1],
    dilations: [dilation, 1],
    group: channels,
    pads: [top, left, bottom, right],
  });
}

interface AlongRow {
  kernel: Kernel;
  factors: readonly number[];
  pads: readonly number[];
  bias: Value | undefined;
}

/** The convolution along the row with the kernel's rows weighted by `factors`. */
function alongRow(builder: GraphBuilder, x: Value, { kernel, factors, pads, bias }: AlongRow): Value {
  const { outputs, inputs, side, data } = kernel;
  const weight = new Float32Array(outputs * inputs * side);
  for (let at = 0; at < weight.length; at++) {
    const start = Math.floor(at / side) * side * side + (at % side);
    let sum = 0;
    for (let row = 0; row < side; row++) sum += factors[row] * data[start + row * side];
    weight[at] = sum;
  }
  const weights = builder.weight([outputs, inputs, 1, side], weight);
  return builder.op('Conv', bias === undefined ? [x, weights] : [x, weights, bias], {
    kernel_shape: [1, side],
    pads,
  });
}

/** [1, C, H / 4, W] for every product -> [1, C, H, W]. */
function joinRows(
  builder: GraphBuilder,
  products: readonly Value[],
  { short, channels }: { short: ShortConvolution; channels: number },
): Value {
  const rows = products.map((product) => builder.op('Reshape', [product, builder.ints([0, 0, 0, 1, -1])]));
  const stack = builder.op('Concat', rows, { axis: 3 });
  const matrix = builder.weight([GROUP, short.products], Float32Array.from(short.output.flat()));
  const groups = builder.op('MatMul', [matrix, stack]);
  const width = builder.op('Slice', [builder.op('Shape', [groups]), builder.ints([4]), builder.ints([5])]);
  return builder.op('Reshape', [
    groups,
    builder.op('Concat', [builder.ints([1, channels, -1]), width], { axis: 0 }),
  ]);
}
