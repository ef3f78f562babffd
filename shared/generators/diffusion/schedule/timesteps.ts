// Which timesteps of the training a run visits, and how noisy it is there.

import { expected } from '../../../errors.js';
import type { SchedulerConfig, TimestepSpacing } from './config.js';
import type { NoiseTables } from './tables.js';

/** Timesteps of a run, from noise to picture. */
type Spread = (steps: number, config: SchedulerConfig) => number[];

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
/** numpy's: a half goes to the even neighbour. */
const roundEven = (value: number): number => {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor % 2) : Math.round(value);
};

/** `count` numbers from 0 to `last`, both included. */
const evenly = (last: number, count: number): number[] =>
  upTo(count).map((at) => (count === 1 ? 0 : (at * last) / (count - 1)));

const leading: Spread = (steps, { num_train_timesteps: count, steps_offset: offset }) =>
  upTo(steps)
    .map((at) => at * Math.floor(count / steps) + offset)
    .reverse();
const trailing: Spread = (steps, { num_train_timesteps: count }) =>
  upTo(steps).map((at) => roundEven(count - (at * count) / steps) - 1);

/** For samplers that look numbers up by whole timesteps. */
const WHOLE: Readonly<Record<TimestepSpacing, Spread>> = {
  linspace: (steps, { num_train_timesteps: count }) =>
    evenly(count - 1, steps)
      .map(roundEven)
      .reverse(),
  leading,
  trailing,
};
/** For samplers that step from one sigma to the next, between timesteps too. */
const BETWEEN: Readonly<Record<TimestepSpacing, Spread>> = {
  ...WHOLE,
  linspace: (steps, { num_train_timesteps: count }) =>
    evenly(count - 1, steps)
      .map(Math.fround)
      .reverse(),
};
/** DPM-Solver's own, which leave the last timestep to the step to the picture. */
const SOLVED: Readonly<Record<TimestepSpacing, Spread>> = {
  linspace: (steps, { num_train_timesteps: count }) =>
    evenly(count - 1, steps + 1)
      .map(roundEven)
      .reverse()
      .slice(0, -1),
  leading: (steps, { num_train_timesteps: count, steps_offset: offset }) =>
    upTo(steps + 1)
      .map((at) => at * Math.floor(count / (steps + 1)) + offset)
      .reverse()
      .slice(0, -1),
  trailing,
};

/** Timesteps as they are given. Throws `options` where they do not lead from noise to picture, or were not trained on. */
export function descending(
  timesteps: readonly number[],
  { num_train_timesteps: count }: SchedulerConfig,
): readonly number[] {
  const isRight = timesteps.every(
    (timestep, at) =>
      Number.isInteger(timestep) && timestep >= 0 && timestep < (at === 0 ? count : timesteps[at - 1]),
  );
  if (isRight && timesteps.length > 0) return timesteps;
  throw expected(`whole numbers below ${count} that fall`, 'the timesteps', timesteps.join(', '));
}

export const wholeTimesteps: Spread = (steps, config) => WHOLE[config.timestep_spacing](steps, config);

/** The stations of a run: how noisy latents are before each call, and after the last. */
export interface Stations {
  timesteps: number[];
  /** One more than timesteps. */
  sigmas: number[];
}

/** For Euler's steps and LMS. */
export function sigmaStations(steps: number, config: SchedulerConfig, { sigmas }: NoiseTables): Stations {
  const timesteps = BETWEEN[config.timestep_spacing](steps, config);
  const visited = timesteps.map((timestep) => between(sigmas, timestep));
  const respread = spreadOf(config, steps, visited.at(-1) as number, visited[0]);
  if (respread === undefined) return ending(timesteps, visited, config, sigmas);
  return ending(
    respread.map((sigma) => Math.fround(timestepOf(sigma, sigmas))),
    respread,
    config,
    sigmas,
  );
}

/** For DPM-Solver, whose respread sigmas run over the whole table. */
export function solverStations(steps: number, config: SchedulerConfig, { sigmas }: NoiseTables): Stations {
  const respread = spreadOf(config, steps, sigmas[0], sigmas[sigmas.length - 1]);
  if (respread === undefined) {
    const timesteps = SOLVED[config.timestep_spacing](steps, config);
    const visited = timesteps.map((timestep) => between(sigmas, timestep));
    return ending(timesteps, visited, config, sigmas);
  }
  const isCosine = config.beta_schedule === 'squaredcos_cap_v2';
  const timesteps = respread.map((sigma) => timestepOf(sigma, sigmas));
  return ending(isCosine ? timesteps : timesteps.map(roundEven), respread, config, sigmas);
}

function ending(
  timesteps: number[],
  visited: readonly number[],
  { final_sigmas_type: final }: SchedulerConfig,
  table: Float32Array,
): Stations {
  const last = final === 'zero' ? 0 : table[0];
  return { timesteps, sigmas: [...visited, last].map(Math.fround) };
}

/**
 * Sigmas from the largest to the smallest, as the configuration wants them respread; undefined where it wants them as
 * they are.
 */
function spreadOf(
  config: SchedulerConfig,
  steps: number,
  smallest: number,
  largest: number,
): number[] | undefined {
  const ramp = evenly(1, steps);
  const mixed = (spread: (sigma: number) => number, back: (value: number) => number) =>
    ramp.map((part) => back(spread(largest) + part * (spread(smallest) - spread(largest))));
  // Karras et al. 2022, equation 5.
  if (config.use_karras_sigmas)
    return mixed(
      (sigma) => sigma ** (1 / 7),
      (value) => value ** 7,
    );
  if (config.use_exponential_sigmas || config.use_lu_lambdas) return mixed(Math.log, Math.exp);
  return undefined;
}

/** The table between two of its timesteps. */
function between(table: Float32Array, timestep: number): number {
  const low = Math.min(Math.floor(timestep), table.length - 1);
  const high = Math.min(low + 1, table.length - 1);
  return table[low] + (timestep - low) * (table[high] - table[low]);
}

/** The timestep of a sigma, linear in its logarithm between those of the table. */
function timestepOf(sigma: number, table: Float32Array): number {
  const log = Math.log(Math.max(sigma, 1e-10));
  let low = 0;
  while (low < table.length - 2 && Math.log(table[low + 1]) <= log) low++;
  const [under, over] = [Math.log(table[low]), Math.log(table[low + 1])];
  return low + Math.min(1, Math.max(0, (log - under) / (over - under)));
}
