// What a network's answer says: the clean latents that it sees in noisy ones, and the noise. Noisy latents are a part
// `signal` of the clean ones and a part `noise` of normal numbers.

import { type Tensor, tensor } from '../../../tensor.js';
import type { SchedulerConfig } from '../schedule/config.js';
import { combine } from './sampler.js';

/** Shares of noisy latents: squares add up to 1. */
export interface Shares {
  signal: number;
  noise: number;
}

export interface Seen {
  clean: Tensor;
  noise: Tensor;
}

/** Shares for what alpha bar leaves of the variance. */
export const sharesOf = (alphaCumprod: number): Shares => ({
  signal: Math.sqrt(alphaCumprod),
  noise: Math.sqrt(1 - alphaCumprod),
});
/** Shares before call `at` of those timesteps. */
export function sharesBefore(alphasCumprod: Float32Array, timesteps: readonly number[], at: number) {
  return at < timesteps.length ? sharesOf(alphasCumprod[timesteps[at]]) : undefined;
}

/** Shares for noise of that deviation over a picture of full strength. */
export function sharesAt(sigma: number): Shares {
  const signal = 1 / Math.sqrt(sigma * sigma + 1);
  return { signal, noise: sigma * signal };
}

/** Clean latents and noise in these shares; where there are none, which is after the last call, the clean ones alone. */
export const mix = (shares: Shares | undefined, clean: Tensor, noise: Tensor): Tensor =>
  shares === undefined ? clean : combine([shares.signal, clean], [shares.noise, noise]);

/** Reads the answer, and keeps the clean latents within bounds where the configuration wants so; the noise stays as it was answered. */
export function seen(answer: Tensor, latents: Tensor, shares: Shares, config: SchedulerConfig): Seen {
  const { clean, noise } = READINGS[config.prediction_type](answer, latents, shares);
  return { clean: bounded(clean, config), noise };
}

const READINGS: Record<
  SchedulerConfig['prediction_type'],
  (answer: Tensor, latents: Tensor, shares: Shares) => Seen
> = {
  epsilon: (noise, latents, shares) => ({
    clean: combine([1 / shares.signal, latents], [-shares.noise / shares.signal, noise]),
    noise,
  }),
  sample: (clean, latents, shares) => ({
    clean,
    noise: combine([1 / shares.noise, latents], [-shares.signal / shares.noise, clean]),
  }),
  // Salimans and Ho 2022, appendix D.
  v_prediction: (velocity, latents, { signal, noise }) => ({
    clean: combine([signal, latents], [-noise, velocity]),
    noise: combine([signal, velocity], [noise, latents]),
  }),
};

function bounded(clean: Tensor, config: SchedulerConfig): Tensor {
  if (config.thresholding) return squeezed(clean, config);
  if (!config.clip_sample) return clean;
  const most = config.clip_sample_range;
  return tensor(
    clean.dims,
    clean.data.map((value) => Math.min(most, Math.max(-most, value))),
  );
}

/** Each picture of the batch divided by its largest numbers but a few, so that it lies in -1..1. */
function squeezed({ dims, data }: Tensor, config: SchedulerConfig): Tensor {
  const squeezed = new Float32Array(data.length);
  const size = data.length / dims[0];
  for (let start = 0; start < data.length; start += size) {
    const sizes = data
      .slice(start, start + size)
      .map(Math.abs)
      .sort();
    const large = quantile(sizes, config.dynamic_thresholding_ratio);
    const most = Math.min(Math.max(large, 1), config.sample_max_value);
    for (let at = start; at < start + size; at++)
      squeezed[at] = Math.min(most, Math.max(-most, data[at])) / most;
  }
  return tensor(dims, squeezed);
}

function quantile(sorted: Float32Array, ratio: number): number {
  const place = ratio * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}
