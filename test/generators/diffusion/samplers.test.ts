// Samplers of diffusion against the numbers of diffusers and PyTorch.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { torchNoise } from '../../../shared/generators/diffusion/noise.js';
import { type Sampler, sample } from '../../../shared/generators/diffusion/samplers/sampler.js';
import {
  SAMPLER_NAMES,
  SAMPLERS,
  type SamplerEntry,
  type SamplerName,
} from '../../../shared/generators/diffusion/samplers/table.js';
import { schedulerConfig } from '../../../shared/generators/diffusion/schedule/config.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import stored from '../../oracles/samplers.json' with { type: 'json' };
import { SECTIONS } from '../../vectors/sections.js';

const SD15 = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', clip_sample: false };
const open = (name: SamplerName, steps: number, given: Record<string, unknown> = {}): Sampler => {
  const entry: SamplerEntry = SAMPLERS[name];
  const config = { ...schedulerConfig({ ...SD15, ...given }, entry.defaults), ...entry.always };
  return entry.open(config, { steps, noise: torchNoise(7) });
};
const numbers = (seed: number): Tensor => tensor([1, 4, 8, 8], torchNoise(seed)(256));
const distance = (a: Tensor, b: Tensor): number =>
  Math.sqrt(a.data.reduce((sum, value, at) => sum + (value - b.data[at]) ** 2, 0) / a.data.length);

function checkFile(vectors: Readonly<Record<string, unknown>>): void {
  for (const [section, checksOf] of Object.entries(SECTIONS))
    for (const { id, run, skip } of section in vectors ? checksOf(vectors[section] as never) : []) {
      if (skip === undefined) it(`agree in ${section}: ${id}`, run);
    }
}

describe('samplers', () => {
  checkFile(stored);

  // PNDM carries answers over as noise, whatever they are called.
  for (const name of SAMPLER_NAMES.filter((each) => each !== 'pndm'))
    it(`arrive at the picture that a perfect network sees: ${name}`, async () => {
      const [picture, noise] = [numbers(1), numbers(2)];
      const sampler = open(name, 20, { prediction_type: 'sample', set_alpha_to_one: true });
      const start = tensor(
        noise.dims,
        noise.data.map((value) => value * sampler.initNoiseSigma),
      );
      const drawn = await sample(sampler, () => Promise.resolve(picture), start);
      assert.ok(distance(drawn, picture) < 0.02, `off by ${distance(drawn, picture)}`);
    });

  it('add as much noise to a picture as there is before a call, and none after the last', () => {
    const [picture, noise] = [numbers(1), numbers(2)];
    for (const name of SAMPLER_NAMES) {
      const sampler = open(name, 10);
      const { length } = sampler.timesteps;
      const off = [0, 5, length].map((at) => distance(sampler.noised(picture, noise, at), picture));
      assert.ok(off[0] > off[1] && off[1] > off[2] && off[2] < 0.05, `${name}: ${off}`);
    }
  });

  const begun = (given: Record<string, unknown>, steps: number, strength: number) => {
    const config = schedulerConfig({ ...SD15, set_alpha_to_one: true, ...given }, SAMPLERS.pndm.defaults);
    return SAMPLERS.pndm.open(config, { steps, strength, noise: torchNoise(7) });
  };

  it('by PNDM arrive at the picture from any call on, whichever way its folder starts', async () => {
    const [picture, noise] = [numbers(1), numbers(2)];
    for (const skip of [true, false])
      for (let from = 0; from < 20; from++) {
        const sampler = begun({ skip_prk_steps: skip }, 20, 1 - from / 20);
        const start = sampler.noised(picture, noise, from);
        const drawn = await sample(sampler, () => Promise.resolve(noise), start, { from });
        assert.ok(distance(drawn, picture) < 1e-3, `${skip} ${from}: off by ${distance(drawn, picture)}`);
      }
  });

  it('by PNDM make no calls of Runge and Kutta where these cannot be: over a picture, and in fewer than four steps', () => {
    const callsOf = (steps: number, strength: number) =>
      begun({ skip_prk_steps: false }, steps, strength).timesteps.length;
    assert.deepEqual([callsOf(20, 1), callsOf(20, 0.9), callsOf(4, 1), callsOf(3, 1)], [29, 21, 13, 4]);
  });

  it('draw the same for the same seed', async () => {
    const run = () => sample(open('euler-ancestral', 5), (latents) => Promise.resolve(latents), numbers(3));
    assert.deepEqual(await run(), await run());
  });

  it('end between two calls when they are cancelled', async () => {
    const controller = new AbortController();
    let calls = 0;
    const denoise = (latents: Tensor) => {
      if (++calls === 2) controller.abort();
      return Promise.resolve(latents);
    };
    await assert.rejects(sample(open('ddim', 5), denoise, numbers(1), { signal: controller.signal }), {
      code: 'cancelled',
    });
    assert.equal(calls, 2);
  });

  it('refuse what a configuration asks for and none of them does', () => {
    assert.throws(() => schedulerConfig({ prediction_type: 'flow' }), {
      code: 'model-unsupported',
      message:
        'Expected one of epsilon, sample, v_prediction for prediction_type of the scheduler but received "flow"',
    });
    assert.throws(() => schedulerConfig({ beta_start: 'small' }), /Expected a number for beta_start/);
  });
});

const FACTS =
  process.env.NIGAOE_MIRROR && path.join(process.env.NIGAOE_MIRROR, '../facts/diffusion-vectors.json');
if (FACTS && existsSync(FACTS))
  describe('the file of vectors beside the mirror', () => {
    checkFile(JSON.parse(readFileSync(FACTS, 'utf8')) as Record<string, unknown>);
  });
