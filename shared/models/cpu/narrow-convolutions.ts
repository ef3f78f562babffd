// Convolutions of few output channels, as the last one of a network that draws: four pixels at once.
//
// onnxruntime's blocked convolutions compute 8 or 16 output channels together, whether they are wanted or not: of three,
// most of the work is thrown away. The four pixels of a 2 x 2 square as channels of their own, with the kernel shifted to
// each, fill the block; the kernel grows by one row and one column.

import type { GraphBuilder, Value } from '../onnx/builder.js';
import { attributeOf, DATA_TYPE, type Node, type TensorProto } from '../onnx/file.js';
import { floatsOf } from '../onnx/tensor-proto.js';
import { isPlainConvolution } from './plain-convolution.js';
import type { Rule } from './rewrite.js';

/** With four pixels, still one block of 16. */
const MOST_OUTPUTS = 4;
/** Smaller kernels grow too much by a row and a column. On AVX2 3 x 3 takes two thirds of its time, 7 x 7 two fifths. */
const LEAST_SIDE = 3;
const PIXELS = 4;

/** Replaces plain convolutions of up to four outputs; the sums are the same, number by number. */
export const narrowConvolutions: Rule = (node, { builder, weightOf }) => {
  const kernel = isPlainConvolution(node) ? weightOf(node.input[1]) : undefined;
  const bias = node.input[2] ? weightOf(node.input[2]) : undefined;
  if (kernel === undefined || !isNarrow(kernel) || (node.input[2] && bias === undefined)) return undefined;
  return convolveSquares(builder, node, { kernel, bias });
};

function isNarrow({ dims, dataType }: TensorProto): boolean {
  const [outputs, , height, width] = dims;
  const isLarge = dims.length === 4 && height >= LEAST_SIDE && width >= LEAST_SIDE;
  return dataType === DATA_TYPE.float32 && outputs <= MOST_OUTPUTS && isLarge;
}

function convolveSquares(
  builder: GraphBuilder,
  node: Node,
  { kernel, bias }: { kernel: TensorProto; bias: TensorProto | undefined },
): Value {
  const [x] = node.input;
  const [outputs, inputs, height, width] = kernel.dims;
  const [top, left, bottom, right] = attributeOf(node, 'pads')?.ints ?? [0, 0, 0, 0];
  const size = [height + 1, width + 1];
  const weights = [builder.weight([PIXELS * outputs, inputs, ...size], shifted(kernel))];
  if (bias) weights.push(builder.weight([PIXELS * outputs], repeated(floatsOf(bias))));
  const squares = builder.op('Conv', [x, ...weights], {
    kernel_shape: size,
    strides: [2, 2],
    // Sides that are odd get one more row and column, which are cut off below.
    pads: [top, left, bottom + 1, right + 1],
  });
  const pixels = builder.op('DepthToSpace', [squares], { blocksize: 2, mode: 'CRD' });
  const sides = builder.op('Slice', [builder.op('Shape', [x]), builder.ints([2]), builder.ints([4])]);
  const ends = builder.op('Add', [
    sides,
    builder.ints([top + bottom + 1 - height, left + right + 1 - width]),
  ]);
  return builder.op('Slice', [pixels, builder.ints([0, 0]), ends, builder.ints([2, 3])]);
}

/** [K, C, h, w] -> [4 K, C, h + 1, w + 1]: the kernel at each of the four places. */
function shifted(kernel: TensorProto): Float32Array {
  const [outputs, inputs, height, width] = kernel.dims;
  const from = floatsOf(kernel);
  const to = new Float32Array(PIXELS * outputs * inputs * (height + 1) * (width + 1));
  for (let at = 0; at < from.length; at++) {
    const column = at % width;
    const row = Math.floor(at / width) % height;
    const plane = Math.floor(at / (width * height));
    const [output, input] = [Math.floor(plane / inputs), plane % inputs];
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const [y, x] = [row + (pixel >> 1), column + (pixel & 1)];
      to[(((output * PIXELS + pixel) * inputs + input) * (height + 1) + y) * (width + 1) + x] = from[at];
    }
  }
  return to;
}

const repeated = (numbers: Float32Array): Float32Array =>
  Float32Array.from({ length: PIXELS * numbers.length }, (_, at) => numbers[Math.floor(at / PIXELS)]);
