// How high every feature map of a network is, whatever the picture: a * t + b rows, where the picture has multipleOf * t.

import {
  attributeOf,
  type Graph,
  type Node,
  type TensorProto,
  textOf,
  type ValueInfo,
} from '../onnx/file.js';
import { floatsOf, intsOf } from '../onnx/tensor-proto.js';

/** a * t + b rows for every whole t > 0. */
interface Height {
  a: number;
  b: number;
}

/** The rows of a value; undefined where they are not known to grow evenly with the picture. */
export type Heights = ReadonlyMap<string, Height>;

type Rule = (node: Node, heights: Heights, weights: Weights) => Height | undefined;
type Weights = ReadonlyMap<string, TensorProto>;

/** Heights of all values that are feature maps `[1, C, H, W]` of pictures whose height is a multiple of `multipleOf`. */
export function traceHeights(graph: Graph, multipleOf: number): Heights {
  const weights = new Map(graph.initializer.map((weight) => [weight.name ?? '', weight] as const));
  const heights = new Map<string, Height>();
  const ofPixels = new Map<string, Height>();
  for (const { name, type } of graph.input) {
    const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue);
    if (dims.length !== 4 || weights.has(name)) continue;
    (dims[3] === 3 ? ofPixels : heights).set(name, { a: multipleOf, b: 0 });
  }
  // Made for pictures of one size and freed of it by another program, a file may still declare the old sizes within.
  const isFixed = graph.input.every((info) => declaredDims(info)?.every((dim) => dim > 0));
  const infos = isFixed ? graph.valueInfo : [];
  const declared = new Map(infos.map((info) => [info.name, declaredHeight(info)] as const));
  const shapeOf = new Map<string, string>();
  for (const node of graph.node) {
    if (node.opType === 'Shape' && node.attribute.length === 0) shapeOf.set(node.output[0], node.input[0]);
    // Every other Transpose ends the trace: behind it the rows may be columns, channels or pictures.
    const height = isToPlanar(node)
      ? ofPixels.get(node.input[0])
      : RULES[node.opType]?.(node, heights, weights);
    // Norms of groups flatten a map and give it the shape of what it was made of.
    const back = node.opType === 'Reshape' ? heights.get(shapeOf.get(node.input[1]) ?? '') : undefined;
    const known = height ?? back ?? declared.get(node.output[0]);
    if (known !== undefined) heights.set(node.output[0], known);
  }
  return heights;
}

/** 0 where an axis is of any size. */
const declaredDims = ({ type }: ValueInfo): number[] | undefined =>
  type?.tensorType?.shape?.dim.map(({ dimValue = 0 }) => dimValue);

/** Of single maps of a known size. */
function declaredHeight(info: ValueInfo): Height | undefined {
  const dims = declaredDims(info);
  const isMap = dims?.length === 4 && dims[0] === 1 && dims.every((dim) => dim > 0);
  return isMap ? { a: 0, b: dims[2] } : undefined;
}

/** Whether the rows of a value always make whole groups of `rows`. */
export function isWholeGroups(height: Height | undefined, rows: number): boolean {
  return height !== undefined && height.a % rows === 0 && height.b % rows === 0;
}

/** [1, H, W, 3] -> [1, 3, H, W]. */
const isToPlanar = (node: Node): boolean =>
  node.opType === 'Transpose' && attributeOf(node, 'perm')?.ints?.join() === '0,3,1,2';

/** A rule that looks at the first input only. */
const first =
  (rule: (node: Node, height: Height, weights: Weights) => Height | undefined): Rule =>
  (node, heights, weights) => {
    const height = heights.get(node.input[0]);
    return height && rule(node, height, weights);
  };

const same = first((_, height) => height);

/** Operators of several maps: all of one height; a weight of one picture and one row is spread over the others. */
const joined: Rule = ({ input }, heights, weights) => {
  const maps = input.filter((value) => !isSpread(weights.get(value)));
  const [height, ...others] = maps.map((value) => heights.get(value));
  const agree = others.every((other) => other?.a === height?.a && other?.b === height?.b);
  return agree ? height : undefined;
};

const isSpread = (weight: TensorProto | undefined): boolean =>
  weight !== undefined &&
  weight.dims.length <= 4 &&
  [-4, -2].every((axis) => (weight.dims.at(axis) ?? 1) === 1);

/** Convolutions and poolings: floor((H + pads - reach) / stride) + 1. */
const windowed = first((node, { a, b }) => {
  const { kernel, stride, dilation, pads, isPlain } = windowOf(node);
  if (!isPlain || kernel === undefined || a % stride !== 0) return undefined;
  return { a: a / stride, b: Math.floor((b + pads - dilation * (kernel - 1) - 1) / stride) + 1 };
});

/** Transposed convolutions: (H - 1) * stride + reach + outputPadding - pads. */
const spread = first((node, { a, b }) => {
  const { kernel, stride, dilation, pads, isPlain } = windowOf(node);
  if (!isPlain || kernel === undefined || attributeOf(node, 'output_shape')) return undefined;
  const extra = attributeOf(node, 'output_padding')?.ints?.[0] ?? 0;
  return { a: a * stride, b: (b - 1) * stride + dilation * (kernel - 1) + 1 + extra - pads };
});

const padded = first(({ input }, { a, b }, weights) => {
  const proto = weights.get(input[1]);
  const pads = proto && intsOf(proto);
  return pads?.length === 8 && input[3] === undefined ? { a, b: b + pads[2] + pads[6] } : undefined;
});

/** By a factor, or to a height that is the same for all pictures. */
const resized = first((node, { a, b }, weights) => {
  const isByAxis = node.input.length <= 4 && attributeOf(node, 'axes') === undefined;
  if (!isByAxis) return undefined;
  const sizes = weights.get(node.input[3] ?? '');
  if (sizes !== undefined) return sizes.dims[0] === 4 ? { a: 0, b: intsOf(sizes)[2] } : undefined;
  const proto = weights.get(node.input[2] ?? '');
  const scale = proto?.dims[0] === 4 ? floatsOf(proto)[2] : undefined;
  if (scale === undefined || !Number.isInteger(a * scale) || !Number.isInteger(b * scale)) return undefined;
  return { a: a * scale, b: b * scale };
});

const stacked: Rule = (node, ...known) =>
  attributeOf(node, 'axis')?.i === 1 ? joined(node, ...known) : undefined;

function windowOf(node: Node) {
  const ints = (name: string) => attributeOf(node, name)?.ints;
  const pads = ints('pads');
  return {
    kernel: ints('kernel_shape')?.[0],
    stride: ints('strides')?.[0] ?? 1,
    dilation: ints('dilations')?.[0] ?? 1,
    pads: pads ? pads[0] + pads[pads.length / 2] : 0,
    isPlain: (textOf(node, 'auto_pad') ?? 'NOTSET') === 'NOTSET' && !attributeOf(node, 'ceil_mode')?.i,
  };
}

const rulesFor = (names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

/** How an operator changes the height; what is not listed ends the trace. */
const RULES: Record<string, Rule | undefined> = {
  ...rulesFor('Conv MaxPool AveragePool', windowed),
  ...rulesFor('Add Sub Mul Div Max Min PRelu', joined),
  ...rulesFor('InstanceNormalization BatchNormalization Dropout Identity Cast', same),
  ...rulesFor('Relu LeakyRelu Elu Selu Celu Tanh Sigmoid HardSigmoid HardSwish Softplus', same),
  ...rulesFor('Clip Neg Abs Exp Sqrt Erf Gelu Pow', same),
  ConvTranspose: spread,
  Pad: padded,
  Resize: resized,
  Concat: stacked,
};
