// What a picture is to be: every option of drawing by diffusion, declared once.

import type { OptionSpec, SomeOf, ValuesOf } from '../../options.js';
import type { Tensor } from '../../tensor.js';
import { SAMPLER_NAMES } from './samplers/table.js';

export const DIFFUSION_OPTIONS = {
  prompt: { type: 'string', default: '', help: 'what is to be seen; (more), [less], (so much:1.3)' },
  negative: { type: 'string', default: '', help: 'what is not to be seen' },
  steps: { type: 'integer', default: 25, min: 1, max: 1000, help: 'steps from noise to picture' },
  guidance: {
    type: 'number',
    default: 7.5,
    min: 0,
    max: 50,
    help: 'how closely the prompt is followed; 0 and 1: as the network likes, for Turbo and LCM',
  },
  sampler: {
    type: 'string',
    default: 'auto',
    help: `how noise is taken away: auto (as the folder has it), ${SAMPLER_NAMES.join(', ')}`,
  },
} as const satisfies Record<string, OptionSpec>;

export type DiffusionOptions = ValuesOf<typeof DIFFUSION_OPTIONS>;
export type PartialDiffusionOptions = SomeOf<DiffusionOptions>;

/** What to draw over, and where. */
export interface Canvas {
  /** `[1,3,H,W]` in -1..1; sides are multiples of 8. */
  picture: Tensor;
  /** How far the drawing goes from it: 0 not at all, 1 as from nothing. */
  strength: number;
  /** `[1,1,H,W]`: where it is 0.5 and more is drawn anew. */
  mask?: Tensor | undefined;
}

/** All that a picture is made of. */
export interface Wish extends DiffusionOptions {
  /** A whole number from 0: the same gives the same picture on every device. */
  seed: number;
  widthPx: number;
  heightPx: number;
  canvas?: Canvas | undefined;
}
