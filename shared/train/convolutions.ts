// The three sides of a convolution in plain ONNX, each in the form that onnxruntime's CPU computes fastest for its shapes.
//
// Kernels are fed, so nothing can be prepared before the run: what a step costs beside its products are copies. They are
// cheap where they move whole rows of memory, and dear where they pick single numbers.

import type { GraphBuilder, Value } from '../models/onnx/builder.js';
import { sizeOf } from '../tensor.js';
import type { Dims, Node, Walk } from './ops.js';

type Inputs = readonly Value[];

/** Rows of a matrix from which one product per row of the kernel is faster than a single one. */
const WIDE = 32;
/** The end of a slice that goes backwards to the first place: -1 would be the last one. */
export const BEFORE_ALL = -(2 ** 31);

const walkOf = ({ strides, pads, dilations, groups }: Walk) => ({ strides, pads, dilations, group: groups });

export const writeConv = ({ attributes }: Node<'conv'>, inputs: Inputs, graph: GraphBuilder): Value =>
  graph.op('Conv', inputs, walkOf(attributes));

export function writeConvTranspose(node: Node<'convTranspose'>, inputs: Inputs, graph: GraphBuilder): Value {
  const phases = [0, 1].map((axis) => phasesOf(node, axis));
  if (isFasterInPhases(node, phases)) return writePhases(node, phases, inputs, graph);
  const { strides, pads, dilations, size } = node.attributes;
  const [y, kernel] = node.inputs.map(({ dims }) => dims.slice(2));
  // Rows and columns at the end that no step of the convolution reached.
  const output_padding = size.map((length, axis) => {
    const reach = dilations[axis] * (kernel[axis] - 1) + 1;
    return length - (strides[axis] * (y[axis] - 1) + reach - pads[axis] - pads[axis + 2]);
  });
  return graph.op('ConvTranspose', inputs, { ...walkOf(node.attributes), output_padding });
}

/** What every so many rows (or columns) of x comes from: y, convolved with some rows of the turned kernel. */
type Phase = Readonly<{ start: number; rows: number; pads: readonly [number, number] }>;

/** x[stride u + row] = sum over n < rows of kernel[first + stride n] y[u + shift - dilation n] */
function phasesOf({ inputs: [y, kernel], attributes }: Node<'convTranspose'>, axis: number): Phase[] {
  const { strides, pads, dilations, size } = attributes;
  const [stride, length] = [strides[axis], kernel.dims[axis + 2]];
  return Array.from({ length: stride }, (_, row) => {
    const [first, shift] = [(row + pads[axis]) % stride, Math.floor((row + pads[axis]) / stride)];
    const rows = Math.ceil((length - first) / stride);
    const around = [
      dilations[axis] * (rows - 1) - shift,
      size[axis] / stride + shift - y.dims[axis + 2],
    ] as const;
    return { start: length - 1 - first - stride * (rows - 1), rows, pads: around };
  });
}

/**
 * ConvTranspose adds its products up on one thread, and takes a batch picture by picture. Against phases stand the turned
 * kernel and, with strides, results to be interleaved: measured, those pay for batches of small maps only.
 */
function isFasterInPhases(
  { inputs: [y, kernel], attributes }: Node<'convTranspose'>,
  phases: Phase[][],
): boolean {
  const { strides, dilations, groups, size } = attributes;
  const isPossible = phases.every(
    (ofAxis, axis) =>
      (strides[axis] === 1 || dilations[axis] === 1) &&
      size[axis] % strides[axis] === 0 &&
      ofAxis.every(({ rows, pads }) => Math.min(rows - 1, ...pads) >= 0),
  );
  const [batch, kernels, ...sides] = y.dims;
  const places = sizeOf(sides);
  const isSmall = sizeOf(strides) === 1 ? 2 * kernels < groups * batch * places : batch >= 8 && places < 256;
  return isPossible && isSmall && (kernel.dims[1] >= 8 || groups > 1);
}

/** One convolution per phase of rows and columns, interleaved (Shi et al. 2016). */
function writePhases(
  { inputs: [, { dims }], attributes, dims: made }: Node<'convTranspose'>,
  [rows, columns]: Phase[][],
  [y, kernel]: Inputs,
  graph: GraphBuilder,
): Value {
  const { strides, dilations, groups: group } = attributes;
  const whole = turned(kernel, dims, group, graph);
  const phase = (row: Phase, column: Phase): Value => {
    const starts = [row.start, column.start];
    const isWhole = sizeOf(strides) === 1;
    const part = isWhole ? whole : cut(graph, whole, { starts, ends: dims.slice(2), strides });
    // Says the shape too, which rewrites for a device may want to know.
    const weights = reshape(graph, part, [made[1], dims[0] / group, row.rows, column.rows]);
    const pads = [0, 1].flatMap((side) => [row.pads[side], column.pads[side]]);
    return graph.op('Conv', [y, weights], { pads, dilations, group });
  };
  const [, channels, height, width] = made;
  // The zero keeps the batch as it is.
  const line = [0, channels, height / strides[0], 1, width];
  const spread = [...line.slice(0, 3), width / strides[1], 1];
  const lines = rows.map((row) => {
    const parts = columns.map((column) => reshape(graph, phase(row, column), spread));
    return reshape(graph, join(graph, parts, 4), line);
  });
  return reshape(graph, join(graph, lines, 3), [0, ...made.slice(1)]);
}

/** A kernel [K, C / groups, h, w] as [C, K / groups, h, w], last rows and columns first. */
function turned(kernel: Value, [kernels, within, ...size]: Dims, groups: number, graph: GraphBuilder): Value {
  const [places, per] = [sizeOf(size), kernels / groups];
  // Two flat transpositions with whole rows reversed between them: twice as fast as single numbers at once.
  const flat = reshape(graph, kernel, [groups, per, within * places]);
  const upright = reshape(graph, transpose(graph, flat, [0, 2, 1]), [groups * within, places, per]);
  const reversed = cut(graph, upright, { starts: [-1, 0], ends: [BEFORE_ALL, per], strides: [-1, 1] });
  return reshape(graph, transpose(graph, reversed, [0, 2, 1]), [groups * within, per, ...size]);
}

/**
 * dK[k, c, i, j] = sum over n, u, v of y[n, k, u, v] x[n, c, stride u + dilation i - pad, ...v...j...]: products of matrices.
 * Of what is laid under the weights only the columns are copied beside each other: each row of weights then finds its rows as
 * they are.
 */
export function writeConvKernel(node: Node<'convKernel'>, inputs: Inputs, graph: GraphBuilder): Value {
  const { groups, size, strides, dilations, pads } = node.attributes;
  const [x, y] = node.inputs.map(({ dims }) => dims);
  // With stride 1 either may move over the other: the one with fewer channels is copied.
  const isTurned = sizeOf(strides) === 1 && y[1] < x[1];
  const [[batch, moved, tall], [, still, height, width]] = isTurned ? [y, x] : [x, y];
  const ends = size.map((length, axis) => dilations[axis] * (length - 1));
  const [rows, columns] = size.map((length, axis) =>
    Array.from({ length }, (_, at) => (isTurned ? ends[axis] - dilations[axis] * at : dilations[axis] * at)),
  );
  const [top, left, , right] = pads.map((border, side) => (isTurned ? ends[side % 2] - border : border));
  const steps = Math.floor(ends[0] / strides[0]) + height;
  const maps = inputs.map((map) => (batch === 1 ? map : transpose(graph, map, [1, 0, 2, 3])));
  const [laid, stays] = isTurned ? maps.reverse() : maps;
  const borders = [0, 0, top, left, 0, 0, steps * strides[0] - tall - top, right];
  const padded = borders.some((border) => border !== 0) ? graph.op('Pad', [laid, graph.ints(borders)]) : laid;
  const copies = columns.map((start) => {
    const end = start + (width - 1) * strides[1] + 1;
    const copy = cut(graph, padded, { starts: [start], ends: [end], strides: [strides[1]] });
    return reshape(graph, copy, [moved, 1, batch, steps, strides[0] * width]);
  });
  const beside = join(graph, copies, 1);
  const under = rows.map((row) => {
    const starts = [Math.floor(row / strides[0]), (row % strides[0]) * width];
    const ends = [starts[0] + height, starts[1] + width];
    const part = cut(graph, beside, { starts, ends, strides: [1, 1] });
    return reshape(graph, part, [groups, moved / groups, 1, size[1], batch * height * width]);
  });
  const flat = reshape(graph, stays, [groups, still / groups, batch * height * width]);
  const others = transpose(graph, flat, [0, 2, 1]);
  const product = (parts: Inputs): Value => {
    const weights = (moved / groups) * parts.length * size[1];
    const matrix = reshape(graph, join(graph, parts, 2), [groups, weights, batch * height * width]);
    const sums = graph.op('MatMul', [matrix, others]);
    return reshape(graph, sums, [groups, moved / groups, parts.length, size[1], still / groups]);
  };
  const isWide = (moved / groups) * size[1] >= WIDE;
  const together = isWide ? under.map((part) => [part]) : [under];
  const sums = join(graph, together.map(product), 2);
  return reshape(graph, transpose(graph, sums, isTurned ? [0, 1, 4, 2, 3] : [0, 4, 1, 2, 3]), node.dims);
}

const reshape = (graph: GraphBuilder, value: Value, dims: Dims): Value =>
  graph.op('Reshape', [value, graph.ints(dims)]);

const transpose = (graph: GraphBuilder, value: Value, perm: Dims): Value =>
  graph.op('Transpose', [value], { perm });

const join = (graph: GraphBuilder, parts: Inputs, axis: number): Value =>
  parts.length === 1 ? parts[0] : graph.op('Concat', parts, { axis });

/** Of the last axes. */
function cut(graph: GraphBuilder, value: Value, range: Record<'starts' | 'ends' | 'strides', Dims>): Value {
  const { starts, ends, strides } = range;
  const axes = starts.map((_, at) => at - starts.length);
  return graph.op('Slice', [value, ...[starts, ends, axes, strides].map((list) => graph.ints(list))]);
}
