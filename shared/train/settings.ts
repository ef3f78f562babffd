// Every setting of a training, declared once: types, checks and the CLI's flags come from here. Where zero stands for "as the
// recipe has it", its help says so.

import { OPTIONS, type OptionSpec, type SomeOf, type ValuesOf } from '../options.js';

const number = (preset: number, [min, max]: readonly [number, number], help: string) =>
  ({ type: 'number', default: preset, min, max, help }) as const;
const whole = (preset: number, [min, max]: readonly [number, number], help: string) =>
  ({ type: 'integer', default: preset, min, max, help }) as const;
const choice = <const Name extends string>(preset: Name, choices: readonly Name[], help: string) =>
  ({ type: 'choice', default: preset, choices, help }) as const;
const text = (preset: string, help: string) => ({ type: 'string', default: preset, help }) as const;
const MANY = 10_000_000;

export const SETTINGS = {
  epochs: whole(0, [0, MANY], 'how often all pictures are seen; 0: as the recipe has it'),
  steps: whole(0, [0, MANY], 'steps in all, instead of epochs; 0: by epochs'),
  batch: whole(0, [0, 1024], 'pictures a step; 0: as the recipe has it'),
  rate: number(0, [0, 1], 'learning rate; 0: as the recipe has it'),
  clip: number(0, [0, 1000], 'longest gradient; 0: any'),
  average: number(
    0,
    [0, 0.99999],
    'draw with a moving average of the generator, of this decay; 0: none, but 0.995 for diffusion',
  ),
  seed: whole(1, [0, 2 ** 31], 'what all chance is drawn from'),
  size: whole(0, [0, 1024], 'side of the pictures in pixels; 0: as the recipe has it'),
  channels: choice('auto', ['auto', '1', '3'], 'grey (1) or colour (3) pictures; auto: as the recipe has it'),
  alignFaces: { type: 'boolean', default: false, help: 'learn from the aligned faces in the pictures' },
  holdBack: whole(0, [0, MANY], 'pictures at the end to measure with, not to learn from'),
  width: whole(0, [0, 256], 'channels after the first convolution; 0: 64, for diffusion 16, for finetune 32'),
  blocks: whole(0, [0, 16], 'residual blocks; 0: 6, from 256 px on 9'),
  flavour: choice(
    'pytorch',
    ['pytorch', 'mindspore'],
    "the paper's networks, or those of MindSpore's tutorial",
  ),
  prediction: choice(
    'velocity',
    ['velocity', 'noise'],
    'what a diffusion answers: velocity shows the whole of a digit sooner; noise is that of its first paper',
  ),
  from: text(
    '',
    'network to go on from: denoiser.onnx of a diffusion or a Stable Diffusion folder; for finetune a style',
  ),
  paired: {
    type: 'boolean',
    default: false,
    help: 'the second folder has, in the same order, what is to be drawn of the first',
  },
  stay: number(10, [0, 1000], 'weight of staying with what the style drew before, or with its pair'),
  rank: whole(4, [1, 256], 'numbers that a change passes through: how thin its matrices are'),
  alpha: number(0, [0, 1024], 'strength of the change, divided by the rank; 0: the rank'),
  targets: text('Wq,Wk,Wv,to_q,to_k,to_v', 'ends of the names of the maps that are changed, with commas'),
  prompt: text('', 'what the pictures show, where no text file beside them says it'),
  identity: number(0.5, [0, 10], 'weight of the identity loss against the cycle loss'),
  sampleEvery: whole(
    0,
    [0, MANY],
    'steps between two sample grids; 0: an epoch, or as many as make 100 steps',
  ),
  saveEvery: whole(0, [0, MANY], 'steps between two checkpoints; 0: as for samples'),
  keep: whole(3, [1, 1000], 'newest checkpoints that are kept'),
  device: { ...OPTIONS.device, help: 'where the steps run' },
  requireDevice: OPTIONS.requireDevice,
} as const satisfies Record<string, OptionSpec>;

/** What concerns the networks of some recipes only. */
export const SPECIAL = [
  ...(['holdBack', 'average', 'width', 'blocks', 'flavour', 'identity'] as const),
  ...(['prediction', 'from', 'rank', 'alpha', 'targets', 'prompt', 'paired', 'stay'] as const),
] as const;

export type Settings = ValuesOf<typeof SETTINGS>;
export type PartialSettings = SomeOf<Settings>;
export type SettingName = keyof Settings;

/** What may differ when a training is resumed, though it then ends elsewhere. */
export const ALTERS: readonly SettingName[] = ['seed', 'rate', 'clip'];
/** What may differ when a training is resumed: the rest is part of what was begun. */
export const MAY_CHANGE: readonly SettingName[] = [
  ...(['epochs', 'steps', 'sampleEvery', 'saveEvery', 'keep'] as const),
  ...ALTERS,
  ...(['device', 'requireDevice', 'from'] as const),
];
