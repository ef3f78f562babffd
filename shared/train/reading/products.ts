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

/** How a window walks; `size` are its rows and columns. */
export function walkOf(call: Call, x: readonly number[], size: readonly number[]): Walk {
  if (x.length !== 4) throw call.unread('over something else than pictures');
  const [strides, dilations] = ['strides', 'dilations'].map((name) => call.ints(name) ?? [1, 1]);
  const walk = { strides, dilations, groups: call.int('group', 1) } as unknown as Omit<Walk, 'pads'>;
  const kind = call.text('auto_pad', 'NOTSET');
  if (kind === 'NOTSET')
    return { ...walk, pads: (call.ints('pads') ?? [0, 0, 0, 0]) as unknown as Walk['pads'] };
  if (kind === 'VALID') return { ...walk, pads: [0, 0, 0, 0] };
  // As many as keep the size at stride 1; an odd one goes to the end, or with SAME_LOWER to the front.
  const [top, left] = [0, 1].map((axis) => {
    const reach = dilations[axis] * (size[axis] - 1) + 1;
    const made = Math.ceil(x[axis + 2] / strides[axis]);
    const all = Math.max(0, (made - 1) * strides[axis] + reach - x[axis + 2]);
    const less = Math.floor(all / 2);
    return kind === 'SAME_UPPER' ? [less, all - less] : [all - less, less];
  });
  return { ...walk, pads: [top[0], left[0], top[1], left[1]] };
}

function conv(call: Call): Node {
  const [x, kernel] = [call.node(0), call.node(1)];
  if (x.dims.length !== 4) throw call.unread('over something else than pictures');
  const y = a.conv(x, kernel, walkOf(call, x.dims, kernel.dims.slice(2)));
  return call.linear(1, x, shifted(call, y, 2));
}

/** A transposed convolution; what it cuts off and adds at the end decides its size. */
function convTranspose(call: Call): Node {
  const [y, kernel] = [call.node(0), call.node(1)];
  if (y.dims.length !== 4) throw call.unread('over something else than pictures');
  if (call.text('auto_pad', 'NOTSET') !== 'NOTSET' || call.ints('output_shape'))
    throw call.unread('with a size that is not told by its borders');
  const walk = walkOf(call, y.dims, kernel.dims.slice(2));
  const extra = call.ints('output_padding') ?? [0, 0];
  const size = [0, 1].map((axis) => {
    const reach = walk.dilations[axis] * (kernel.dims[axis + 2] - 1) + 1;
    return (
      (y.dims[axis + 2] - 1) * walk.strides[axis] +
      reach -
      walk.pads[axis] -
      walk.pads[axis + 2] +
      extra[axis]
    );
  }) as [number, number];
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
  if (x.dims.length < 2 || weight.dims.length < 2) throw call.unread('with a vector');
  return call.linear(1, x, a.matmul(x, weight));
}

export const PRODUCTS: Rules = { Conv: conv, ConvTranspose: convTranspose, Gemm: gemm, MatMul: matmul };
