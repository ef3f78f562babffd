// PNDM (Liu et al. 2022): linear multistep on the noise, carried over by the formula of DDIM. It starts with two calls on the
// first interval (PLMS, as Stable Diffusion has it), or with three intervals of Runge and Kutta's method.

import type { Tensor } from '../../../tensor.js';
import type { SchedulerConfig } from '../schedule/config.js';
import { noiseTables } from '../schedule/tables.js';
import { wholeTimesteps } from '../schedule/timesteps.js';
import { mix, sharesBefore, sharesOf } from './prediction.js';
import { combine, type OpenSampler, unscaled } from './sampler.js';

/** Of the last answers, newest first: Adams and Bashforth. */
const BASHFORTH: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];
/** Of the four answers within an interval: Runge and Kutta. */
const KUTTA = [1 / 6, 1 / 3, 1 / 3, 1 / 6];

export const openPndm: OpenSampler = (given, { steps, strength = 1 }) => {
  const config = { ...given, ...adjusted(given, steps, strength) };
  const { alphasCumprod } = noiseTables(config);
  const base = wholeTimesteps(steps, config).reverse();
  const gap = Math.floor(config.num_train_timesteps / steps);
  const kutta = config.skip_prk_steps ? [] : kuttaTimesteps(base, gap);
  const timesteps = [...kutta, ...multistepTimesteps(base, config)];
  const last = config.set_alpha_to_one ? 1 : alphasCumprod[0];
  const left = (timestep: number) => (timestep >= 0 ? alphasCumprod[timestep] : last);
  const carry = (answer: Tensor, latents: Tensor, way: { from: number; to: number }) =>
    carried(noiseIn(answer, latents, left(way.from), config), latents, {
      now: left(way.from),
      next: left(way.to),
    });
  /** Newest first. */
  let answers: Tensor[] = [];
  let start: Tensor | undefined;
  let sum: Tensor | undefined;
  let calls = 0;

  function kuttaStep(answer: Tensor, latents: Tensor, at: number): Tensor {
    const stage = at % KUTTA.length;
    if (stage === 0)
      [start, sum, answers] = [latents, undefined, [answer, ...answers].slice(0, BASHFORTH.length)];
    sum = sum === undefined ? combine([KUTTA[stage], answer]) : combine([1, sum], [KUTTA[stage], answer]);
    const from = timesteps[at - stage];
    const used = stage === KUTTA.length - 1 ? sum : answer;
    // The first two stages look from half way, the others from the end of the interval.
    const to = timesteps[at] - (at % 2 === 1 ? 0 : gap >> 1);
    return carry(used, start as Tensor, { from, to });
  }

  function multistep(answer: Tensor, latents: Tensor, at: number): Tensor {
    const timestep = timesteps[at];
    // Begun in the middle of the doubled pair, there is no interval that the first of both could look back on: it moves nothing.
    if (calls === 0 && timestep === timesteps[at + 1]) return latents;
    const call = calls++;
    // The second call looks again at the end of the first interval, and takes the middle of both for it.
    if (call === 1 && timestep === timesteps[at + 1]) {
      const middle = combine([0.5, answer], [0.5, answers[0]]);
      return carry(middle, start as Tensor, { from: timestep + gap, to: timestep });
    }
    answers = [answer, ...answers].slice(0, BASHFORTH.length);
    if (call === 0) start = latents;
    const terms = answers.map((each, back) => [BASHFORTH[answers.length - 1][back], each] as const);
    return carry(combine(...terms), latents, { from: timestep, to: timestep - gap });
  }

  return {
    timesteps,
    initNoiseSigma: 1,
    scaled: unscaled,
    step: (answer, latents, at) =>
      at < kutta.length ? kuttaStep(answer, latents, at) : multistep(answer, latents, at),
    noised: (latents, added, at) => mix(sharesBefore(alphasCumprod, timesteps, at), latents, added),
  };
};

/**
 * Its formula divides by what is left of the picture, so that something has to be. Runge and Kutta's calls have an order that
 * can be begun at the top only, and take four steps: drawing over a picture goes without them, as diffusers' filling in does.
 */
const adjusted = ({ skip_prk_steps }: SchedulerConfig, steps: number, strength: number) => ({
  rescale_betas_zero_snr: false,
  skip_prk_steps: skip_prk_steps || strength < 1 || steps < BASHFORTH.length,
});

/** Whatever the network answers is carried over as noise. */
function noiseIn(
  answer: Tensor,
  latents: Tensor,
  left: number,
  { prediction_type: kind }: SchedulerConfig,
): Tensor {
  if (kind !== 'v_prediction') return answer;
  const { signal, noise } = sharesOf(left);
  return combine([signal, answer], [noise, latents]);
}

/** Equation 9. */
function carried(noise: Tensor, latents: Tensor, { now, next }: { now: number; next: number }): Tensor {
  const scale = now * Math.sqrt(1 - next) + Math.sqrt(now * (1 - now) * next);
  return combine([Math.sqrt(next / now), latents], [(now - next) / scale, noise]);
}

/** Of `base`, smallest first: from the largest down, with the second one twice where nothing else has started before. */
function multistepTimesteps(base: readonly number[], { skip_prk_steps: isFirst }: SchedulerConfig): number[] {
  const ends = isFirst ? [...base.slice(0, -1), ...base.slice(-2)] : base.slice(0, -3);
  return [...ends].reverse();
}

/** Four calls for each of the three uppermost intervals: at its upper end, twice half way, and at its lower end. */
function kuttaTimesteps(base: readonly number[], gap: number): number[] {
  const halves = base.slice(-4).flatMap((timestep) => [timestep, timestep + (gap >> 1)]);
  const twice = halves.slice(0, -1).flatMap((timestep) => [timestep, timestep]);
  return twice.slice(1, -1).reverse();
}
