// Linear maps: matrices and convolutions.

import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import type { Node, Walk } from '../ops.js';
import type { Call, Rules } from './values.js';

/** y plus a number for each channel. */
function shifted(call: Call, y: Node, at: number): Node {
  if (!call.has(at)) return y;
  return a.add(y, a.reshape(call.node(at), [y.dims[1], ...y.dims.slice(2).map(() => 1)]));
}

type Border = readonly [before: number, after: number];

/** How a window walks; `lacking` says how many lines of border an axis needs where they follow from a size. */
function paced(call: Call, x: readonly number[], lacking: (axis: number, paces: Paces) => number): Walk {
  const axes = x.length === 3 ? '1 axis' : `${x.length - 2} axes`;
  if (x.length !== 4) throw call.unread(`over ${axes}, where pictures have two`);
  const [strides, dilations] = ['strides', 'dilations'].map((name) => call.ints(name) ?? [1, 1]);
  const paces = { strides, dilations, groups: call.int('group', 1) } as unknown as Paces;
  const kind = call.text('auto_pad', 'NOTSET');
  const isTold = kind.startsWith('SAME') || call.ints('output_shape') !== undefined;
  const given = (kind === 'NOTSET' ? call.ints('pads') : undefined) ?? [0, 0, 0, 0];
  const [rows, columns] = [0, 1].map((axis): Border => {
    if (!isTold) return [given[axis], given[axis + 2]];
    const all = Math.max(0, lacking(axis, paces));
    const less = Math.floor(all / 2);
    return kind === 'SAME_UPPER' ? [less, all - less] : [all - less, less];
  });
  return { ...paces, pads: [rows[0], columns[0], rows[1], columns[1]] };
}
type Paces = Omit<Walk, 'pads'>;
const reachOf = ({ dilations }: Paces, size: readonly number[], axis: number): number =>
  dilations[axis] * (size[axis] - 1) + 1;

/** How a window walks; `size` are its rows and columns. */
export const walkOf = (call: Call, x: readonly number[], size: readonly number[]): Walk =>
  paced(call, x, (axis, paces) => {
    const made = Math.ceil(x[axis + 2] / paces.strides[axis]);
    return (made - 1) * paces.strides[axis] + reachOf(paces, size, axis) - x[axis + 2];
  });

function conv(call: Call): Node {
  const [x, kernel] = [call.node(0), call.node(1)];
  const y = a.conv(x, kernel, walkOf(call, x.dims, kernel.dims.slice(2)));
  return call.linear(1, x, shifted(call, y, 2));
}

/** A transposed convolution; what it cuts off and adds at the end decides its size, or its size decides on that. */
function convTranspose(call: Call): Node {
  const [y, kernel] = [call.node(0), call.node(1)];
  const extra = call.ints('output_padding') ?? [0, 0];
  const told = call.ints('output_shape')?.slice(-2);
  const whole = (axis: number, paces: Paces): number =>
    (y.dims[axis + 2] - 1) * paces.strides[axis] + reachOf(paces, kernel.dims.slice(2), axis) + extra[axis];
  const walk = paced(
    call,
    y.dims,
    (axis, paces) => whole(axis, paces) - (told?.[axis] ?? y.dims[axis + 2] * paces.strides[axis]),
  );
  const size = [0, 1].map(
    (axis) => told?.[axis] ?? whole(axis, walk) - walk.pads[axis] - walk.pads[axis + 2],
  ) as [number, number];
  return shifted(call, a.convTranspose(y, kernel, { ...walk, size }), 2);
}

function gemm(call: Call): Node {
  const turned = (name: string, x: Node) => (call.int(name, 0) === 1 ? a.turned(x) : x);
  const given = call.node(0);
  // Some exporters leave flat maps as they were.
  const flat =
    given.dims.length === 2 ? given : a.reshape(given, [given.dims[0], sizeOf(given.dims.slice(1))]);
  const [x, weight] = [turned('transA', flat), turned('transB', call.node(1))];
  const product = a.matmul(x, weight);
  const [alpha, beta] = [call.float('alpha', 1), call.float('beta', 1)];
  const y = alpha === 1 ? product : a.multiply(product, alpha);
  const shift = call.has(2) ? call.node(2) : undefined;
  const whole = shift === undefined ? y : a.add(y, beta === 1 ? shift : a.multiply(shift, beta));
  return call.linear(1, x, whole);
}

function matmul(call: Call): Node {
  const [x, weight] = [call.node(0), call.node(1)];
  if (x.dims.length > 1 && weight.dims.length > 1) return call.linear(1, x, a.matmul(x, weight));
  // A vector is a row on the left and a column on the right.
  const row = x.dims.length === 1 ? a.reshape(x, [1, ...x.dims]) : x;
  const column = weight.dims.length === 1 ? a.reshape(weight, [...weight.dims, 1]) : weight;
  const rows = row === x ? x.dims.slice(-2, -1) : [];
  const columns = column === weight ? weight.dims.slice(-1) : [];
  const y = a.matmul(row, column);
  return a.reshape(y, [...y.dims.slice(0, -2), ...rows, ...columns]);
}

export const PRODUCTS: Rules = { Conv: conv, ConvTranspose: convTranspose, Gemm: gemm, MatMul: matmul };
