// Every op in float64, as plainly as it can be said: what gradients and emitted graphs are held against.

import { inOrder } from '../../shared/train/graph.js';
import type { AnyNode, Dims, Node, OpKind, Walk, Windows } from '../../shared/train/ops.js';

type Numbers = Float64Array;
type Rules = { readonly [Kind in OpKind]: (node: Node<Kind>, inputs: readonly Numbers[]) => Numbers };
type Place = readonly number[];

/** The value of a node, its graph's inputs fed by name. */
export function evaluate(end: Node, feeds: Readonly<Record<string, ArrayLike<number>>>): Numbers {
  const values = new Map<Node, Numbers>();
  for (const node of inOrder([end])) {
    const inputs = node.inputs.map((given) => values.get(given) as Numbers);
    const rule = rules[(node as AnyNode).kind] as (node: Node, inputs: readonly Numbers[]) => Numbers;
    values.set(node, node.kind === 'input' ? fed(node as Node<'input'>, feeds) : rule(node, inputs));
  }
  return values.get(end) as Numbers;
}

function fed(
  { attributes: { name } }: Node<'input'>,
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): Numbers {
  return Float64Array.from(feeds[name]);
}

const sizeOf = (dims: Dims): number => dims.reduce((product, size) => product * size, 1);

/** All places of a shape, the last axis fastest. */
function* placesOf(dims: Dims): Generator<number[]> {
  const size = sizeOf(dims);
  for (let index = 0; index < size; index++) {
    let rest = index;
    const place = dims.map(() => 0);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      place[axis] = rest % dims[axis];
      rest = Math.floor(rest / dims[axis]);
    }
    yield place;
  }
}

const indexOf = (place: Place, dims: Dims): number =>
  dims.reduce((index, size, axis) => index * size + place[axis], 0);
const isWithin = (place: Place, dims: Dims): boolean =>
  dims.every((size, axis) => place[axis] >= 0 && place[axis] < size);

/** A value for each place of a shape. */
const fill = (dims: Dims, value: (place: number[]) => number): Numbers =>
  Float64Array.from([...placesOf(dims)].map(value));

/** The number at a place of what that place was broadcast from. */
function at(numbers: Numbers, dims: Dims, place: Place): number {
  const aligned = place.slice(place.length - dims.length);
  return numbers[
    indexOf(
      aligned.map((index, axis) => (dims[axis] === 1 ? 0 : index)),
      dims,
    )
  ];
}

const each =
  (make: (x: number) => number) =>
  (_: Node, [x]: readonly Numbers[]) =>
    x.map(make);
const both =
  (make: (a: number, b: number) => number) =>
  ({ dims, inputs }: Node, [a, b]: readonly Numbers[]) =>
    fill(dims, (place) => make(at(a, inputs[0].dims, place), at(b, inputs[1].dims, place)));

/** Where the largest key of a window is, the first of equal ones. */
function largestIn(
  [batch, channel, row, column]: Place,
  { keys, of, windows }: { keys: Numbers; of: Dims; windows: Windows },
): number {
  const { size, strides, pads } = windows;
  const inside = [...placesOf(size)]
    .map(([y, x]) => [batch, channel, row * strides[0] - pads[0] + y, column * strides[1] - pads[1] + x])
    .filter((place) => isWithin(place, of))
    .map((place) => indexOf(place, of));
  return inside.reduce((best, index) => (keys[index] > keys[best] ? index : best));
}

/** For ops along the last axis. */
const rowByRow =
  (make: (row: Numbers) => Numbers) =>
  ({ dims }: Node, [x]: readonly Numbers[]) => {
    const length = dims[dims.length - 1];
    const made = new Float64Array(x.length);
    for (let start = 0; start < x.length; start += length)
      made.set(make(x.slice(start, start + length)), start);
    return made;
  };

const rules: Rules = {
  input: () => new Float64Array(),
  constant: ({ attributes: { data } }) => Float64Array.from(data),
  detach: (_, [x]) => x,
  add: both((a, b) => a + b),
  subtract: both((a, b) => a - b),
  multiply: both((a, b) => a * b),
  divide: both((a, b) => a / b),
  maximum: both(Math.max),
  greater: both((a, b) => (a > b ? 1 : 0)),
  exp: each(Math.exp),
  sin: each(Math.sin),
  cos: each(Math.cos),
  log: each(Math.log),
  sqrt: each(Math.sqrt),
  abs: each(Math.abs),
  tanh: each(Math.tanh),
  sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  erf: each(erf),
  relu: each((x) => Math.max(0, x)),
  leakyRelu: ({ attributes: { slope } }, [x]) => x.map((value) => (value < 0 ? slope * value : value)),
  softmax: rowByRow((row) => {
    const powers = row.map((value) => Math.exp(value - Math.max(...row)));
    return powers.map((power) => power / powers.reduce((sum, each) => sum + each));
  }),
  logSoftmax: rowByRow((row) => {
    const largest = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    return row.map((value) => value - largest - Math.log(sum));
  }),
  sum: ({ dims, inputs: [{ dims: from }] }, [x]) => {
    const sums = new Float64Array(sizeOf(dims));
    for (const place of placesOf(from))
      sums[
        indexOf(
          place.map((index, axis) => (dims[axis] === 1 ? 0 : index)),
          dims,
        )
      ] += x[indexOf(place, from)];
    return sums;
  },
  reshape: (_, [x]) => x,
  expand: ({ dims, inputs: [from] }, [x]) => fill(dims, (place) => at(x, from.dims, place)),
  transpose: ({ dims, inputs: [from], attributes: { order } }, [x]) =>
    fill(
      dims,
      (place) =>
        x[
          indexOf(
            from.dims.map((_, axis) => place[order.indexOf(axis)]),
            from.dims,
          )
        ],
    ),
  slice: ({ dims, inputs: [from], attributes: { starts } }, [x]) =>
    fill(
      dims,
      (place) =>
        x[
          indexOf(
            place.map((index, axis) => starts[axis] + index),
            from.dims,
          )
        ],
    ),
  pad: ({ dims, inputs: [from], attributes: { before } }, [x]) =>
    fill(dims, (place) => {
      const inner = place.map((index, axis) => index - before[axis]);
      return isWithin(inner, from.dims) ? x[indexOf(inner, from.dims)] : 0;
    }),
  flip: ({ dims, attributes }, [x]) =>
    fill(
      dims,
      (place) =>
        x[
          indexOf(
            place.map((index, axis) => (axis === attributes.axis ? dims[axis] - 1 - index : index)),
            dims,
          )
        ],
    ),
  concat: ({ dims, inputs, attributes: { axis } }, values) =>
    fill(dims, (place) => {
      let index = place[axis];
      let part = 0;
      while (index >= inputs[part].dims[axis]) index -= inputs[part++].dims[axis];
      return values[part][
        indexOf(
          place.map((given, at) => (at === axis ? index : given)),
          inputs[part].dims,
        )
      ];
    }),
  gather: ({ dims, inputs: [table, where] }, [rows, indices]) =>
    fill(dims, (place) => {
      const row = indices[indexOf(place.slice(0, where.dims.length), where.dims)];
      return rows[indexOf([row, ...place.slice(where.dims.length)], table.dims)];
    }),
  scatterAdd: ({ dims, inputs: [from, where] }, [rows, indices]) => {
    const sums = new Float64Array(sizeOf(dims));
    for (const place of placesOf(from.dims)) {
      const row = indices[indexOf(place.slice(0, where.dims.length), where.dims)];
      sums[indexOf([row, ...place.slice(where.dims.length)], dims)] += rows[indexOf(place, from.dims)];
    }
    return sums;
  },
  pick: ({ dims, inputs: [, { dims: of }], attributes }, [values, keys]) =>
    fill(dims, (place) => values[largestIn(place, { keys, of, windows: attributes })]),
  unpick: ({ dims, inputs: [from], attributes }, [picked, keys]) => {
    const sums = new Float64Array(sizeOf(dims));
    for (const place of placesOf(from.dims))
      sums[largestIn(place, { keys, of: dims, windows: attributes })] += picked[indexOf(place, from.dims)];
    return sums;
  },
  matmul: ({ dims, inputs: [{ dims: m }, { dims: n }] }, [a, b]) =>
    fill(dims, (place) => {
      const [row, column] = place.slice(-2);
      const before = place.slice(0, -2);
      let sum = 0;
      for (let k = 0; k < m[m.length - 1]; k++)
        sum += at(a, m, [...before, row, k]) * at(b, n, [...before, k, column]);
      return sum;
    }),
  conv: ({ dims, inputs: [x, kernel], attributes }, [pixels, weights]) => {
    const sums = new Float64Array(sizeOf(dims));
    for (const meeting of meetings({ x: x.dims, kernel: kernel.dims, y: dims }, attributes))
      sums[meeting.y] += pixels[meeting.x] * weights[meeting.kernel];
    return sums;
  },
  convTranspose: ({ dims, inputs: [y, kernel], attributes }, [made, weights]) => {
    const sums = new Float64Array(sizeOf(dims));
    for (const meeting of meetings({ x: dims, kernel: kernel.dims, y: y.dims }, attributes))
      sums[meeting.x] += made[meeting.y] * weights[meeting.kernel];
    return sums;
  },
  convKernel: ({ dims, inputs: [x, y], attributes }, [pixels, made]) => {
    const sums = new Float64Array(sizeOf(dims));
    for (const meeting of meetings({ x: x.dims, kernel: dims, y: y.dims }, attributes))
      sums[meeting.kernel] += pixels[meeting.x] * made[meeting.y];
    return sums;
  },
};

/** Which pixel of x meets which weight for which pixel of y: the three are linear in each other. */
function* meetings(
  { x, kernel, y }: { x: Dims; kernel: Dims; y: Dims },
  { strides, pads, dilations, groups }: Walk,
): Generator<{ x: number; kernel: number; y: number }> {
  for (const [n, k, row, column] of placesOf(y))
    for (const [c, i, j] of placesOf(kernel.slice(1))) {
      const group = Math.floor(k / (kernel[0] / groups));
      const from = [
        n,
        group * kernel[1] + c,
        row * strides[0] + i * dilations[0] - pads[0],
        column * strides[1] + j * dilations[1] - pads[1],
      ];
      if (isWithin(from, x))
        yield {
          x: indexOf(from, x),
          kernel: indexOf([k, c, i, j], kernel),
          y: indexOf([n, k, row, column], y),
        };
    }
}

/** The error function by its series, to the last digits for the small numbers of tests. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
