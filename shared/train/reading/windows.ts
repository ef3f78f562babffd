// Windows, borders and sizes of pictures. Borders and sizes are matrices: each row says what a new line is made of.

import * as a from '../arithmetic.js';
import type { Node, Walk } from '../ops.js';
import { walkOf } from './products.js';
import type { Call, Rules } from './values.js';

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
  const grow = (value: Node) => (Math.max(...before, ...after) === 0 ? value : a.pad(value, before, after));
  const grown = filler === 0 ? grow(x) : a.add(grow(a.subtract(x, filler)), filler);
  const starts = sides.map(([front]) => Math.max(0, -front));
  const ends = grown.dims.map((size, axis) => size - Math.max(0, -sides[axis][1]));
  return starts.some((start) => start > 0) || ends.some((end, axis) => end < grown.dims[axis])
    ? a.slice(grown, starts, ends)
    : grown;
}

function maxPool(call: Call): Node {
  const x = call.node(0);
  const size = call.ints('kernel_shape') as [number, number];
  const { strides, pads, dilations } = walkOf(call, x.dims, size);
  if (dilations.some((step) => step !== 1)) throw call.unread('with dilations');
  return a.pick(x, x, { size, strides, pads: rounded(call, { x, size, strides, pads }) });
}

/** With `ceil_mode` a last window may reach beyond the end. */
function rounded(
  call: Call,
  { x, size, strides, pads }: { x: Node; size: readonly number[] } & Pick<Walk, 'strides' | 'pads'>,
): Walk['pads'] {
  if (call.int('ceil_mode', 0) === 0) return pads;
  const [bottom, right] = [0, 1].map((axis) => {
    const walked = x.dims[axis + 2] + pads[axis] + pads[axis + 2] - size[axis];
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
  const pads = rounded(call, { x, size, ...walk });
  const [, channels, height, width] = x.dims;
  const sums = (of: Node, groups: number) =>
    a.conv(of, a.full([groups, 1, ...size], 1), { ...walk, pads, groups });
  const isPlain =
    pads.every((border) => border === 0) || (call.int('count_include_pad', 0) === 1 && pads === walk.pads);
  const count = isPlain ? size[0] * size[1] : sums(a.full([1, 1, height, width], 1), 1);
  return a.divide(sums(x, channels), count);
}

/** Where line `line` of `to` lies among `from` old ones, which are `scale` times as many. */
const PLACES: Readonly<
  Record<string, (line: number, sizes: { from: number; to: number; scale: number }) => number>
> = {
  half_pixel: (line, { scale }) => (line + 0.5) / scale - 0.5,
  pytorch_half_pixel: (line, { to, scale }) => (to > 1 ? (line + 0.5) / scale - 0.5 : 0),
  align_corners: (line, { from, to }) => (to > 1 ? (line * (from - 1)) / (to - 1) : 0),
  asymmetric: (line, { scale }) => line / scale,
};
const NEAREST: Readonly<Record<string, (place: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
};
/** Keys 1981. */
const cubic = (distance: number, a: number): number => {
  const d = Math.abs(distance);
  if (d >= 2) return 0;
  return d <= 1 ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1 : a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a;
};

type Kernel = (place: number, from: number, size: number) => number;
function kernelOf(call: Call, preset: string): Kernel {
  const mode = call.text('mode', 'nearest');
  const within = (place: number, size: number) => Math.min(Math.max(place, 0), size - 1);
  if (mode === 'nearest') {
    const round = NEAREST[call.text('nearest_mode', preset)];
    return (place, from, size) => Number(within(round(place), size) === from);
  }
  if (mode === 'linear' || mode === 'bilinear')
    return (place, from, size) => Math.max(0, 1 - Math.abs(within(place, size) - from));
  const a = call.float('cubic_coeff_a', -0.75);
  // Lines beyond the border are the outermost one.
  return (place, from, size) => {
    const first = Math.floor(place) - 1;
    return [0, 1, 2, 3].reduce(
      (sum, at) => sum + (within(first + at, size) === from ? cubic(place - first - at, a) : 0),
      0,
    );
  };
}

/** `scales` and `sizes` lie where the opset has them; before 11 there is no choice of places. */
function resize(call: Call, at: { scales: number; sizes?: number }): Node {
  const x = call.node(0);
  const scales = call.has(at.scales) ? call.numbers(at.scales) : [];
  const sizes = at.sizes !== undefined && call.has(at.sizes) ? call.numbers(at.sizes) : undefined;
  const given = call.ints('axes')?.map((axis) => call.axis(axis, x.dims.length)) ?? [...x.dims.keys()];
  if (call.int('antialias', 0) === 1 || call.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw call.unread('with antialias or a fixed aspect ratio');
  const isOld = call.opset < 11 || call.op.opType === 'Upsample';
  const place = PLACES[call.text('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel')];
  if (place === undefined) throw call.unread('with a region of interest');
  const kernel = kernelOf(call, isOld ? 'floor' : 'round_prefer_floor');
  return given.reduce((value, axis, index) => {
    const from = x.dims[axis];
    const to = sizes?.[index] ?? Math.floor(from * scales[index]);
    const scale = sizes === undefined ? scales[index] : to / from;
    if (scale === 1) return value;
    return alongAxis(value, axis, to, (line, old) => kernel(place(line, { from, to, scale }), old, from));
  }, x);
}

export const WINDOWS: Rules = {
  Pad: pad,
  MaxPool: maxPool,
  AveragePool: averagePool,
  Resize: (call) => resize(call, call.opset < 11 ? { scales: 1 } : { scales: 2, sizes: 3 }),
  Upsample: (call) => resize(call, { scales: 1 }),
};
