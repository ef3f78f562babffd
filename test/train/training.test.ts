// Recipes train as PyTorch does: losses of twenty steps and what the weights come to, against test/oracles/training.py.

import assert from 'node:assert/strict';
import { schedulerConfig } from '../../shared/generators/diffusion/schedule/config.js';
import type { OnnxModel } from '../../shared/models/onnx/file.js';
import { type Tensor, tensor } from '../../shared/tensor.js';
import type { DenoiserBase, Plan, Setting } from '../../shared/train/recipes/recipe.js';
import { RECIPES } from '../../shared/train/recipes/table.js';
import { type PartialSettings, SETTINGS, type Settings } from '../../shared/train/settings.js';
import { openMachine } from '../../shared/train/step.js';
import type { State } from '../../shared/train/weights.js';
import { numbers } from '../models/architectures/oracle.js';
import json from '../oracles/training.json' with { type: 'json' };
import { type Recipe, stateOf } from './stored.js';

/** What training.py wrote of a network. */
interface Case {
  title: string;
  rate: number;
  tensors: Record<string, Recipe>;
  /** Of each step, before its updates. */
  losses: Record<string, number[]>;
  /** After the last step; tensors without a gradient are left out. */
  end: Record<string, readonly [mean: number, norm: number, moved: number]>;
}
type Feeds = Record<string, Tensor>;
interface Training {
  plan: (settings: PartialSettings) => Plan;
  feeds: (step: number) => Feeds;
}

const CASES = json as unknown as readonly Case[];
const [BATCH, CLASSES] = [8, 10];
/** Relative. */
const TOLERANCE = { losses: 1e-3, norms: 1e-3, moves: 1e-2 };

const drawn = (name: string, dims: readonly number[], centre = 0, spread = 1): Tensor =>
  tensor(dims, numbers(name, [dims, centre, spread]));
const defaults = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, spec]) => [name, spec.default]),
) as unknown as Settings;
/** The rate of CycleGAN falls only after half of all steps. */
const settingOf = (given: PartialSettings): Setting => ({ ...defaults, total: 1000, heldBatch: 1, ...given });

function small(name: keyof typeof RECIPES, more: (step: number) => Feeds = () => ({})): Training {
  const pictures = drawn('pictures', [BATCH, 1, 28, 28]);
  return {
    plan: (given) =>
      RECIPES[name].plan([1, 28, 28], settingOf({ batch: BATCH, ...given }), { classes: CLASSES }),
    feeds: (step) => ({ pictures, ...more(step) }),
  };
}

const noise = (size: number) => (step: number) => ({ noise: drawn(`noise ${step}`, [BATCH, size]) });

const cyclegan = (flavour: Settings['flavour']): Training => ({
  plan: (given) =>
    RECIPES.cyclegan.plan([3, 32, 32], settingOf({ batch: 1, flavour, width: 8, blocks: 2, ...given }), {
      classes: 0,
    }),
  // The pool, which is filled first, hands on what was just drawn.
  feeds: (step) =>
    Object.fromEntries(['a', 'b'].map((name) => [name, drawn(`${name} ${step}`, [1, 3, 32, 32])])),
});

/** A small U-Net, and what it is told at each step. */
const NET = { picture: [1, 16, 16], width: 8 } as const;
const denoising: Training['feeds'] = (step) => ({
  pictures: drawn(`pictures ${step}`, [BATCH, ...NET.picture]),
  noise: drawn(`noise ${step}`, [BATCH, ...NET.picture]),
  timesteps: whole(drawn(`timesteps ${step}`, [BATCH], 500, 500)),
  labels: whole(drawn('labels', [BATCH], 5, 5)),
});
const whole = ({ dims, data }: Tensor): Tensor => tensor(dims, data.map(Math.floor));
const [average, prediction] = [0.9, 'noise'] as const;

const diffusion = (given: PartialSettings): Plan =>
  RECIPES.diffusion.plan(
    NET.picture,
    settingOf({ batch: BATCH, average, prediction, width: NET.width, ...given }),
    {
      classes: CLASSES,
    },
  );

/** On what a diffusion leaves: its file, with the numbers that the oracle has. */
function lora(given: PartialSettings): Plan {
  const { tensors } = CASES.find(({ title }) => title === 'diffusion') as Case;
  const averages = new Map([...stateOf(tensors)].map(([name, value]) => [`average.${name}`, value]));
  const base = diffusion({});
  const file = base.products(averages)['denoiser.onnx'];
  const denoiser: DenoiserBase = {
    name: 'the diffusion',
    model: file as OnnxModel,
    condition: { kind: 'label', classes: CLASSES },
    schedule: schedulerConfig({ clip_sample: true }),
  };
  return RECIPES.lora.plan(NET.picture, settingOf({ batch: BATCH, ...given }), {
    classes: CLASSES,
    denoiser,
  });
}

const TRAININGS: Record<string, Training> = {
  autoencoder: small('autoencoder'),
  'conv-autoencoder': small('conv-autoencoder'),
  vae: small('vae', noise(20)),
  gan: small('gan', noise(96)),
  lsgan: small('lsgan', noise(96)),
  dcgan: small('dcgan', noise(96)),
  classifier: small('classifier', () => {
    const { dims, data } = drawn('labels', [BATCH], 5, 5);
    return { labels: tensor(dims, data.map(Math.floor)) };
  }),
  diffusion: { plan: diffusion, feeds: denoising },
  lora: { plan: lora, feeds: denoising },
  cyclegan: cyclegan('pytorch'),
  'cyclegan-mindspore': cyclegan('mindspore'),
};

describe('recipes', () => {
  it('are all held against PyTorch', () => {
    assert.deepEqual(Object.keys(TRAININGS).toSorted(), CASES.map(({ title }) => title).toSorted());
    const held = CASES.map(({ title }) => title.replace('-mindspore', ''));
    // Made of what is held elsewhere: CycleGAN's judge and pool, and graphs that are read back.
    assert.deepEqual([...new Set(held), 'finetune'].toSorted(), Object.keys(RECIPES).toSorted());
  });

  for (const each of CASES) it(`train as PyTorch does: ${each.title}`, () => agrees(each));
});

async function agrees({ title, rate, tensors, losses, end }: Case): Promise<void> {
  const { plan, feeds } = TRAININGS[title];
  const { weights, train } = plan({ rate });
  assert.deepEqual(
    weights.names('learned').toSorted(),
    Object.keys(tensors)
      .filter((name) => !name.includes('.running_'))
      .toSorted(),
    'names of what is learned',
  );
  const state = stateOf(tensors);
  weights.begin(state, 1);
  const machine = await openMachine(train, { name: title, device: 'cpu' });
  const steps = Object.values(losses)[0].length;
  assert.equal(steps, 20);
  for (let step = 1; step <= steps; step++) {
    const reports = await machine.run(state, { step, seed: 1 }, feeds(step));
    for (const [name, stored] of Object.entries(losses))
      assertClose(reports[name].data[0], stored[step - 1], TOLERANCE.losses, `${name} of step ${step}`);
  }
  await machine.close();
  for (const [name, stored] of Object.entries(end)) assertEnd(name, stored, { state, tensors });
}

function assertEnd(
  name: string,
  [mean, norm, moved]: Case['end'][string],
  { state, tensors }: { state: State; tensors: Case['tensors'] },
): void {
  const { data } = state.get(name)!;
  const begun = numbers(name, tensors[name]);
  const lengthOf = (of: (value: number, at: number) => number) =>
    Math.sqrt(data.reduce((sum, value, at) => sum + of(value, at) ** 2, 0));
  const deviation = norm / Math.sqrt(data.length);
  const gotMean = data.reduce((sum, value) => sum + value, 0) / data.length;
  assert.ok(
    Math.abs(gotMean - mean) <= TOLERANCE.norms * deviation,
    `the mean of ${name} is ${gotMean} instead of ${mean}`,
  );
  const gotMoved = lengthOf((value, at) => value - begun[at]);
  assertClose(
    lengthOf((value) => value),
    norm,
    TOLERANCE.norms,
    `the norm of ${name}`,
  );
  assertClose(gotMoved, moved, TOLERANCE.moves, `what changed of ${name}`);
}

function assertClose(got: number, wanted: number, tolerance: number, what: string): void {
  const off = Math.abs(got / wanted - 1);
  assert.ok(off <= tolerance, `${what} is ${got} instead of ${wanted}`);
  if (process.env.SHOW) console.log(what, off);
}
