// How far every pixel of a drawing looks: which rows and columns of a tile's drawing are those of the whole picture's.
//
// Whatever a network does at the border of a tile (mirrored rows, zeros) is not what it does in the middle of a picture. From
// operator to operator the span of what is right becomes narrower; what is left at the end may be kept.

import { attributeOf, type Graph, type Node, textOf } from '../onnx/file.js';
import { isSpread, type Planes, type Size } from './planes.js';

/** Indices from `from` up to, but not including, `to`. */
interface Span {
  from: number;
  to: number;
}

/** Pixels at each border of a tile's drawing that are others than in a drawing of the whole. */
export interface Halo {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

interface Place {
  rows: Span;
  columns: Span;
}

type Side = 'rows' | 'columns';

/** What a rule is told of a node and of one side of the plane. */
interface Along {
  node: Node;
  side: Side;
  /** Elements of the first input and of the output along that side. */
  size: { input: number; output: number };
  /** The axes of that side. */
  axis: { input: number; output: number };
  /** Where among the spatial axes this one stands: an index into kernels, strides and pads. */
  nth: number;
  rank: number;
  /** Whether the output has so and so many times the elements of the input, however large the picture. */
  isProportional: boolean;
  /** Numbers of a computed or stored constant; undefined for what is no constant. */
  numbersOf(value: string): readonly number[] | undefined;
}

/** What is right of a node's output along one side; undefined where that cannot be told. */
type Rule = (span: Span, along: Along) => Span | undefined;

export interface ReachSource {
  graph: Graph;
  planes: Planes;
  /** Nodes that are drawn with, in the order of the data. */
  nodes: readonly Node[];
  numbersOf(value: string): readonly number[] | undefined;
}

/** The halo of a tile of that size; undefined for networks that look at places in ways not known here. */
export function haloOf({ graph, planes, nodes, numbersOf }: ReachSource, tile: Size): Halo | undefined {
  const input = graph.input.find(({ name }) => planes.extents(name) !== undefined)!.name;
  const right = new Map<string, Place>([
    [input, { rows: { from: 0, to: tile.height }, columns: { from: 0, to: tile.width } }],
  ]);
  for (const node of nodes) {
    const place = placeAfter(node, right, { planes, tile, numbersOf });
    if (place === undefined) return undefined;
    right.set(node.output[0], place);
  }
  const { rows, columns } = right.get(graph.output[0].name)!;
  return {
    top: rows.from,
    bottom: tile.height - rows.to,
    left: columns.from,
    right: tile.width - columns.to,
  };
}

interface Surroundings extends Pick<ReachSource, 'planes' | 'numbersOf'> {
  tile: Size;
}

function placeAfter(node: Node, right: ReadonlyMap<string, Place>, around: Surroundings): Place | undefined {
  const known = node.input.flatMap((value) => right.get(value) ?? []);
  if (known.length === 0) return undefined;
  const sides = (['rows', 'columns'] as const).map((side) => {
    const span = known.map((place) => place[side]).reduce(both);
    const along = alongOf(node, side, around);
    if (along !== undefined) return RULES[node.opType]?.(span, along);
    // Where rows and columns are one axis, only what every place is computed from itself can be followed.
    return IN_PLACE[node.opType]?.(node) ? span : undefined;
  });
  const [rows, columns] = sides;
  return rows && columns && rows.from < rows.to && columns.from < columns.to ? { rows, columns } : undefined;
}

const both = (a: Span, b: Span): Span => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });

/** Undefined where rows and columns are not axes of their own. */
function alongOf(node: Node, side: Side, { planes, tile, numbersOf }: Surroundings): Along | undefined {
  const value = node.input.find((each) => planes.extents(each)?.some(isSpread))!;
  const axis = { input: axisOf(planes, value, side), output: axisOf(planes, node.output[0], side) };
  if (axis.input < 0 || axis.output < 0) return undefined;
  const dims = planes.dims(value, tile);
  const size = { input: dims[axis.input], output: planes.dims(node.output[0], tile)[axis.output] };
  const [from, to] = [planes.extents(value)![axis.input], planes.extents(node.output[0])![axis.output]];
  const isProportional = from.still * to[side] === to.still * from[side];
  return { node, side, size, axis, nth: axis.input - 2, rank: dims.length, isProportional, numbersOf };
}

/** The only axis that grows with this side and not with the other one; -1 where there is none. */
function axisOf(planes: Planes, value: string, side: Side): number {
  const extents = planes.extents(value) ?? [];
  const other = side === 'rows' ? 'columns' : 'rows';
  const axes = extents.flatMap((extent, axis) =>
    extent[side] !== 0 && extent[other] === 0 && extent.both === 0 ? [axis] : [],
  );
  return axes.length === 1 ? axes[0] : -1;
}

/** The same, of values whose rows or columns are as many before and after. */
const evenly: Rule = (span, { size }) => (size.input === size.output ? span : undefined);

/** Reads kernel, stride, dilation and the padding before; undefined where the padding depends on the size. */
function windowOf({ node, nth, size, rank }: Along) {
  const ints = (name: string) => attributeOf(node, name)?.ints?.[nth];
  const kernel = ints('kernel_shape');
  const [stride, dilation] = [ints('strides') ?? 1, ints('dilations') ?? 1];
  const reach = dilation * ((kernel ?? 1) - 1);
  const kind = textOf(node, 'auto_pad') ?? 'NOTSET';
  const total = (Math.ceil(size.input / stride) - 1) * stride + reach + 1 - size.input;
  const same = { SAME_UPPER: Math.floor(total / 2), SAME_LOWER: Math.ceil(total / 2), VALID: 0 }[kind];
  const before = kind === 'NOTSET' ? (ints('pads') ?? 0) : Math.max(0, same ?? 0);
  return { stride, reach, before, isPlanar: nth >= 0 && rank === 4 && kernel !== undefined };
}

const windowed: Rule = (span, along) => {
  const { stride, reach, before, isPlanar } = windowOf(along);
  if (!isPlanar || attributeOf(along.node, 'ceil_mode')?.i) return undefined;
  return {
    from: Math.ceil((span.from + before) / stride),
    to: Math.floor((span.to - 1 - reach + before) / stride) + 1,
  };
};

/** An output reads the inputs from ceil((o + before - reach) / stride) to floor((o + before) / stride). */
const spreading: Rule = (span, along) => {
  const { stride, reach, before, isPlanar } = windowOf(along);
  const auto = attributeOf(along.node, 'auto_pad') ?? attributeOf(along.node, 'output_shape');
  if (!isPlanar || auto !== undefined) return undefined;
  return {
    // Rows that nothing is spread to lie before the first one only in the middle of a picture.
    from: Math.max(0, stride * (span.from - 1) + 1 + reach - before),
    to: Math.min(stride * span.to - before, along.size.output),
  };
};

const padded: Rule = (span, { node, axis, rank, numbersOf }) => {
  // What comes around from the other side is in another tile.
  if (textOf(node, 'mode') === 'wrap') return undefined;
  const pads = attributeOf(node, 'pads')?.ints ?? numbersOf(node.input[1]);
  if (pads?.length !== 2 * rank || (node.input[3] ?? '') !== '') return undefined;
  const before = pads[axis.input];
  const after = pads[rank + axis.input];
  // What is cut off is gone: a negative padding leaves fewer rows.
  return { from: Math.max(0, span.from + before), to: span.to + before + Math.min(0, after) };
};

/** Which inputs an enlarged or reduced row mixes, for every row. */
const resized: Rule = (span, { node, isProportional, size: { input, output } }) => {
  const how = samplingOf(node);
  // By a factor that depends on the size of the picture a tile would be enlarged by another one.
  if (how === undefined || !isProportional) return undefined;
  const isRight = (at: number): boolean => {
    const [first, last] = tapsOf(at, output / input, how);
    return first >= span.from && last < span.to;
  };
  let from = 0;
  while (from < output && !isRight(from)) from++;
  let to = output;
  while (to > from && !isRight(to - 1)) to--;
  return { from, to };
};

interface Sampling {
  mode: string;
  coordinates: string;
}

function samplingOf(node: Node): Sampling | undefined {
  const text = (name: string) => textOf(node, name);
  if ((text('keep_aspect_ratio_policy') ?? 'stretch') !== 'stretch') return undefined;
  if (attributeOf(node, 'antialias')?.i || attributeOf(node, 'axes')) return undefined;
  const isOld = node.opType === 'Upsample' || node.input.length === 2;
  const coordinates = text('coordinate_transformation_mode') ?? (isOld ? 'asymmetric' : 'half_pixel');
  const mode = text('mode') ?? 'nearest';
  return ['half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners'].includes(coordinates) &&
    !(coordinates === 'align_corners' && mode !== 'linear')
    ? { mode, coordinates }
    : undefined;
}

/** First and last input that an output mixes. */
function tapsOf(at: number, scale: number, { mode, coordinates }: Sampling): [number, number] {
  // Aligned corners drift from one border of the picture to the other: (N - 1) / (M - 1) instead of N / M from sample to sample.
  if (coordinates === 'align_corners') {
    const drift = 1 - 1 / scale;
    return [Math.floor(at / scale - Math.max(0, drift)), Math.ceil(at / scale - Math.min(0, drift))];
  }
  const source = coordinates === 'asymmetric' ? at / scale : (at + 0.5) / scale - 0.5;
  if (mode === 'nearest') return [Math.floor(source), Math.ceil(source)];
  const floor = Math.floor(source);
  if (mode === 'linear') return [floor, Number.isInteger(source) ? floor : floor + 1];
  return [floor - 1, floor + 2];
}

const toSpace: Rule = (span, { size }) => {
  const block = size.output / size.input;
  return Number.isInteger(block) ? { from: span.from * block, to: span.to * block } : undefined;
};

const toDepth: Rule = (span, { size }) => {
  const block = size.input / size.output;
  return Number.isInteger(block)
    ? { from: Math.ceil(span.from / block), to: Math.floor(span.to / block) }
    : undefined;
};

/** Crops from a place counted from the start; what is left out at the end may depend on the size. */
const sliced: Rule = (span, { node, axis, size, rank, numbersOf }) => {
  const read = (name: string, at: number) => attributeOf(node, name)?.ints ?? numbersOf(node.input[at] ?? '');
  const starts = read('starts', 1);
  const isTold = (at: number) => (node.input[at] ?? '') === '' || numbersOf(node.input[at]) !== undefined;
  if (starts === undefined || !isTold(3) || !isTold(4)) return undefined;
  const axes = read('axes', 3) ?? starts.map((_, at) => at);
  const at = axes.findIndex((each) => (each + rank) % rank === axis.input);
  if (at < 0) return size.input === size.output ? span : undefined;
  const step = numbersOf(node.input[4] ?? '')?.[at] ?? 1;
  if (step !== 1 || starts[at] < 0) return undefined;
  return { from: Math.max(0, span.from - starts[at]), to: Math.min(size.output, span.to - starts[at]) };
};

/** Of several maps side by side in depth. */
const concatenated: Rule = (span, { node, axis, rank }) => {
  const along = (attributeOf(node, 'axis')?.i ?? 0) + rank;
  return along % rank === axis.input ? undefined : span;
};

/** Softmaxes and sums over an axis that is not of the plane: the measuring ones were cut away. */
const acrossDepth: Rule = (span, { size }) => (size.input === size.output ? span : undefined);

const rulesFor = (names: string, rule: Rule): Record<string, Rule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

const POINTWISE =
  'Relu LeakyRelu PRelu Elu Selu Celu Tanh Sigmoid HardSigmoid HardSwish Softplus Softsign Mish Gelu Clip Neg Abs Exp Log Sqrt ' +
  'Reciprocal Erf Floor Ceil Round Sign Sin Cos Pow Add Sub Mul Div Max Min Identity Cast Dropout BatchNormalization';
const RESHAPES = 'Reshape Flatten Squeeze Unsqueeze Transpose';
const OVER_DEPTH =
  'Softmax LogSoftmax ReduceSum ReduceMean ReduceMax ReduceMin ReduceL2 MatMul LayerNormalization';

/** What each operator does to what is right; operators without a rule cannot be drawn in tiles. */
const RULES: Readonly<Record<string, Rule>> = {
  ...rulesFor(POINTWISE, evenly),
  ...rulesFor(RESHAPES, evenly),
  ...rulesFor(OVER_DEPTH, acrossDepth),
  ...rulesFor('Conv MaxPool AveragePool', windowed),
  ...rulesFor('Resize Upsample', resized),
  ConvTranspose: spreading,
  Pad: padded,
  Slice: sliced,
  Concat: concatenated,
  DepthToSpace: toSpace,
  SpaceToDepth: toDepth,
};

/** A convolution of single places, whatever the order that they are in. */
function isPointConvolution(node: Node): boolean {
  const every = (name: string, value: number) =>
    attributeOf(node, name)?.ints?.every((each) => each === value);
  return every('kernel_shape', 1) === true && every('strides', 1) !== false && every('pads', 0) !== false;
}

/** Whether an operator makes every place of itself alone: what can be followed where rows and columns are one axis. */
const IN_PLACE: Readonly<Record<string, (node: Node) => boolean>> = {
  ...Object.fromEntries(
    [POINTWISE, RESHAPES, OVER_DEPTH].flatMap((names) => names.split(' ').map((name) => [name, () => true])),
  ),
  Conv: isPointConvolution,
};
