// Denoising diffusion (Ho et al. 2020): a network draws by taking noise away step by step. What is drawn is told by a label.

import { type SchedulerConfig, schedulerConfig } from '../../generators/diffusion/schedule/config.js';
import { labelled } from '../../models/imports/label.js';
import { unet } from '../nets/unet.js';
import { emit } from '../onnx.js';
import { adam, cosineDecay, keepAverage, minimize, riseOf } from '../optimizers.js';
import { step } from '../step.js';
import { type State, Weights } from '../weights.js';
import { type Ask, asked, type Lesson, lessonLoss } from './denoising.js';
import { inUse } from './products.js';
import type { Plan, Recipe, Setting } from './recipe.js';

/**
 * The noise of the paper: a thousand steps, betas from 0.0001 to 0.02 in a line; what a picture would be is kept within
 * -1..1.
 */
const scheduleOf = ({ prediction }: Setting): SchedulerConfig =>
  schedulerConfig({
    clip_sample: true,
    prediction_type: prediction === 'noise' ? 'epsilon' : 'v_prediction',
  });
/** Steps until the learning rate is reached. */
const RISE = 100;
const NETWORK = 'unet';
const AVERAGE = 'average';

export const DIFFUSION: Recipe = {
  title: 'diffusion: draws what a label says out of noise, step by step',
  inputs: ['pictures'],
  takesLabels: true,
  takes: ['holdBack', 'average', 'width', 'prediction'],
  sizes: { multipleOf: 8, minPx: 16, maxPx: 128 },
  defaults: { epochs: 8, batch: 32, rate: 1e-3, size: 48, channels: 1, width: 16, average: 0.995 },
  plan(picture, setting, { classes }): Plan {
    const { batch, heldBatch, rate, clip, width, average, total } = setting;
    const schedule = scheduleOf(setting);
    const net = unet({ channels: picture[0], classes, width, timesteps: schedule.num_train_timesteps });
    const ask: Ask = ({ sample, timestep, condition }, weights) => net(sample, timestep, condition, weights);
    const lesson: Lesson = { ask, schedule, condition: { kind: 'label', classes } };
    const weights = new Weights();
    const held = new Weights({ training: false });
    const learning = weights.under(NETWORK);
    const loss = lessonLoss(lesson, { count: batch, picture, weights: learning });
    minimize(loss, weights, {
      of: [NETWORK],
      by: adam({ rate: cosineDecay(rate, total, riseOf(total, RISE)) }),
      clip,
    });
    keepAverage(weights, NETWORK, average);
    const drawing = held.under(AVERAGE).under(NETWORK);
    return {
      weights,
      train: step(weights, { loss }),
      measure: step(held, { loss: lessonLoss(lesson, { count: heldBatch, picture, weights: drawing }) }),
      denoise: {
        step: step(held, { answer: ask(asked(classes, picture), drawing) }),
        labels: Array.from({ length: classes }, (_, label) => label),
        schedule,
      },
      products(state) {
        const answer = ask(asked(1, picture), inUse(averagesOf(state)));
        const denoiser = { dims: picture, classes, schedule: { ...schedule } };
        const model = emit({ answer }, { batch: 'N' });
        return { 'denoiser.onnx': labelled(model, { title: 'diffusion', denoiser }) };
      },
    };
  },
};

/** The averages of the network's numbers, by the names that they have within it: LoRAs find their modules by them. */
function averagesOf(state: State): State {
  const prefix = `${AVERAGE}.${NETWORK}.`;
  const own = [...state].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
