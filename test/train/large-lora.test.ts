// LoRAs on networks whose weights are too many for the file of a graph: fed instead, they come to the same.

import assert from 'node:assert/strict';
import { schedulerConfig } from '../../shared/generators/diffusion/schedule/config.js';
import { tensor } from '../../shared/tensor.js';
import { adam, minimize } from '../../shared/train/optimizers.js';
import { lessonLoss } from '../../shared/train/recipes/denoising.js';
import { withLora } from '../../shared/train/recipes/lora.js';
import type { DenoiserBase } from '../../shared/train/recipes/recipe.js';
import { openMachine, step } from '../../shared/train/step.js';
import { type State, Weights } from '../../shared/train/weights.js';
import { exportedUnet } from '../fixtures/exported-unet.js';

const BASE: DenoiserBase = {
  name: 'the UNet',
  model: exportedUnet({ words: 8 }),
  condition: { kind: 'words', dims: [77, 8] },
  schedule: schedulerConfig({ beta_schedule: 'scaled_linear', prediction_type: 'v_prediction' }),
};
const SETTING = { rank: 2, alpha: 0, targets: 'to_q,to_v' };

describe('a LoRA on a large network', () => {
  it('learns the same whether the weights lie in the graph or are fed', async () => {
    const [inside, fed] = [await threeSteps(2 ** 26), await threeSteps(0)];
    assert.equal(inside.constants > fed.constants, true);
    for (const [at, loss] of inside.losses.entries())
      assert.ok(Math.abs(loss - fed.losses[at]) < 1e-5 * loss);
    assert.notEqual(inside.losses[0], inside.losses[2]);
  });
});

async function threeSteps(mostInside: number): Promise<{ losses: number[]; constants: number }> {
  const weights = new Weights();
  const lesson = { ...BASE, ask: withLora(BASE, SETTING, mostInside) };
  const loss = lessonLoss(lesson, { count: 2, picture: [4, 8, 8], weights });
  minimize(loss, weights, { of: ['lora'], by: adam({ rate: 0.01 }) });
  const { model, ...rest } = step(weights, { loss });
  const constants = model.graph.initializer.reduce((sum, { rawData }) => sum + (rawData?.length ?? 0), 0);
  const machine = await openMachine({ model, ...rest }, { name: 'a LoRA', device: 'cpu' });
  const state: State = new Map();
  weights.begin(state, 1);
  const feeds = {
    pictures: tensor(
      [2, 4, 8, 8],
      new Float32Array(512).map((_, at) => Math.sin(at)),
    ),
    words: tensor(
      [2, 77, 8],
      new Float32Array(1232).map((_, at) => Math.cos(at)),
    ),
  };
  const losses: number[] = [];
  for (let at = 1; at <= 3; at++)
    losses.push((await machine.run(state, { step: at, seed: 1 }, feeds)).loss.data[0]);
  await machine.close();
  return { losses, constants };
}
