// Puts a drawing of the whole photo back at the photo's size.

import type { Crop } from '../crop/crop.js';
import type { Photo } from '../photo/photo.js';
import { resizePhoto } from '../photo/resize.js';
import type { Tensor } from '../tensor.js';
import { enlargeTo } from './enlarge.js';
import { mixPhotos, toPhoto } from './raster.js';

/** The photo drawn: `pixels` enlarged to the photo's size, its transparency put back, mixed by `strength` (0..1). */
export async function blendWhole(photo: Photo, pixels: Tensor, strength: number): Promise<Photo> {
  const drawn = await enlargeTo(pixels, photo);
  return { ...photo, data: mixPhotos(photo, drawn, strength).data };
}

/** The same for a drawing that is a photo already. */
export async function blendDrawn(photo: Photo, drawn: Photo, strength: number): Promise<Photo> {
  return { ...photo, data: mixPhotos(photo, await resizePhoto(drawn, photo), strength).data };
}

/** The drawing of a crop as a picture of its own, mixed by `strength` (0..1) with what the crop showed. */
export function blendPortrait(photo: Photo, crop: Crop, pixels: Tensor, strength: number): Photo {
  return mixPhotos(toPhoto(crop.pixels, photo), toPhoto(pixels, photo), strength);
}
