// Windows, borders and sizes of pictures. Borders and sizes are matrices: each row says what a new line is made of.

import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import type { Dims, Node, Walk } from '../ops.js';
import { concat } from './layout.js';
import { known } from './numbers.js';
import { walkOf } from './products.js';
import { type Call, nodeOf, type Rules, type Value } from './values.js';

/** Of each new line of an axis, how much of each old one. */
type Weight = (line: number, from: number) => number;

/** Lines of one axis made of others. */
function alongAxis(x: Node, axis: number, to: number, weight: Weight): Node {
  const from = x.dims[axis];
  const matrix = a.constant(
    [to, from],
    Float32Array.from({ length: to * from }, (_, at) => weight(Math.floor(at / from), at % from)),
  );
  const rank = x.dims.length;
  if (axis === rank - 1) return a.matmul(x, a.turned(matrix));
  if (axis === rank - 2) return a.matmul(matrix, x);
  const order = x.dims.map((_, at) => (at === axis ? rank - 1 : at === rank - 1 ? axis : at));
  return a.transpose(a.matmul(a.transpose(x, order), a.turned(matrix)), order);
}

/** Which old line a border shows. */
const BORDERS: Readonly<Record<string, (at: number, size: number) => number>> = {
  edge: (at, size) => Math.min(Math.max(at, 0), size - 1),
  reflect(at, size) {
    if (size === 1) return 0;
    const round = 2 * (size - 1);
    const inside = ((at % round) + round) % round;
    return Math.min(inside, round - inside);
  },
  wrap: (at, size) => ((at % size) + size) % size,
};

function pad(call: Call): Node {
  const x = call.node(0);
  const mode = call.text('mode', 'constant');
  const given = call.intsAt('pads', 1) ?? [];
  const axes = call.has(3)
    ? call.numbers(3).map((axis) => call.axis(axis, x.dims.length))
    : given.slice(given.length / 2).map((_, axis) => axis);
  const sides = (axis: number): [number, number] => {
    const at = axes.indexOf(axis);
    return at < 0 ? [0, 0] : [given[at], given[at + axes.length]];
  };
  if (mode === 'constant')
    return padded(
      call,
      x,
      x.dims.map((_, axis) => sides(axis)),
    );
  return x.dims.reduce((value, size, axis) => {
    const [before, after] = sides(axis);
    if (before === 0 && after === 0) return value;
    return alongAxis(value, axis, before + size + after, (line, from) =>
      Number(from === BORDERS[mode](line - before, size)),
    );
  }, x);
}

/** With a number around, which is zero nearly always; borders below zero cut. */
function padded(call: Call, x: Node, sides: readonly (readonly [number, number])[]): Node {
  const filler = call.has(2) ? (call.known(2).numbers[0] ?? 0) : call.float('value', 0);
  const [before, after] = [0, 1].map((end) => sides.map((side) => Math.max(0, side[end])));
  const isGrown = Math.max(...before, ...after) > 0;
  const zeros = isGrown ? a.pad(x, before, after) : x;
  const grown = isGrown && filler !== 0 ? a.add(zeros, around(x.dims, { before, after, filler })) : zeros;
  const starts = sides.map(([front]) => Math.max(0, -front));
  const ends = grown.dims.map((size, axis) => size - Math.max(0, -sides[axis][1]));
  return starts.some((start) => start > 0) || ends.some((end, axis) => end < grown.dims[axis])
    ? a.slice(grown, starts, ends)
    : grown;
}

/** That number in a border and zero inside it, which leaves what is there as exact as it was. */
function around(dims: Dims, { before, after, filler }: { before: Dims; after: Dims; filler: number }): Node {
  const filled = (sizes: Dims, value: number) =>
    known(sizes, new Float32Array(sizeOf(sizes)).fill(value), false);
  const inside = dims.map((size, axis) => (before[axis] + after[axis] > 0 ? size : 1));
  const bordered = inside.reduce(
    (value: Value, _, axis) => {
      const border = (size: number) =>
        filled(
          value.dims.map((own, at) => (at === axis ? size : own)),
          filler,
        );
      return concat([border(before[axis]), value, border(after[axis])], axis);
    },
    filled(inside, 0),
  );
  return nodeOf(bordered);
}

function maxPool(call: Call): Node {
  const x = call.node(0);
  const size = call.ints('kernel_shape') as [number, number];
  const walk = walkOf(call, x.dims, size);
  if (walk.dilations.some((step) => step !== 1)) throw call.unread('with dilations');
  return a.pick(x, x, { size, strides: walk.strides, pads: rounded(call, x, { size, walk }) });
}

interface Windows {
  size: readonly number[];
  walk: Walk;
}
/** How much of an axis one window spans. */
const reachOf = ({ size, walk: { dilations } }: Windows, axis: number): number =>
  dilations[axis] * (size[axis] - 1) + 1;

/** With `ceil_mode` a last window may reach beyond the end. */
function rounded(call: Call, x: Node, windows: Windows): Walk['pads'] {
  const { strides, pads } = windows.walk;
  if (call.int('ceil_mode', 0) === 0) return pads;
  const [bottom, right] = [0, 1].map((axis) => {
    const walked = x.dims[axis + 2] + pads[axis] + pads[axis + 2] - reachOf(windows, axis);
    const steps = Math.ceil(walked / strides[axis]);
    // A window that begins in the border is none.
    const isInside = steps * strides[axis] < x.dims[axis + 2] + pads[axis];
    return pads[axis + 2] + (isInside ? steps * strides[axis] - walked : 0);
  });
  return [pads[0], pads[1], bottom, right];
}

/** A mean over each window: of what lies within the picture, or of borders too. */
function averagePool(call: Call): Node {
  const x = call.node(0);
  const size = call.ints('kernel_shape') as [number, number];
  const walk = walkOf(call, x.dims, size);
  const pads = rounded(call, x, { size, walk });
  const kernel = a.full([x.dims[1], 1, ...size], 1);
  const sums = a.conv(x, kernel, { ...walk, pads, groups: x.dims[1] });
  return a.divide(sums, counted(call, sums, { x, size, walk }));
}

/** Of each window of y, how many places are in the picture or, if they count, in its borders; never beyond those. */
function counted(call: Call, y: Node, windows: Windows & { x: Node }): Node {
  const { x, size, walk } = windows;
  const isWithBorders = call.int('count_include_pad', 0) === 1;
  const [rows, columns] = [0, 1].map((axis) => {
    const [before, after] = isWithBorders ? [walk.pads[axis], walk.pads[axis + 2]] : [0, 0];
    return Array.from({ length: y.dims[axis + 2] }, (_, line) => {
      const start = line * walk.strides[axis] - walk.pads[axis];
      const places = Array.from({ length: size[axis] }, (__, at) => start + at * walk.dilations[axis]);
      return places.filter((place) => place >= -before && place < x.dims[axis + 2] + after).length;
    });
  });
  const counts = rows.flatMap((row) => columns.map((column) => row * column));
  return counts.every((count) => count === counts[0])
    ? a.full([], counts[0])
    : a.constant([rows.length, columns.length], Float32Array.from(counts));
}

/** An axis of a picture, `scale` times as long as it was; only before rounding, if its scale was told. */
interface Axis {
  from: number;
  to: number;
  scale: number;
}
/** As exact as a run computes it, which decides between two lines that are as near. */
const over = (x: number, y: number): number => Math.fround(x / y);
/** Where new lines lie among old ones. */
const PLACES: Readonly<Record<string, (line: number, axis: Axis) => number>> = {
  half_pixel: (line, { scale }) => over(line + 0.5, scale) - 0.5,
  half_pixel_symmetric: (line, { from, to, scale }) =>
    (from / 2) * (1 - to / (scale * from)) + over(line + 0.5, scale) - 0.5,
  pytorch_half_pixel: (line, { to, scale }) => (to > 1 ? over(line + 0.5, scale) - 0.5 : 0),
  tf_half_pixel_for_nn: (line, { scale }) => over(line + 0.5, scale),
  align_corners: (line, { from, to }) => (to > 1 ? over(line * (from - 1), to - 1) : 0),
  asymmetric: (line, { scale }) => over(line, scale),
};
const NEAREST: Readonly<Record<string, (place: number, scale: number) => number>> = {
  floor: (place) => Math.floor(place),
  ceil: (place) => Math.ceil(place),
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  // What onnxruntime made of it before there was a choice.
  simple: (place, scale) => (scale < 1 ? Math.ceil(place) : Math.floor(place)),
};
/** Keys 1981. */
const cubic = (distance: number, a: number): number => {
  const d = Math.abs(distance);
  if (d >= 2) return 0;
  return d <= 1 ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1 : a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a;
};

type Kernel = (place: number, from: number, axis: Axis) => number;
const within = (place: number, { from }: Axis): number => Math.min(Math.max(place, 0), from - 1);

function kernelOf(call: Call, preset: string): Kernel {
  const mode = call.text('mode', 'nearest');
  if (mode === 'nearest') {
    const round = NEAREST[call.text('nearest_mode', preset)];
    return (place, from, axis) => Number(within(round(place, axis.scale), axis) === from);
  }
  if (mode === 'linear' || mode === 'bilinear')
    return (place, from, axis) => Math.max(0, 1 - Math.abs(within(place, axis) - from));
  return cubicKernel(call.float('cubic_coeff_a', -0.75), call.int('exclude_outside', 0) === 1);
}

/** Lines beyond the border are the outermost one, or none: then the others weigh more. */
function cubicKernel(coefficient: number, isInside: boolean): Kernel {
  return (place, from, axis) => {
    const lines = [-1, 0, 1, 2]
      .map((step) => Math.floor(place) + step)
      .filter((line) => !isInside || line === within(line, axis));
    const weights = lines.map((line) => cubic(place - line, coefficient));
    const own = weights.filter((_, at) => within(lines[at], axis) === from);
    return sumOf(own) / (isInside ? sumOf(weights) : 1);
  };
}
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** `scales` and `sizes` lie where the opset has them; before 11 there is no choice of places. */
function resize(call: Call, at: { scales: number; sizes?: number }): Node {
  const x = call.node(0);
  if (call.int('antialias', 0) === 1 || call.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw call.unread('with antialias or a fixed aspect ratio');
  const isOld = call.opset < 11 || call.op.opType === 'Upsample';
  const place = PLACES[call.text('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel')];
  if (place === undefined) throw call.unread('by a region of interest');
  const kernel = kernelOf(call, isOld ? 'simple' : 'round_prefer_floor');
  const sizes = at.sizes !== undefined && call.has(at.sizes) ? call.numbers(at.sizes) : undefined;
  const scales = call.has(at.scales) ? call.numbers(at.scales) : call.floats('scales');
  const axes = call.ints('axes')?.map((axis) => call.axis(axis, x.dims.length)) ?? [...x.dims.keys()];
  return axes.reduce((value, which, index) => {
    const from = x.dims[which];
    const to = sizes?.[index] ?? Math.floor(Math.fround(from * scales[index]));
    const axis = { from, to, scale: sizes === undefined ? scales[index] : over(to, from) };
    if (axis.scale === 1) return value;
    return alongAxis(value, which, to, (line, old) => kernel(place(line, axis), old, axis));
  }, x);
}

export const WINDOWS: Rules = {
  Pad: pad,
  MaxPool: maxPool,
  AveragePool: averagePool,
  Resize: (call) => resize(call, call.opset < 11 ? { scales: 1 } : { scales: 2, sizes: 3 }),
  Upsample: (call) => resize(call, { scales: 1 }),
};
