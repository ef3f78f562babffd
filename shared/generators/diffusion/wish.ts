// What a picture is to be, as the pipeline is told.

import type { DiffusionOptions } from '../../options.js';
import type { Tensor } from '../../tensor.js';

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
export interface Wish extends Omit<DiffusionOptions, 'lora' | 'sampler'> {
  /** One of `SAMPLER_CHOICES`. */
  sampler: string;
  /** A whole number from 0: the same gives the same picture on every device. */
  seed: number;
  widthPx: number;
  heightPx: number;
  canvas?: Canvas | undefined;
}
