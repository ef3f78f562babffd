// Ops that move numbers and compute none. They read known numbers and values of the graph alike: an axis is cut, joined and
// turned the same way in both.

import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import type { Dims, Node } from '../ops.js';
import { type Known, known, MANY } from './numbers.js';
import { type Call, isKnown, list, nodeOf, type Rules, reshaped, type Value } from './values.js';

/** Known numbers in another order: of each place of `dims`, where it was. */
function arranged(
  { numbers, isWhole }: Known,
  dims: Dims,
  from: (place: readonly number[]) => number,
): Known {
  const place = dims.map(() => 0);
  const moved = Float64Array.from({ length: sizeOf(dims) }, () => {
    const value = numbers[from(place)];
    for (let axis = dims.length - 1; axis >= 0 && ++place[axis] === dims[axis]; axis--) place[axis] = 0;
    return value;
  });
  return { dims, numbers: moved, isWhole };
}
const indexIn = (dims: Dims, place: readonly number[]): number =>
  dims.reduce((index, size, axis) => index * size + place[axis], 0);

export const reshape = (x: Value, dims: Dims): Value =>
  isKnown(x) ? { ...x, dims: checkedSize(x, dims) } : a.reshape(x, dims);
function checkedSize(x: Known, dims: Dims): Dims {
  if (sizeOf(dims) !== x.numbers.length) throw new Error(`internal: cannot reshape ${x.dims} to ${dims}`);
  return dims;
}

export const transpose = (x: Value, order: readonly number[]): Value =>
  isKnown(x)
    ? arranged(
        x,
        order.map((axis) => x.dims[axis]),
        (place) =>
          indexIn(
            x.dims,
            x.dims.map((_, axis) => place[order.indexOf(axis)]),
          ),
      )
    : a.transpose(x, order);

/** From start to end by a step, along one axis; a known list may be walked backwards. */
function cut(x: Value, axis: number, { start, end, step }: Range): Value {
  const size = Math.max(0, Math.ceil((end - start) / step));
  if (isKnown(x)) {
    const dims = x.dims.map((all, at) => (at === axis ? size : all));
    return arranged(x, dims, (place) =>
      indexIn(
        x.dims,
        place.map((index, at) => (at === axis ? start + index * step : index)),
      ),
    );
  }
  if (step === 1) return a.part(x, axis, start, end);
  if (step === -1) return a.flip(a.part(x, axis, end + 1, start + 1), axis);
  const indices = Float64Array.from({ length: size }, (_, at) => start + at * step);
  return picked(x, axis, known([size], indices));
}
interface Range {
  start: number;
  end: number;
  step: number;
}

/** Start and end as ONNX clamps them. */
function rangeOf(size: number, { start, end, step }: Range): Range {
  const within = (place: number, least: number, most: number) =>
    Math.min(Math.max(place < 0 ? place + size : place, least), most);
  return step > 0
    ? { start: within(start, 0, size), end: within(end, 0, size), step }
    : { start: within(start, 0, size - 1), end: end < -size ? -1 : within(end, -1, size - 1), step };
}

function slice(call: Call): Value {
  const x = call.value(0);
  const starts = call.intsAt('starts', 1) ?? [];
  const ends = call.intsAt('ends', 2) ?? [];
  const axes = call.intsAt('axes', 3) ?? starts.map((_, axis) => axis);
  const steps = call.has(4) ? call.numbers(4) : starts.map(() => 1);
  return starts.reduce((value: Value, start, at) => {
    const axis = call.axis(axes[at], x.dims.length);
    const range = rangeOf(x.dims[axis], { start, end: ends[at], step: steps[at] });
    return range.step === 1 && range.start === 0 && range.end === x.dims[axis]
      ? value
      : cut(value, axis, range);
  }, x);
}

/** Of one axis those places, in that order: the axis becomes those of the indices. */
function picked(x: Value, axis: number, indices: Value): Value {
  if (isKnown(x) && isKnown(indices)) {
    const rank = indices.dims.length;
    const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
    return arranged(x, dims, (place) => {
      const index = indices.numbers[indexIn(indices.dims, place.slice(axis, axis + rank))];
      const at = index < 0 ? index + x.dims[axis] : index;
      return indexIn(x.dims, [...place.slice(0, axis), at, ...place.slice(axis + rank)]);
    });
  }
  if (isKnown(indices) && indices.numbers.length === 1) {
    const at = indices.numbers[0] < 0 ? indices.numbers[0] + x.dims[axis] : indices.numbers[0];
    const kept = a.part(nodeOf(x), axis, at, at + 1);
    return a.reshape(kept, [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)]);
  }
  // Rows are what the graph's own op picks.
  const first = [axis, ...x.dims.keys()].filter((each, at) => at === 0 || each !== axis);
  const places = isKnown(indices)
    ? { ...indices, numbers: indices.numbers.map((at) => (at < 0 ? at + x.dims[axis] : at)) }
    : indices;
  const rows = a.gather(a.transpose(nodeOf(x), first), nodeOf(places));
  const rank = indices.dims.length;
  const before = Array.from({ length: axis }, (_, at) => rank + at);
  const own = Array.from({ length: rank }, (_, at) => at);
  const after = rows.dims.map((_, at) => at).slice(rank + axis);
  return a.transpose(rows, [...before, ...own, ...after]);
}

export function concat(values: readonly Value[], axis: number): Value {
  if (!values.every(isKnown)) return a.concat(values.map(nodeOf), axis);
  const [first] = values as readonly Known[];
  const size = values.reduce((sum, { dims }) => sum + dims[axis], 0);
  const dims = first.dims.map((own, at) => (at === axis ? size : own));
  // Behind one another first, then each line of the axis where it belongs.
  const numbers = Float64Array.from((values as readonly Known[]).flatMap((value) => [...value.numbers]));
  const parts: { start: number; end: number; offset: number; dims: Dims }[] = [];
  let [start, offset] = [0, 0];
  for (const part of values) {
    parts.push({ start, end: start + part.dims[axis], offset, dims: part.dims });
    [start, offset] = [start + part.dims[axis], offset + sizeOf(part.dims)];
  }
  return arranged({ dims, numbers, isWhole: first.isWhole }, dims, (place) => {
    const part = parts.find(({ end }) => place[axis] < end) as (typeof parts)[number];
    const inside = place.map((index, at) => (at === axis ? index - part.start : index));
    return part.offset + indexIn(part.dims, inside);
  });
}

export const expand = (x: Value, dims: Dims): Value =>
  isKnown(x) && sizeOf(dims) <= MANY ? spread(x, dims) : a.expand(nodeOf(x), dims);
export function spread(x: Known, dims: Dims): Known {
  const extra = dims.length - x.dims.length;
  return arranged(x, dims, (place) =>
    indexIn(
      x.dims,
      x.dims.map((size, axis) => (size === 1 ? 0 : place[axis + extra])),
    ),
  );
}
/** Both shapes spread to one. */
export const together = (one: Dims, other: Dims): number[] =>
  Array.from({ length: Math.max(one.length, other.length) }, (_, at) => {
    const [m, n] = [one, other].map(
      (dims) => dims[dims.length - Math.max(one.length, other.length) + at] ?? 1,
    );
    return m === 1 ? n : m;
  });

function split(call: Call): Value[] {
  const x = call.value(0);
  const axis = call.axis(call.int('axis', 0), x.dims.length);
  const count = call.op.output.length;
  const even = Math.ceil(x.dims[axis] / count);
  const sizes =
    call.intsAt('split', 1) ??
    Array.from({ length: count }, (_, at) => Math.min(even, x.dims[axis] - at * even));
  let start = 0;
  return sizes.map((size) => {
    const part = cut(x, axis, { start, end: start + size, step: 1 });
    start += size;
    return part;
  });
}

function squeeze(call: Call): Value {
  const x = call.value(0);
  const axes = call.intsAt('axes', 1)?.map((axis) => call.axis(axis, x.dims.length));
  return reshape(
    x,
    x.dims.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
  );
}

function unsqueeze(call: Call): Value {
  const x = call.value(0);
  const given = call.intsAt('axes', 1) ?? [];
  const rank = x.dims.length + given.length;
  const axes = new Set(given.map((axis) => call.axis(axis, rank)));
  const rest = [...x.dims];
  return reshape(
    x,
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.shift() as number))),
  );
}

function tile(call: Call): Value {
  const x = call.value(0);
  return call.numbers(1).reduce(
    (value: Value, times, axis) =>
      times === 1
        ? value
        : concat(
            Array.from({ length: times }, () => value),
            axis,
          ),
    x,
  );
}

/** Channels to places, `blocks` in each direction; DCR has the block before the channel, CRD behind it. */
function depthToSpace(call: Call): Node {
  const x = call.node(0);
  const [count, channels, height, width] = x.dims;
  const block = call.int('blocksize', 1);
  const made = channels / block ** 2;
  const isCrd = call.text('mode', 'DCR') === 'CRD';
  const apart = a.reshape(
    x,
    isCrd ? [count, made, block, block, height, width] : [count, block, block, made, height, width],
  );
  const turned = a.transpose(apart, isCrd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return a.reshape(turned, [count, made, height * block, width * block]);
}

function spaceToDepth(call: Call): Node {
  const x = call.node(0);
  const [count, channels, height, width] = x.dims;
  const block = call.int('blocksize', 1);
  const apart = a.reshape(x, [count, channels, height / block, block, width / block, block]);
  return a.reshape(a.transpose(apart, [0, 3, 5, 1, 2, 4]), [
    ...[count, channels * block ** 2, height / block, width / block],
  ]);
}

export const LAYOUT: Rules = {
  Identity: (call) => call.value(0),
  // Only training drops numbers.
  Dropout: (call) => call.value(0),
  Shape(call) {
    const { dims } = call.value(0);
    return list(dims.slice(call.int('start', 0), call.int('end', dims.length)));
  },
  Size: (call) => known([], [sizeOf(call.value(0).dims)]),
  Reshape: (call) => reshape(call.value(0), reshaped(call.intsAt('shape', 1) ?? [], call.value(0).dims)),
  Flatten(call) {
    const x = call.value(0);
    const axis = call.axis(call.int('axis', 1), x.dims.length);
    return reshape(x, [sizeOf(x.dims.slice(0, axis)), sizeOf(x.dims.slice(axis))]);
  },
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose(call) {
    const x = call.value(0);
    return transpose(x, call.ints('perm') ?? x.dims.map((_, axis) => x.dims.length - 1 - axis));
  },
  Concat(call) {
    const values = call.values.map((_, at) => call.value(at));
    return concat(values, call.axis(call.int('axis', 0), values[0].dims.length));
  },
  Split: split,
  Slice: slice,
  Gather: (call) =>
    picked(call.value(0), call.axis(call.int('axis', 0), call.value(0).dims.length), call.value(1)),
  Expand: (call) => expand(call.value(0), together(call.value(0).dims, call.numbers(1))),
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
