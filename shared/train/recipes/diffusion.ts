// Denoising diffusion (Ho et al. 2020): a network learns to tell the noise of pictures that were mixed with it, and draws by taking it
// away step by step. What is drawn is told by a label.

import { type SchedulerConfig, schedulerConfig } from '../../generators/diffusion/schedule/config.js';
import { noiseTables } from '../../generators/diffusion/schedule/tables.js';
import { labelled } from '../../models/imports/label.js';
import * as a from '../arithmetic.js';
import { normalNoise, wholeNoise } from '../layers.js';
import { l1 } from '../losses.js';
import type { PictureDims } from '../nets/small.js';
import { type Denoiser, unet } from '../nets/unet.js';
import { emit } from '../onnx.js';
import type { Node } from '../ops.js';
import { adam, cosineDecay, keepAverage, minimize } from '../optimizers.js';
import { step } from '../step.js';
import { Weights } from '../weights.js';
import { inUse } from './products.js';
import type { Plan, Recipe } from './recipe.js';

/** The noise of the paper: a thousand steps, betas from 0.0001 to 0.02 in a line; what a picture would be is kept within -1..1. */
export const SCHEDULE: SchedulerConfig = schedulerConfig({ clip_sample: true });
const { num_train_timesteps: TIMESTEPS } = SCHEDULE;
/** Steps until the learning rate is reached. */
const RISE = 100;
const AVERAGE = 'average';

export const DIFFUSION: Recipe = {
  title: 'diffusion: draws what a label says out of noise, step by step',
  inputs: ['pictures'],
  takesLabels: true,
  takes: ['holdBack', 'average', 'width'],
  sizes: { multipleOf: 8, minPx: 16, maxPx: 128 },
  defaults: { epochs: 20, batch: 64, rate: 1e-3, size: 48, channels: 1, width: 16, average: 0.995 },
  plan(picture, { batch, heldBatch, rate, clip, width, average, total }, classes): Plan {
    const net = unet({ channels: picture[0], classes, width, timesteps: TIMESTEPS });
    const weights = new Weights();
    const held = new Weights({ training: false });
    const loss = noiseLoss(net, batched(batch, picture), weights);
    const by = adam({ rate: cosineDecay(rate, total, RISE) });
    minimize(loss, weights, { of: ['unet'], by, clip });
    keepAverage(weights, 'unet', average);
    const measured = noiseLoss(net, batched(heldBatch, picture), held.under(AVERAGE));
    const shown = asked(classes, picture);
    return {
      weights,
      train: step(weights, { loss }),
      measure: step(held, { loss: measured }),
      denoise: {
        step: step(held, { noise: net(shown.sample, shown.timestep, shown.label, held.under(AVERAGE)) }),
        labels: Array.from({ length: classes }, (_, label) => label),
        schedule: SCHEDULE,
      },
      products(state) {
        const { sample, timestep, label } = asked(1, picture);
        const noise = net(sample, timestep, label, inUse(state).under(AVERAGE));
        const denoiser = { dims: picture, classes, schedule: { ...SCHEDULE } };
        return {
          'denoiser.onnx': labelled(emit({ noise }, { batch: 'N' }), { title: 'diffusion', denoiser }),
        };
      },
    };
  },
};

/** What a network is fed when it draws. */
export const asked = (
  count: number,
  picture: PictureDims,
): Record<'sample' | 'timestep' | 'label', Node> => ({
  sample: a.input('sample', [count, ...picture]),
  timestep: a.input('timestep', [count]),
  label: a.input('label', [count]),
});

/** Pictures to be mixed with noise, and what they show. */
export interface Batch {
  pictures: Node;
  labels: Node;
}
export const batched = (count: number, picture: PictureDims): Batch => ({
  pictures: a.input('pictures', [count, ...picture]),
  labels: a.input('labels', [count]),
});

/** How far the noise that the network tells is from that which is there, at timesteps drawn by chance (equation 14, by absolute errors). */
export function noiseLoss(net: Denoiser, { pictures, labels }: Batch, weights: Weights): Node {
  const { noisy, noise, timesteps } = mixed(pictures, SCHEDULE);
  return l1(net(noisy, timesteps, labels, weights), noise);
}

/** Equation 4: pictures [N, ...] at timesteps drawn by chance, and the noise that was added. */
export function mixed(
  pictures: Node,
  schedule: SchedulerConfig,
): Record<'noisy' | 'noise' | 'timesteps', Node> {
  const [count, ...dims] = pictures.dims;
  const { alphasCumprod } = noiseTables(schedule);
  const timesteps = wholeNoise('timesteps', [count], alphasCumprod.length);
  const noise = normalNoise('noise', pictures.dims);
  const share = (numbers: Float32Array) =>
    a.reshape(a.gather(a.constant([numbers.length], numbers), timesteps), [count, ...dims.map(() => 1)]);
  const [signal, rest] = [alphasCumprod.map(Math.sqrt), alphasCumprod.map((left) => Math.sqrt(1 - left))];
  const noisy = a.add(a.multiply(pictures, share(signal)), a.multiply(noise, share(rest)));
  return { noisy, noise, timesteps };
}
