// A piece of a photo as generators take it, with the way back.

import type { Affine } from '../photo/affine.js';
import type { Tensor } from '../tensor.js';

/** Pixels cut from a photo: planar RGB `[1,3,H,W]` in -1..1, and the map from crop pixels to photo pixels. */
export interface Crop {
  /** What was cut, and so how it is blended back: a face by a soft oval, the whole photo as it is. */
  kind: 'face' | 'whole';
  pixels: Tensor;
  toPhoto: Affine;
}
