// What a sampler is: it tells which timesteps a network is asked at, and makes of each answer the latents of the next.

import { throwIfCancelled } from '../../../errors.js';
import { type Tensor, tensor } from '../../../tensor.js';
import type { Noise } from '../noise.js';
import type { SchedulerConfig } from '../schedule/config.js';

/** One run of a sampler; it remembers what its steps need of earlier ones. Latents are `[N,C,H,W]`. */
export interface Sampler {
  /** What the network is told at each call, from noise to picture. */
  readonly timesteps: readonly number[];
  /** Latents of nothing but noise are normal numbers times this. */
  readonly initNoiseSigma: number;
  /** Whether its timesteps are spread by the strength already, and all of them are run. */
  readonly isSpreadByStrength?: boolean;
  /** The latents as the network takes them at call `at`. */
  scaled(latents: Tensor, at: number): Tensor;
  /** The latents after call `at`, from those before it and what the network answered. Calls come in order, from any first one. */
  step(answer: Tensor, latents: Tensor, at: number): Tensor;
  /** Clean latents with as much of that noise as there is before call `at`; after the last call: none. */
  noised(latents: Tensor, noise: Tensor, at: number): Tensor;
}

/** What a run is told beside the configuration. */
export interface SamplerRun {
  /** Calls of the network, about: some samplers make one more. */
  steps: number;
  /** Timesteps of one's own instead, from noise to picture; DDPM alone takes them. */
  timesteps?: readonly number[];
  /** For steps that add noise. */
  noise: Noise;
  /** How much of the schedule is run, 0 to 1, default 1: LCM spreads its timesteps by it, PNDM starts in another way. */
  strength?: number;
}

export type OpenSampler = (config: SchedulerConfig, run: SamplerRun) => Sampler;

/** Latents and a timestep -> noise, clean latents or velocity: the network, with its prompt and its guidance. */
export type Denoise = (latents: Tensor, timestep: number) => Promise<Tensor>;

export interface SampleOptions {
  /** The first call; default 0. */
  from?: number;
  signal?: AbortSignal;
  /** Hears after each call how many are done, and sees the latents; may change them by returning others. */
  onStep?: (done: number, latents: Tensor) => Tensor | undefined | Promise<Tensor | undefined>;
}

/** Runs a sampler to its end. Throws `cancelled` between two calls. */
export async function sample(
  sampler: Sampler,
  denoise: Denoise,
  start: Tensor,
  options: SampleOptions = {},
): Promise<Tensor> {
  const { from = 0, signal, onStep } = options;
  let latents = start;
  for (let at = from; at < sampler.timesteps.length; at++) {
    throwIfCancelled(signal);
    const answer = await denoise(sampler.scaled(latents, at), sampler.timesteps[at]);
    latents = sampler.step(answer, latents, at);
    latents = (await onStep?.(at + 1 - from, latents)) ?? latents;
  }
  return latents;
}

/** Sums of tensors of one shape, each times a number; added in float64 and rounded once. */
export function combine(...terms: readonly (readonly [factor: number, of: Tensor])[]): Tensor {
  const [[, { dims, data: first }]] = terms;
  const all = new Float32Array(first.length);
  for (let at = 0; at < all.length; at++) {
    let sum = 0;
    for (const [factor, { data }] of terms) sum += factor * data[at];
    all[at] = sum;
  }
  return tensor(dims, all);
}

/** Normal numbers of the same shape. */
export const noiseLike = ({ dims, data }: Tensor, noise: Noise): Tensor => tensor(dims, noise(data.length));

/** For samplers that feed latents as they are. */
export const unscaled = (latents: Tensor): Tensor => latents;
