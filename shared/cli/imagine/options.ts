// The options of `nigaoe imagine`, declared once.

import { DIFFUSION_OPTIONS, OPTIONS, type OptionSpec, REDRAWN } from '../../options.js';

export const IMAGINE_OPTIONS = {
  count: { type: 'integer', default: 16, min: 1, max: 4096, help: 'pictures to draw' },
  columns: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 256,
    help: 'pictures in a row of the grid; 0: as many rows as columns',
  },
  seed: OPTIONS.seed,
  interpolate: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 256,
    help: 'walk from each picture to the next in so many stations, a row each; 0: no walk',
  },
  device: OPTIONS.device,
  requireDevice: OPTIONS.requireDevice,
} as const satisfies Record<string, OptionSpec>;

const side = { type: 'integer', default: 512, min: 64, max: 2048, unit: 'px' } as const;
/** Sides of pictures that are drawn from prompts. */
export const SIZES = {
  width: { ...side, help: 'width, a multiple of 8; left out where the folder draws one size: that' },
  height: { ...side, help: 'height, a multiple of 8; left out where the folder draws one size: that' },
} as const satisfies Record<string, OptionSpec>;

/** What is told of drawing over a picture. */
export const OVER_OPTIONS = {
  strength: {
    ...OPTIONS.strength,
    default: REDRAWN,
    help: 'how far --image is redrawn: 0 not at all, 1 as if it were not there',
  },
} as const satisfies Record<string, OptionSpec>;

export const PREVIEW_OPTIONS = {
  previewEvery: {
    type: 'integer',
    default: 5,
    min: 1,
    max: 1000,
    help: 'steps from one preview to the next',
  },
} as const satisfies Record<string, OptionSpec>;

/** What is told of drawing by labels. */
export const LABEL_OPTIONS = {
  labels: { type: 'string', default: '', help: 'what to draw, in turn: 3, or 0-9, or 1,4,4; left out: all' },
  stages: {
    type: 'integer',
    default: 1,
    min: 1,
    max: 100,
    help: 'pictures on the way from noise, a row for each; 1: the finished one',
  },
  beside: {
    type: 'boolean',
    default: false,
    help: 'keep LoRAs beside the weights instead of merging them; both draw the same',
  },
} as const satisfies Record<string, OptionSpec>;
/** Options that only labels have a use for. */
export const LABEL_NAMES = Object.keys(LABEL_OPTIONS);

/** Options that only prompts have a use for. */
export const PROMPT_NAMES = [
  ...Object.keys(DIFFUSION_OPTIONS),
  ...Object.keys(SIZES),
  ...Object.keys(OVER_OPTIONS),
  ...Object.keys(PREVIEW_OPTIONS),
  'image',
  'mask',
  'preview',
];
