// How much of a picture is left at each timestep of the training: tables in float32, rounded where PyTorch rounds, so that pictures
// agree with its own to the last digits.

import type { SchedulerConfig } from './config.js';

export interface NoiseTables {
  betas: Float32Array;
  /** What is left of the picture's variance, from the first timestep to the last: alpha bar (Ho et al. 2020). */
  alphasCumprod: Float32Array;
  /** Deviation of the noise over a picture of full strength: sqrt((1 - alpha bar) / alpha bar). */
  sigmas: Float32Array;
}

const round = Math.fround;

export function noiseTables(config: SchedulerConfig): NoiseTables {
  const given = betasOf(config);
  const betas = config.rescale_betas_zero_snr ? withoutSignalAtTheEnd(given) : given;
  const alphasCumprod = cumulated(betas);
  return { betas, alphasCumprod, sigmas: sigmasOf(alphasCumprod) };
}

function betasOf(config: SchedulerConfig): Float32Array {
  const { beta_start: start, beta_end: end, beta_schedule: kind, num_train_timesteps: count } = config;
  if (kind === 'linear') return linspace(start, end, count);
  if (kind === 'scaled_linear')
    return linspace(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root);
  // Nichol and Dhariwal 2021, equation 17.
  const left = (part: number) => Math.cos(((part + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return new Float32Array(count).map((_, at) =>
    Math.min(1 - left((at + 1) / count) / left(at / count), 0.999),
  );
}

/** `torch.linspace`: from both ends to the middle. */
function linspace(from: number, to: number, count: number): Float32Array {
  const [first, last] = [round(from), round(to)];
  const step = round(round(last - first) / (count - 1));
  return new Float32Array(count).map((_, at) =>
    at < count >> 1 ? first + step * at : last - step * (count - 1 - at),
  );
}

/** Products of 1 - beta; accumulated in float64, kept in float32. */
function cumulated(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => {
    product *= round(1 - beta);
    return product;
  });
}

const sigmasOf = (alphasCumprod: Float32Array): Float32Array =>
  alphasCumprod.map((left) => Math.sqrt(round(round(1 - left) / left)));

/** Shifted and stretched so that the last timestep is noise and nothing else (Lin et al. 2024, algorithm 1). */
function withoutSignalAtTheEnd(betas: Float32Array): Float32Array {
  const roots = cumulated(betas).map(Math.sqrt);
  const [first, last] = [roots[0], roots[roots.length - 1]];
  const stretch = round(first / round(first - last));
  const left = roots.map((root) => round(root - last) * stretch).map((root) => root * root);
  return left.map((now, at) => 1 - round(at === 0 ? now : now / left[at - 1]));
}
