// Euler's method along the probability flow (Karras et al. 2022, algorithm 2 without churn), plain and ancestral.

import type { Tensor } from '../../../tensor.js';
import type { SchedulerConfig } from '../schedule/config.js';
import { type NoiseTables, noiseTables } from '../schedule/tables.js';
import { type Stations, sigmaStations } from '../schedule/timesteps.js';
import { seen, sharesAt } from './prediction.js';
import { combine, noiseLike, type OpenSampler, type Sampler } from './sampler.js';

export const openEuler: OpenSampler = (config, { steps }) => {
  const stations = stationsOf(steps, config);
  const { sigmas } = stations;
  return {
    ...overSigmas(stations, config),
    step: (answer, latents, at) =>
      combine([1, latents], [sigmas[at + 1] - sigmas[at], slope(answer, latents, sigmas[at], config)]),
  };
};

/** Goes further down than it has to, and back up with new noise. */
export const openEulerAncestral: OpenSampler = (config, { steps, noise }) => {
  const stations = stationsOf(steps, config);
  return {
    ...overSigmas(stations, config),
    step(answer, latents, at) {
      const [now, next] = stations.sigmas.slice(at, at + 2);
      const up = Math.sqrt((next ** 2 * (now ** 2 - next ** 2)) / now ** 2);
      const down = Math.sqrt(next ** 2 - up ** 2);
      const direction = slope(answer, latents, now, config);
      return combine([1, latents], [down - now, direction], [up, noiseLike(latents, noise)]);
    },
  };
};

/** The stations over a table whose last sigma is finite. */
export function stationsOf(steps: number, config: SchedulerConfig): Stations {
  return sigmaStations(steps, config, finiteTables(config));
}

/** The tables with the last sigma finite where nothing of the picture is left. */
export function finiteTables(config: SchedulerConfig): NoiseTables {
  const tables = noiseTables(config);
  if (config.rescale_betas_zero_snr) tables.sigmas[tables.sigmas.length - 1] = Math.sqrt(2 ** 24 - 1);
  return tables;
}

/** dx / dsigma: the noise in the latents, counted over a picture of full strength. */
export function slope(answer: Tensor, latents: Tensor, sigma: number, config: SchedulerConfig): Tensor {
  const shares = sharesAt(sigma);
  const { clean } = seen(answer, combine([shares.signal, latents]), shares, {
    ...config,
    clip_sample: false,
  });
  return combine([1 / sigma, latents], [-1 / sigma, clean]);
}

/** What samplers have in common whose latents are a full picture plus sigma times noise. */
export function overSigmas(
  { timesteps, sigmas }: Stations,
  { timestep_spacing: spacing }: SchedulerConfig,
): Omit<Sampler, 'step'> {
  const largest = Math.max(...sigmas);
  return {
    timesteps,
    initNoiseSigma: spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest,
    scaled: (latents, at) => combine([sharesAt(sigmas[at]).signal, latents]),
    noised: (latents, noise, at) => combine([1, latents], [sigmas[at], noise]),
  };
}
