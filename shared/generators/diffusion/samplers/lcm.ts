// Latent consistency models (Luo et al. 2023): each call jumps to the picture, and noise is put back for the next.

import { expected } from '../../../errors.js';
import type { SchedulerConfig } from '../schedule/config.js';
import { noiseTables } from '../schedule/tables.js';
import { mix, seen, sharesBefore, sharesOf } from './prediction.js';
import { combine, noiseLike, type OpenSampler, unscaled } from './sampler.js';

/** Deviation of the data that the boundary is scaled by. */
const SIGMA_DATA = 0.5;

export const openLcm: OpenSampler = (config, { steps, noise, strength = 1 }) => {
  const { alphasCumprod } = noiseTables(config);
  const timesteps = timestepsOf(steps, strength, config);
  return {
    timesteps,
    initNoiseSigma: 1,
    isSpreadByStrength: true,
    scaled: unscaled,
    step(answer, latents, at) {
      const { clean } = seen(answer, latents, sharesOf(alphasCumprod[timesteps[at]]), config);
      // The boundary condition of consistency models (Song et al. 2023, equation 5): at 0 the latents themselves.
      const scaled = timesteps[at] * config.timestep_scaling;
      const norm = scaled ** 2 + SIGMA_DATA ** 2;
      const jumped = combine([scaled / Math.sqrt(norm), clean], [SIGMA_DATA ** 2 / norm, latents]);
      const isLast = at + 1 === timesteps.length;
      return isLast
        ? jumped
        : mix(sharesBefore(alphasCumprod, timesteps, at + 1), jumped, noiseLike(latents, noise));
    },
    noised: (latents, added, at) => mix(sharesBefore(alphasCumprod, timesteps, at), latents, added),
  };
};

/** Of the timesteps that the model was distilled with, the upper part, so many of them. */
function timestepsOf(
  steps: number,
  strength: number,
  { num_train_timesteps: count, original_inference_steps: original }: SchedulerConfig,
): number[] {
  const gap = Math.floor(count / original);
  const origin = Array.from(
    { length: Math.floor(original * strength) },
    (_, at) => (at + 1) * gap - 1,
  ).reverse();
  if (steps > origin.length)
    throw expected(`at most ${origin.length} steps at this strength`, '--steps', steps);
  return Array.from({ length: steps }, (_, at) => origin[Math.floor((at * origin.length) / steps)]);
}
