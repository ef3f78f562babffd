// What networks learn that take noise away (Ho et al. 2020): pictures are mixed with noise at timesteps drawn by chance, and
// the network tells what was added.

import type { SchedulerConfig } from '../../generators/diffusion/schedule/config.js';
import { noiseTables } from '../../generators/diffusion/schedule/tables.js';
import * as a from '../arithmetic.js';
import { normalNoise, wholeNoise } from '../layers.js';
import { l1, meanSquare } from '../losses.js';
import type { Dims, Node } from '../ops.js';
import type { Weights } from '../weights.js';

/**
 * How a network is told what to draw: by whole numbers [N] below `classes`, or by words [N, ...dims] that a text
 * encoder heard.
 */
export type Condition = { kind: 'label'; classes: number } | { kind: 'words'; dims: Dims };

/** What a network is fed. */
export interface Asked {
  /** Noisy pictures [N, C, H, W]. */
  sample: Node;
  /** [N], or [1] for all of them. */
  timestep: Node;
  condition: Node;
}
/** What it answers [N, C, H, W]. */
export type Ask = (asked: Asked, weights: Weights) => Node;

export interface Lesson {
  ask: Ask;
  schedule: SchedulerConfig;
  condition: Condition;
}

/** So many pictures of one shape. */
export interface Batch {
  count: number;
  picture: Dims;
  weights: Weights;
}

/** The network as it draws: fed with `sample`, `timestep` and `label`. */
export const asked = (count: number, picture: Dims): Asked => ({
  sample: a.input('sample', [count, ...picture]),
  timestep: a.input('timestep', [count]),
  condition: a.input('label', [count]),
});

/**
 * How far its answer is from what is wanted (equation 14): by squares, or by absolute errors where it tells noise from
 * labels. Fed with `pictures` and with `labels` or `words`.
 */
export function lessonLoss({ ask, schedule, condition }: Lesson, { count, picture, weights }: Batch): Node {
  const pictures = a.input('pictures', [count, ...picture]);
  const isLabelled = condition.kind === 'label';
  const told = isLabelled ? a.input('labels', [count]) : a.input('words', [count, ...condition.dims]);
  // Exported networks are told one timestep for all of a batch.
  const { noisy, timestep, wanted } = mixed(pictures, schedule, isLabelled ? count : 1);
  const answer = ask({ sample: noisy, timestep, condition: told }, weights);
  return isLabelled && schedule.prediction_type === 'epsilon'
    ? l1(answer, wanted)
    : meanSquare(answer, wanted);
}

/** Equation 4, and what the network is to say of it, by the schedule's kind of prediction. */
function mixed(
  pictures: Node,
  schedule: SchedulerConfig,
  draws: number,
): Record<'noisy' | 'timestep' | 'wanted', Node> {
  const { alphasCumprod } = noiseTables(schedule);
  const timestep = wholeNoise('timesteps', [draws], alphasCumprod.length);
  const noise = normalNoise('noise', pictures.dims);
  const share = (numbers: Float32Array) =>
    a.reshape(a.gather(a.constant([numbers.length], numbers), timestep), [draws, 1, 1, 1]);
  const signal = share(alphasCumprod.map(Math.sqrt));
  const rest = share(alphasCumprod.map((left) => Math.sqrt(1 - left)));
  const noisy = a.add(a.multiply(pictures, signal), a.multiply(noise, rest));
  const wanted = {
    epsilon: () => noise,
    sample: () => pictures,
    // Salimans and Ho 2022, appendix D.
    v_prediction: () => a.subtract(a.multiply(noise, signal), a.multiply(pictures, rest)),
  };
  return { noisy, timestep, wanted: wanted[schedule.prediction_type]() };
}
