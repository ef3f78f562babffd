// How each operator of a network is written into its frozen form: as a change of the view, or as an operator on values.

import { sizeOf, type Tensor } from '../../tensor.js';
import type { Value } from '../onnx/builder.js';
import { ATTRIBUTE_TYPE, type Attribute, attributeOf, type Node, textOf } from '../onnx/file.js';
import type { Emission } from './emission.js';
import {
  channelAxis,
  dimsOf,
  isInOrder,
  isUniform,
  perChannel,
  reordered,
  type Shape,
  through,
  throughReshaped,
  type View,
} from './view.js';

/** What an operator is told. */
export interface Operands {
  node: Node;
  /** What its output is like. */
  shape: Shape;
  emission: Emission;
  /** The view of a value that has an element for every place; undefined for all others. */
  view(value: Value): View | undefined;
  /** The numbers of any other value: a weight, a constant, a statistic. Throws where there are none. */
  numbers(value: Value): Tensor;
  /** The input that says where in the whole picture the part that is drawn lies, for a resize of what is seen. */
  windowFor(x: View): Value;
  opset: number;
  /** Whether what is drawn at the border of a tile is of no concern: it is then not mirrored there. */
  isOpen: boolean;
}

type Operator = (operands: Operands) => View;

const first = ({ node, view }: Operands): View => view(node.input[0])!;

/** What is seen does not change. */
const passed: Operator = first;

/** An operator on every number by itself: it is written in the base's order of axes. */
const unary: Operator = (operands) => {
  const { node, emission } = operands;
  const x = first(operands);
  const y = emission.op(node.opType, [emission.inOrderOfBase(x)], node.attribute, x.shape);
  return { ...y, order: x.order };
};

/** Clip before opset 11 has its limits as attributes. */
const clipped: Operator = (operands) => {
  const { node, emission, numbers } = operands;
  const x = first(operands);
  const limit = (name: string, at: number): Value => {
    const given = attributeOf(node, name)?.f;
    const input = node.input[at] ?? '';
    if (given === undefined && input === '') return '';
    return emission.builder.scalar(given ?? numbers(input).data[0]);
  };
  const inputs = [emission.inOrderOfBase(x), limit('min', 1), limit('max', 2)];
  return { ...emission.op('Clip', inputs, {}, x.shape), order: x.order };
};

/** What each arithmetic operator with a number c on either side makes of x: [scale, shift] of c; undefined for 1 / x. */
const ARITHMETIC: Readonly<
  Record<string, Readonly<Record<'right' | 'left', ((c: number) => readonly [number, number]) | undefined>>>
> = {
  Add: { right: (c) => [1, c], left: (c) => [1, c] },
  Sub: { right: (c) => [1, -c], left: (c) => [-1, c] },
  Mul: { right: (c) => [c, 0], left: (c) => [c, 0] },
  Div: { right: (c) => [1 / c, 0], left: undefined },
};

/** With a number per channel a change of the view; else an operator of two maps, or of as many as there are. */
const binary: Operator = (operands) => {
  const { node, view, numbers } = operands;
  if (node.input.length !== 2) return copied(operands);
  const [a, b] = node.input.map((value) => view(value));
  if (a !== undefined && b !== undefined) return ofTwo(operands, a, b);
  const [x, c, side] = a ? ([a, node.input[1], 'right'] as const) : ([b!, node.input[0], 'left'] as const);
  const rule = ARITHMETIC[node.opType]?.[side];
  const values = perChannel(x, numbers(c));
  if (rule === undefined || values === undefined) return copied(operands);
  return through(
    x,
    (channel) => rule(values[channel])[0],
    (channel) => rule(values[channel])[1],
  );
};

function ofTwo({ node, shape, emission }: Operands, a: View, b: View): View {
  const isAlike = a.order.join() === b.order.join() && a.shape.dims.join() === b.shape.dims.join();
  if (!isAlike)
    return emission.op(node.opType, [emission.value(a), emission.value(b)], node.attribute, shape);
  const values = [emission.inOrderOfBase(a), emission.inOrderOfBase(b)];
  return { ...emission.op(node.opType, values, node.attribute, a.shape), order: a.order };
}

/** (x - mean) / sqrt(variance + epsilon) * scale + shift; a change of the view where channels are the only axis beside the plane. */
const batchNorm: Operator = (operands) => {
  const { node, numbers } = operands;
  const x = first(operands);
  const channel = channelAxis(x.shape);
  if (channel === undefined || x.order[1] !== channel) return copied(operands);
  const [scale, shift, mean, variance] = node.input.slice(1).map((value) => numbers(value).data);
  const epsilon = attributeOf(node, 'epsilon')?.f ?? 1e-5;
  const factor = (c: number) => scale[c] / Math.sqrt(variance[c] + epsilon);
  return through(x, factor, (c) => shift[c] - mean[c] * factor(c));
};

const transposed: Operator = (operands) => {
  const x = first(operands);
  const perm = attributeOf(operands.node, 'perm')?.ints ?? x.order.map((_, at) => x.order.length - 1 - at);
  return reordered(x, perm);
};

/** Of the same numbers in other dims: back where they came from, or on with what all channels share. */
const reshaped: Operator = (operands) => {
  const { shape, emission } = operands;
  const x = first(operands);
  const { affine } = x;
  const origin = emission.reshapedFrom(x);
  const isBack = origin !== undefined && dimsOf(origin).join() === shape.dims.join();
  const back = isBack ? throughReshaped(origin, x) : undefined;
  if (back !== undefined) return back;
  if (affine === undefined || !isUniform(affine)) return emission.reshape(x, shape);
  const plain = emission.reshape({ ...x, affine: undefined }, shape);
  return through(
    plain,
    () => affine.scale[0],
    () => affine.shift[0],
  );
};

/** Borders; in the base's order of axes. */
const padded: Operator = (operands) => {
  const { node, shape, emission, numbers } = operands;
  const x = first(operands);
  const rank = x.order.length;
  const pads = attributeOf(node, 'pads')?.ints ?? [...numbers(node.input[1]).data];
  if (pads.every((pad) => pad === 0)) return x;
  const ofBase = (values: readonly number[]) => x.shape.dims.map((_, axis) => values[x.order.indexOf(axis)]);
  const inOrder = [...ofBase(pads.slice(0, rank)), ...ofBase(pads.slice(rank))];
  const value = attributeOf(node, 'value')?.f ?? (node.input[2] ? numbers(node.input[2]).data[0] : 0);
  const fill = value === 0 ? [] : [emission.builder.scalar(value)];
  const mode = node.attribute.filter(({ name }) => name === 'mode');
  const to = { ...x.shape, dims: ofBase(shape.dims) };
  const write = () => {
    const inputs = [emission.inOrderOfBase(x), emission.builder.ints(inOrder), ...fill];
    return emission.value(emission.op('Pad', inputs, mode, to));
  };
  return { ...emission.border({ from: x, pads: inOrder, write }, to), order: x.order };
};

const convolved: Operator = (operands) => {
  const { node, shape, emission, numbers } = operands;
  const [, kernel, bias = ''] = node.input;
  return emission.convolution(
    {
      opType: node.opType as 'Conv' | 'ConvTranspose',
      ...((operands.isOpen ? withinBorder(operands) : undefined) ?? {
        input: emission.value(first(operands)),
        attribute: node.attribute,
      }),
      kernel: numbers(kernel),
      bias: bias === '' ? undefined : numbers(bias).data,
    },
    shape,
  );
};

/** What stands before the border, and the border as the convolution's own, of zeros: they cost nothing. */
function withinBorder(operands: Operands) {
  const { node, emission } = operands;
  const x = first(operands);
  const border = isInOrder(x) && x.affine === undefined ? emission.borderOf(x) : undefined;
  const [top, left, bottom, right] = attributeOf(node, 'pads')?.ints ?? [0, 0, 0, 0];
  const rank = x.order.length;
  const isPlain = node.opType === 'Conv' && attributeOf(node, 'auto_pad') === undefined && rank === 4;
  if (border === undefined || !isPlain) return undefined;
  const { pads, from } = border;
  if (pads.some((pad, at) => pad < 0 || (at % rank < 2 && pad > 0))) return undefined;
  const ints = [pads[2] + top, pads[3] + left, pads[6] + bottom, pads[7] + right];
  const others = node.attribute.filter(({ name }) => name !== 'pads');
  return {
    input: emission.inOrderOfBase(from),
    attribute: [...others, { name: 'pads', type: ATTRIBUTE_TYPE.ints, ints }],
  };
}

const RESIZE_ATTRIBUTES: ReadonlySet<string> = new Set([
  'mode',
  'coordinate_transformation_mode',
  'nearest_mode',
  'cubic_coeff_a',
  'exclude_outside',
]);

/** By factors that are constants: onnxruntime then keeps its own layout of maps. */
const resized: Operator = (operands) => {
  const { node, shape, emission, windowFor } = operands;
  const x = first(operands);
  const dims = x.shape.dims.map((_, axis) => shape.dims[x.order.indexOf(axis)]);
  const to: Shape = { dims, spread: x.shape.spread };
  const value = emission.inOrderOfBase(x);
  const kept = node.attribute.filter(({ name }) => RESIZE_ATTRIBUTES.has(name));
  if (textOf(node, 'coordinate_transformation_mode') === 'align_corners') {
    const sizes = emission.builder.ints(dims);
    const how = kept.map((each) =>
      each.name === 'coordinate_transformation_mode' ? text(each.name, 'tf_crop_and_resize') : each,
    );
    const y = emission.op('Resize', [value, windowFor(x), '', sizes], how, to);
    return { ...y, order: x.order };
  }
  const factors = Float32Array.from(dims, (dim, axis) => dim / x.shape.dims[axis]);
  const scales = emission.builder.weight([dims.length], factors);
  // Operators from before opset 11 count from the first pixel's corner, and what they make smaller they round up.
  const nearest = factors.some((factor) => factor < 1) ? 'ceil' : 'floor';
  const old =
    operands.opset < 11
      ? [text('coordinate_transformation_mode', 'asymmetric'), text('nearest_mode', nearest)]
      : [];
  return { ...emission.op('Resize', [value, '', scales], [...kept, ...old], to), order: x.order };
};

const text = (name: string, value: string): Attribute => ({
  name,
  type: ATTRIBUTE_TYPE.string,
  s: Buffer.from(value),
});

/** Side by side: in the base's order of axes where all have the same. */
const concatenated: Operator = ({ node, shape, emission, view, numbers }) => {
  const views = node.input.map((value) => view(value));
  const order = views[0]?.order;
  const axis = ((attributeOf(node, 'axis')?.i ?? 0) + shape.dims.length) % shape.dims.length;
  if (order && views.every((each) => each?.order.join() === order.join())) {
    const values = views.map((each) => emission.inOrderOfBase(each!));
    const dims = order.map((_, at) => shape.dims[order.indexOf(at)]);
    const spread = order.map((_, at) => shape.spread[order.indexOf(at)]);
    return { ...emission.op('Concat', values, { axis: order[axis] }, { dims, spread }), order };
  }
  const values = node.input.map((value, at) => {
    const seen = views[at];
    return seen ? emission.value(seen) : constant(emission, numbers(value));
  });
  return emission.op('Concat', values, { axis }, shape);
};

const constant = (emission: Emission, { dims, data }: Tensor): Value => emission.builder.weight(dims, data);

/** The same operator on the values, numbers as constants. */
const copied: Operator = ({ node, shape, emission, view, numbers }) => {
  const inputs = node.input.map((value) => {
    if (value === '') return value;
    const seen = view(value);
    return seen ? emission.value(seen) : constant(emission, numbers(value));
  });
  return emission.op(node.opType, inputs, node.attribute, shape);
};

/** Sums and the like over axes: attributes before opset 18 (13 for sums), inputs from then on. */
const reduced: Operator = (operands) => {
  const { node, shape, emission, numbers } = operands;
  const x = first(operands);
  const axes = attributeOf(node, 'axes')?.ints ?? [...numbers(node.input[1]).data];
  const keepdims = attributeOf(node, 'keepdims')?.i ?? (attributeOf(node, 'keepdims') ? 0 : 1);
  return emission.op(node.opType, [emission.value(x), emission.builder.ints(axes)], { keepdims }, shape);
};

/** Over one axis; before opset 13 over all axes from there on, which is the same only where the others have one element. */
const softmaxed: Operator = (operands) => {
  const { node, shape, emission, opset } = operands;
  const rank = shape.dims.length;
  const axis = ((attributeOf(node, 'axis')?.i ?? (opset >= 13 ? -1 : 1)) + rank) % rank;
  if (opset < 13 && sizeOf(shape.dims.slice(axis + 1)) > 1)
    throw new Error(`internal: a softmax of opset ${opset} over several axes`);
  return emission.op(node.opType, [emission.value(first(operands))], { axis }, shape);
};

/** Crops from constant places. */
const sliced: Operator = (operands) => {
  const { node, shape, emission, numbers } = operands;
  const x = first(operands);
  const read = (name: string, at: number): number[] | undefined =>
    attributeOf(node, name)?.ints ?? (node.input[at] ? [...numbers(node.input[at]).data] : undefined);
  const starts = read('starts', 1) ?? [];
  const axes = (read('axes', 3) ?? starts.map((_, at) => at)).map(
    (axis) => (axis + shape.dims.length) % shape.dims.length,
  );
  const steps = read('steps', 4) ?? starts.map(() => 1);
  const from = dimsOf(x);
  const begins = starts.map((start, at) =>
    Math.min(start < 0 ? start + from[axes[at]] : start, from[axes[at]] - (steps[at] < 0 ? 1 : 0)),
  );
  const ends = begins.map((start, at) => {
    const end = start + shape.dims[axes[at]] * steps[at];
    // Backwards to the first one: -1 would be the last.
    return end < 0 ? -from[axes[at]] - 1 : end;
  });
  const { builder } = emission;
  const inputs = [emission.value(x), ...[begins, ends, axes, steps].map((values) => builder.ints(values))];
  return emission.op('Slice', inputs, {}, shape);
};

const operatorsFor = (names: string, operator: Operator): Record<string, Operator> =>
  Object.fromEntries(names.split(' ').map((name) => [name, operator]));

/** One row per operator that a frozen network may have. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  ...operatorsFor('Identity Dropout Cast', passed),
  ...operatorsFor(
    'Relu LeakyRelu Elu Selu Celu Tanh Sigmoid HardSigmoid HardSwish Softplus Softsign Mish Gelu',
    unary,
  ),
  ...operatorsFor('Neg Abs Exp Log Sqrt Reciprocal Erf Floor Ceil Round Sign Sin Cos', unary),
  ...operatorsFor('Add Sub Mul Div Max Min Pow PRelu', binary),
  ...operatorsFor('Reshape Flatten Squeeze Unsqueeze', reshaped),
  ...operatorsFor('Conv ConvTranspose', convolved),
  ...operatorsFor('MaxPool AveragePool DepthToSpace SpaceToDepth MatMul LayerNormalization', copied),
  ...operatorsFor('ReduceSum ReduceMean ReduceMax ReduceMin ReduceL2', reduced),
  ...operatorsFor('Softmax LogSoftmax', softmaxed),
  ...operatorsFor('Resize Upsample', resized),
  BatchNormalization: batchNorm,
  Transpose: transposed,
  Concat: concatenated,
  Slice: sliced,
  Clip: clipped,
  Pad: padded,
};
