// A value of the network as another one seen through a factor and an offset per channel and an order of axes: what norms and
// changes of layout come to once their statistics are numbers. Views are carried along until an operator needs the value.

import { sizeOf } from '../../tensor.js';
import type { Value } from '../onnx/builder.js';

/** x * scale + shift, channel by channel. */
export interface Affine {
  scale: Float64Array;
  shift: Float64Array;
}

/** Dims of a value and the axes that grow with the picture. */
export interface Shape {
  dims: readonly number[];
  spread: readonly boolean[];
}

export interface View {
  base: Value;
  /** Of the base. */
  shape: Shape;
  /** Axis i of the view is axis order[i] of the base. */
  order: readonly number[];
  affine?: Affine | undefined;
}

export const plainView = (base: Value, shape: Shape): View => ({
  base,
  shape,
  order: shape.dims.map((_, axis) => axis),
});

export const isInOrder = ({ order }: Pick<View, 'order'>): boolean =>
  order.every((from, axis) => from === axis);

/** Dims of what is seen. */
export const dimsOf = ({ order, shape }: View): number[] => order.map((from) => shape.dims[from]);

/** The axis of the channels: the only one, behind the batch, that does not grow with the picture; undefined where there are several. */
export function channelAxis({ dims, spread }: Shape): number | undefined {
  const still = dims.flatMap((_, axis) => (axis > 0 && !spread[axis] ? [axis] : []));
  const wide = still.filter((axis) => dims[axis] > 1);
  return wide.length > 1 ? undefined : (wide[0] ?? still[0]);
}

/** Numbers that are broadcast against what is seen, one for each channel; undefined where they are laid out in any other way. */
export function perChannel(
  view: View,
  { dims, data }: { dims: readonly number[]; data: Float32Array },
): Float64Array | undefined {
  const channel = channelAxis(view.shape);
  const count = channel === undefined ? 1 : view.shape.dims[channel];
  const rank = view.order.length;
  if (dims.length > rank) return undefined;
  const padded = [...new Array<number>(rank - dims.length).fill(1), ...dims];
  const at = channel === undefined ? -1 : view.order.indexOf(channel);
  // More of them than channels would make more channels of one.
  if (padded.some((dim, axis) => dim !== 1 && (axis !== at || dim !== count))) return undefined;
  return Float64Array.from({ length: count }, (_, c) => data[data.length === 1 ? 0 : c]);
}

/** `y = scale * x + shift` on top of what is seen. */
export function through(
  view: View,
  scaleOf: (channel: number) => number,
  shiftOf: (channel: number) => number,
): View {
  const channel = channelAxis(view.shape);
  const count = channel === undefined ? 1 : view.shape.dims[channel];
  const { scale, shift } = view.affine ?? {
    scale: new Float64Array(count).fill(1),
    shift: new Float64Array(count),
  };
  return {
    ...view,
    affine: {
      scale: scale.map((value, c) => value * scaleOf(c)),
      shift: shift.map((value, c) => value * scaleOf(c) + shiftOf(c)),
    },
  };
}

/** What is seen with its axes in another order. */
export const reordered = (view: View, perm: readonly number[]): View => ({
  ...view,
  order: perm.map((axis) => view.order[axis]),
});

/** Whether all channels have the same factor and offset: only then does it not matter how they lie. */
export const isUniform = ({ scale, shift }: Affine): boolean =>
  scale.every((value) => value === scale[0]) && shift.every((value) => value === shift[0]);

/** Elements from one index of an axis of what is seen to the next. */
const stepOf = (view: View, axis: number): number => sizeOf(dimsOf(view).slice(axis + 1));

/**
 * What was seen before a reshape, with what came after it on top: the factors of the reshaped value's channels go to those
 * channels that became them. Undefined where a channel became several.
 */
export function throughReshaped(origin: View, reshaped: View): View | undefined {
  const { affine } = reshaped;
  if (affine === undefined) return origin;
  if (isUniform(affine))
    return through(
      origin,
      () => affine.scale[0],
      () => affine.shift[0],
    );
  const [from, to] = [channelAxis(origin.shape), channelAxis(reshaped.shape)];
  if (from === undefined || to === undefined) return undefined;
  const [channels, count] = [origin.shape.dims[from], reshaped.shape.dims[to]];
  const neighbours =
    stepOf(reshaped, reshaped.order.indexOf(to)) / stepOf(origin, origin.order.indexOf(from));
  if (!Number.isInteger(neighbours) || channels % (neighbours * count) !== 0) return undefined;
  const became = (channel: number) => Math.floor(channel / neighbours) % count;
  return through(
    origin,
    (channel) => affine.scale[became(channel)],
    (channel) => affine.shift[became(channel)],
  );
}
