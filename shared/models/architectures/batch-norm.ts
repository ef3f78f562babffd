// A batch norm at inference is a scale and a shift per channel: both go into the convolution before it.

import type { ConvWeights } from './layers.js';

/** Running statistics and, where the norm has them, its own scale and shift; one number per channel. */
interface Statistics {
  epsilon: number;
  mean: Float32Array;
  variance: Float32Array;
  scale?: Float32Array | undefined;
  shift?: Float32Array | undefined;
}

/** scale * (conv(x) - mean) / sqrt(variance + epsilon) + shift, as one convolution. */
export function foldBatchNorm(
  { dims, kernel, bias }: ConvWeights,
  { transposed }: { transposed?: boolean },
  { epsilon, mean, variance, scale, shift }: Statistics,
): ConvWeights {
  const factor = variance.map((value, channel) => (scale?.[channel] ?? 1) / Math.sqrt(value + epsilon));
  const channelOf = outputChannel(dims, transposed === true);
  return {
    dims,
    kernel: kernel.map((value, at) => value * factor[channelOf(at)]),
    bias: factor.map(
      (by, channel) => ((bias?.[channel] ?? 0) - mean[channel]) * by + (shift?.[channel] ?? 0),
    ),
  };
}

/** Of a place in the kernel: output channels lie along the first axis, of a transposed convolution along the second. */
function outputChannel([first, second, height, width]: readonly number[], transposed: boolean) {
  const plane = height * width;
  return (at: number): number =>
    transposed ? Math.floor(at / plane) % second : Math.floor(at / (second * plane)) % first;
}
