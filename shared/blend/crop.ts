// Puts the drawing of any crop back into its photo.

import type { Crop } from '../crop/crop.js';
import { expected } from '../errors.js';
import { parseOptions } from '../options.js';
import type { Photo } from '../photo/photo.js';
import type { Tensor } from '../tensor.js';
import { blendFaces } from './faces.js';
import { blendWhole } from './whole.js';

export interface BlendOptions {
  /** 0 is the photo, 1 (default) the drawing. */
  strength?: number;
}

/**
 * A copy of `photo` with the drawing `pixels` (planar RGB in -1..1, the geometry of `crop.pixels`) in the crop's place.
 * A face comes back through a soft oval, its colours matched to the photo around it; the whole photo is replaced.
 * @throws `options` where the strength is not within 0..1, or the drawing has another shape than the crop
 */
export async function blendCrop(
  photo: Photo,
  crop: Crop,
  pixels: Tensor,
  options: BlendOptions = {},
): Promise<Photo> {
  const { strength } = parseOptions(options);
  const shape = crop.pixels.dims.join('x');
  if (pixels.dims.join('x') !== shape)
    throw expected(`a drawing of shape ${shape}`, 'pixels', pixels.dims.join('x'));
  if (crop.kind === 'whole') return blendWhole(photo, pixels, strength);
  return blendFaces(photo, [{ crop, pixels }], strength);
}
