// Deep 1 x 1 convolutions as matrix products.
//
// onnxruntime's blocked convolution goes over the output anew for every 128 input channels, and has the map reordered before
// and after; a matrix product does neither.

import type { GraphBuilder, Value } from '../onnx/builder.js';
import { attributeOf, DATA_TYPE, type Node, type TensorProto } from '../onnx/file.js';
import type { Heights } from './heights.js';
import type { Rule } from './rewrite.js';

/** Input channels from which the product is the faster one: 6 to 14 % at 256 and 512 channels, nothing below. */
const DEEP = 256;

/** Replaces dense 1 x 1 convolutions without bias; of known height are the maps of a single picture. */
export function pointwiseConvolutions(heights: Heights): Rule {
  return (node, { builder, weightOf }) => {
    const { opType, input } = node;
    const weight = opType === 'Conv' && input.length === 2 ? weightOf(input[1]) : undefined;
    const isSuited = weight && isDeepPoint(weight) && isStill(node) && heights.has(input[0]);
    return isSuited ? multiply(builder, input, weight.dims) : undefined;
  };
}

function multiply(
  builder: GraphBuilder,
  [x, weight]: readonly Value[],
  [outputs, inputs]: readonly number[],
): Value {
  const matrix = builder.op('Reshape', [weight, builder.ints([outputs, inputs])]);
  const flat = builder.op('Reshape', [x, builder.ints([1, inputs, -1])]);
  const sides = builder.op('Slice', [builder.op('Shape', [x]), builder.ints([2]), builder.ints([4])]);
  const dims = builder.op('Concat', [builder.ints([1, outputs]), sides], { axis: 0 });
  return builder.op('Reshape', [builder.op('MatMul', [matrix, flat]), dims]);
}

function isDeepPoint({ dims, dataType }: TensorProto): boolean {
  const [, inputs, height, width] = dims;
  return dataType === DATA_TYPE.float32 && dims.length === 4 && height * width === 1 && inputs >= DEEP;
}

/** Neither strides nor groups nor borders. */
function isStill(node: Node): boolean {
  const ints = (name: string) => attributeOf(node, name)?.ints ?? [];
  const isDense = (attributeOf(node, 'group')?.i ?? 1) === 1 && attributeOf(node, 'auto_pad') === undefined;
  return isDense && ints('strides').every((step) => step === 1) && ints('pads').every((rows) => rows === 0);
}
