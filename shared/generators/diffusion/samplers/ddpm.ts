// DDPM (Ho et al. 2020, algorithm 2): the mean of what came before, and noise of its variance.

import { noiseTables } from '../schedule/tables.js';
import { descending, wholeTimesteps } from '../schedule/timesteps.js';
import { mix, seen, sharesBefore, sharesOf } from './prediction.js';
import { combine, noiseLike, type OpenSampler, unscaled } from './sampler.js';

const round = Math.fround;

export const openDdpm: OpenSampler = (config, { steps, noise, timesteps: own }) => {
  const { alphasCumprod } = noiseTables(config);
  const timesteps = own === undefined ? wholeTimesteps(steps, config) : descending(own, config);
  return {
    timesteps,
    initNoiseSigma: 1,
    scaled: unscaled,
    step(answer, latents, at) {
      const now = alphasCumprod[timesteps[at]];
      const next = at + 1 < timesteps.length ? alphasCumprod[timesteps[at + 1]] : 1;
      // In float32: near the picture the difference from 1 is so small that its rounding shows.
      const alpha = round(now / next);
      const beta = round(1 - alpha);
      const { clean } = seen(answer, latents, sharesOf(now), config);
      // Equation 7.
      const mean = [
        [(Math.sqrt(next) * beta) / (1 - now), clean],
        [(Math.sqrt(alpha) * (1 - next)) / (1 - now), latents],
      ] as const;
      if (timesteps[at] === 0) return combine(...mean);
      const variance = config.variance_type === 'fixed_large' ? beta : ((1 - next) / (1 - now)) * beta;
      return combine(...mean, [Math.sqrt(Math.max(variance, 1e-20)), noiseLike(latents, noise)]);
    },
    noised: (latents, added, at) => mix(sharesBefore(alphasCumprod, timesteps, at), latents, added),
  };
};
