// The two networks of face-api.js in plain loops, as its sources tell them (TinyFaceDetector and FaceLandmark68Net, MIT):
// slow, in TensorFlow's layout, and sharing nothing with the ONNX graphs but the weight files.

import type { Variable } from '../../shared/models/embedded/weights.js';

/** A picture of any number of channels, interleaved (height, width, channel). */
export interface Map3 {
  height: number;
  width: number;
  channels: number;
  data: Float64Array;
}

type Weights = ReadonlyMap<string, Variable>;
type Padding = 'same' | 'valid';

/** Bytes 0..255 to cells of 25 numbers. */
export function detectorReference(pixels: Map3, weights: Weights): Map3 {
  let x = leaky(conv(normalized(pixels, [117.001, 114.697, 97.404]), weights, 'conv0', 'valid', 1));
  for (let layer = 1; layer <= 5; layer++) x = leaky(separable(maxPool(x, 2), weights, `conv${layer}`, 1));
  return conv(maxPool(x, 1), weights, 'conv8', 'valid', 1);
}

/** Bytes 0..255 of 112 x 112 pixels to 136 coordinates. */
export function landmarksReference(pixels: Map3, weights: Weights): number[] {
  let x = normalized(pixels, [122.782, 117.001, 104.298]);
  for (let block = 0; block < 4; block++) x = denseBlock(x, weights, `dense${block}`, block === 0);
  const pooled = meanPool(x, 7, 2);
  const { shape, data } = variable(weights, 'fc/weights');
  const bias = variable(weights, 'fc/bias').data;
  return Array.from({ length: shape[1] }, (_, to) =>
    pooled.data.reduce((sum, value, from) => sum + value * data[from * shape[1] + to], bias[to]),
  );
}

function denseBlock(x: Map3, weights: Weights, name: string, isFirst: boolean): Map3 {
  const start = isFirst
    ? conv(x, weights, `${name}/conv0`, 'same', 2)
    : separable(x, weights, `${name}/conv0`, 2);
  const out1 = relu(start);
  const out2 = separable(out1, weights, `${name}/conv1`, 1);
  const out3 = separable(relu(sum(out1, out2)), weights, `${name}/conv2`, 1);
  const out4 = separable(relu(sum(sum(out1, out2), out3)), weights, `${name}/conv3`, 1);
  return relu(sum(sum(sum(out1, out2), out3), out4));
}

/** An ordinary convolution (kernel height, width, in, out) with bias. */
function conv(x: Map3, weights: Weights, layer: string, padding: Padding, stride: number): Map3 {
  const { shape, data } = variable(weights, `${layer}/filters`);
  const bias = variable(weights, `${layer}/bias`).data;
  const [kernel, , from, to] = shape;
  return slide(x, { kernel, stride, padding, channels: to }, (read, channel) => {
    let total = bias[channel];
    for (let j = 0; j < kernel; j++)
      for (let i = 0; i < kernel; i++)
        for (let c = 0; c < from; c++)
          total += (read(j, i, c) ?? 0) * data[((j * kernel + i) * from + c) * to + channel];
    return total;
  });
}

/** A depthwise convolution, then a pointwise one with bias; always padded to the same size. */
function separable(x: Map3, weights: Weights, layer: string, stride: number): Map3 {
  const depthwise = variable(weights, `${layer}/depthwise_filter`).data;
  const pointwise = variable(weights, `${layer}/pointwise_filter`);
  const bias = variable(weights, `${layer}/bias`).data;
  const spatial = slide(x, { kernel: 3, stride, padding: 'same', channels: x.channels }, (read, channel) => {
    let total = 0;
    for (let j = 0; j < 3; j++)
      for (let i = 0; i < 3; i++)
        total += (read(j, i, channel) ?? 0) * depthwise[(j * 3 + i) * x.channels + channel];
    return total;
  });
  const [, , from, to] = pointwise.shape;
  return slide(spatial, { kernel: 1, stride: 1, padding: 'valid', channels: to }, (read, channel) => {
    let total = bias[channel];
    for (let c = 0; c < from; c++) total += (read(0, 0, c) ?? 0) * pointwise.data[c * to + channel];
    return total;
  });
}

/** The largest of 2 x 2, padded to the same size. */
function maxPool(x: Map3, stride: number): Map3 {
  return slide(x, { kernel: 2, stride, padding: 'same', channels: x.channels }, (read, channel) =>
    Math.max(...[0, 1].flatMap((j) => [0, 1].map((i) => read(j, i, channel) ?? Number.NEGATIVE_INFINITY))),
  );
}

function meanPool(x: Map3, kernel: number, stride: number): Map3 {
  return slide(x, { kernel, stride, padding: 'valid', channels: x.channels }, (read, channel) => {
    let total = 0;
    for (let j = 0; j < kernel; j++) for (let i = 0; i < kernel; i++) total += read(j, i, channel) ?? 0;
    return total / kernel ** 2;
  });
}

interface Window {
  kernel: number;
  stride: number;
  padding: Padding;
  channels: number;
}

/** Moves a window over the picture; `read` answers undefined beyond the border. TensorFlow's padding: the odd pixel goes right and below. */
function slide(
  x: Map3,
  { kernel, stride, padding, channels }: Window,
  compute: (read: (j: number, i: number, channel: number) => number | undefined, channel: number) => number,
): Map3 {
  const along = (side: number) => Math.ceil((padding === 'same' ? side : side - kernel + 1) / stride);
  const before = (side: number) =>
    padding === 'same' ? Math.max((along(side) - 1) * stride + kernel - side, 0) >> 1 : 0;
  const [height, width] = [along(x.height), along(x.width)];
  const data = new Float64Array(height * width * channels);
  for (let at = 0; at < data.length; at++) {
    const left = (Math.trunc(at / channels) % width) * stride - before(x.width);
    const top = Math.trunc(at / (channels * width)) * stride - before(x.height);
    data[at] = compute((j, i, channel) => valueAt(x, top + j, left + i, channel), at % channels);
  }
  return { height, width, channels, data };
}

function valueAt(
  { height, width, channels, data }: Map3,
  y: number,
  x: number,
  c: number,
): number | undefined {
  return y >= 0 && y < height && x >= 0 && x < width ? data[(y * width + x) * channels + c] : undefined;
}

const each = (x: Map3, change: (value: number, at: number) => number): Map3 => ({
  ...x,
  data: x.data.map(change),
});

const normalized = (pixels: Map3, mean: readonly number[]): Map3 =>
  each(pixels, (value, at) => (value - mean[at % 3]) / 255);
const relu = (x: Map3): Map3 => each(x, (value) => Math.max(value, 0));
const leaky = (x: Map3): Map3 => each(x, (value) => Math.max(value, 0.1 * value));
const sum = (a: Map3, b: Map3): Map3 => each(a, (value, at) => value + b.data[at]);

function variable(weights: Weights, name: string): Variable {
  const found = weights.get(name);
  if (!found) throw new Error(`${name} is not in the weights`);
  return found;
}
