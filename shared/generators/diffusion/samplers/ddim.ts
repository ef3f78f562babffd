// DDIM (Song et al. 2021): straight to the clean latents and back to the noise of the next timestep.

import { noiseTables } from '../schedule/tables.js';
import { wholeTimesteps } from '../schedule/timesteps.js';
import { mix, seen, sharesBefore, sharesOf } from './prediction.js';
import { combine, noiseLike, type OpenSampler, unscaled } from './sampler.js';

export const openDdim: OpenSampler = (config, { steps, noise }) => {
  const { alphasCumprod } = noiseTables(config);
  const timesteps = wholeTimesteps(steps, config);
  const gap = Math.floor(config.num_train_timesteps / steps);
  const last = config.set_alpha_to_one ? 1 : alphasCumprod[0];
  const leftAfter = (timestep: number) => (timestep >= gap ? alphasCumprod[timestep - gap] : last);
  return {
    timesteps,
    initNoiseSigma: 1,
    scaled: unscaled,
    step(answer, latents, at) {
      const [now, next] = [alphasCumprod[timesteps[at]], leftAfter(timesteps[at])];
      const { clean, noise: direction } = seen(answer, latents, sharesOf(now), config);
      const chance = config.eta * Math.sqrt(varianceOf(now, next));
      const moved = [
        [Math.sqrt(next), clean],
        [Math.sqrt(1 - next - chance ** 2), direction],
      ] as const;
      return chance === 0 ? combine(...moved) : combine(...moved, [chance, noiseLike(latents, noise)]);
    },
    noised: (latents, added, at) => mix(sharesBefore(alphasCumprod, timesteps, at), latents, added),
  };
};

/** Equation 16 with eta 1, from what is left of the picture now and next. */
export const varianceOf = (now: number, next: number): number => ((1 - next) / (1 - now)) * (1 - now / next);
