// DPM-Solver++ (Lu et al. 2022, algorithm 2 and its neighbours): several steps' clean latents make a polynomial in
// lambda = log(signal / noise), along which the noise is solved exactly.

import type { Tensor } from '../../../tensor.js';
import type { SchedulerConfig } from '../schedule/config.js';
import { solverStations } from '../schedule/timesteps.js';
import { finiteTables } from './euler.js';
import { mix, seen, sharesAt } from './prediction.js';
import { combine, noiseLike, type OpenSampler, unscaled } from './sampler.js';

/** From so few calls on the last steps are of lower order, where the configuration says so. */
const FEW = 15;

export const openDpm: OpenSampler = (config, { steps, noise }) => {
  const { timesteps, sigmas } = solverStations(steps, config, finiteTables(config));
  /** Clean latents, newest first. */
  let cleans: Tensor[] = [];
  let done = 0;
  return {
    timesteps,
    initNoiseSigma: 1,
    scaled: unscaled,
    step(answer, latents, at) {
      const { clean } = seen(answer, latents, sharesAt(sigmas[at]), config);
      cleans = [clean, ...cleans].slice(0, config.solver_order);
      const order = Math.min(config.solver_order, ++done, highest(at, timesteps.length, config));
      const [from, to] = sigmas.slice(at, at + 2);
      const { keep, factors, fresh } = MOVES[config.algorithm_type]({ from, to, order }, config);
      const terms = changes(sigmas, cleans, { at, order }).map(
        (change, power) => [factors[power], change] as const,
      );
      const moved = [[keep, latents], ...terms] as const;
      return fresh === 0 ? combine(...moved) : combine(...moved, [fresh, noiseLike(latents, noise)]);
    },
    noised: (latents, added, at) => mix(sharesAt(sigmas[at] ?? 0), latents, added),
  };
};

/** Orders that the last calls may have. */
function highest(at: number, calls: number, config: SchedulerConfig): number {
  const isLower = config.lower_order_final && calls < FEW;
  if (at === calls - 1)
    return isLower || config.euler_at_final || config.final_sigmas_type === 'zero' ? 1 : 3;
  return at === calls - 2 && isLower ? 2 : 3;
}

const lambdaOf = (sigma: number): number => -Math.log(sigma);

/** The newest clean latents, and how they change with lambda: first and second divided differences (equations 21 and 22). */
function changes(
  sigmas: readonly number[],
  [newest, older, oldest]: readonly Tensor[],
  { at, order }: { at: number; order: number },
): Tensor[] {
  if (order === 1) return [newest];
  const lambda = (back: number) => lambdaOf(sigmas[at - back]);
  const h = lambdaOf(sigmas[at + 1]) - lambda(0);
  const r0 = (lambda(0) - lambda(1)) / h;
  const first = combine([1 / r0, newest], [-1 / r0, older]);
  if (order === 2) return [newest, first];
  const r1 = (lambda(1) - lambda(2)) / h;
  const before = combine([1 / r1, older], [-1 / r1, oldest]);
  const bend = r0 / (r0 + r1);
  return [
    newest,
    combine([1 + bend, first], [-bend, before]),
    combine([1 / (r0 + r1), first], [-1 / (r0 + r1), before]),
  ];
}

/** A step from one sigma to the next by changes up to that order. */
interface Move {
  from: number;
  to: number;
  order: number;
}

/** What the latents, each change and new noise are multiplied by. */
interface Factors {
  keep: number;
  factors: readonly number[];
  fresh: number;
}

const MOVES: Record<SchedulerConfig['algorithm_type'], (move: Move, config: SchedulerConfig) => Factors> = {
  'dpmsolver++'({ from, to, order }, config) {
    const { signal, noise } = sharesAt(to);
    const factors = weights(Math.log(from) - Math.log(to), order, config);
    return { keep: noise / sharesAt(from).noise, factors: factors.map((each) => signal * each), fresh: 0 };
  },
  // Solved along the reverse stochastic equation, which goes twice as far in lambda.
  'sde-dpmsolver++'({ from, to, order }, config) {
    const { signal, noise } = sharesAt(to);
    const h = Math.log(from) - Math.log(to);
    const factors = weights(2 * h, order, config);
    return {
      keep: (noise / sharesAt(from).noise) * Math.exp(-h),
      factors: factors.map((each) => signal * each),
      fresh: noise * Math.sqrt(1 - Math.exp(-2 * h)),
    };
  },
};

/** Integrals of exp(-u) over a step of length h, times 1, the middle or the line through both ends, and the parabola. */
function weights(h: number, order: number, { solver_type }: SchedulerConfig): number[] {
  const grown = -Math.expm1(-h);
  if (order === 1) return [grown];
  const line = 1 - grown / h;
  if (order === 2) return [grown, solver_type === 'midpoint' ? grown / 2 : line];
  return [grown, line, 0.5 - (h - grown) / h ** 2];
}
