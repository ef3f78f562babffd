// Masks: how much of each pixel is drawn anew.

import { PIXELS_A_LATENT } from '../../generators/diffusion/vae.js';
import type { Photo } from '../../photo/photo.js';
import { type Tensor, tensor } from '../../tensor.js';

/** `[1,1,H,W]` from 0, black or transparent, to 1, white. */
export function levelsOf({ data, alpha, width, height }: Photo): Tensor {
  const levels = new Float32Array(width * height).map((_, at) => {
    const light = (data[3 * at] + data[3 * at + 1] + data[3 * at + 2]) / (3 * 255);
    return light * ((alpha?.[at] ?? 255) / 255);
  });
  return tensor([1, 1, height, width], levels);
}

/**
 * 1 for all of a latent's pixels where one of them is rather white than black: what is white must be drawn, to its last
 * pixel.
 */
export function wholeBlocks({ dims, data }: Tensor): Tensor {
  const [, , height, width] = dims;
  const block = (at: number) => Math.trunc(at / PIXELS_A_LATENT);
  const across = block(width);
  const isDrawn = new Uint8Array(across * block(height));
  const blockOf = (at: number) => block(Math.trunc(at / width)) * across + block(at % width);
  for (let at = 0; at < data.length; at++) if (data[at] >= 0.5) isDrawn[blockOf(at)] = 1;
  return tensor(
    dims,
    data.map((_, at) => isDrawn[blockOf(at)]),
  );
}

/** The drawing where the mask is white, the photo where it is black, and a mix between. */
export const blended = (photo: Tensor, drawn: Tensor, mask: Tensor): Tensor =>
  tensor(
    drawn.dims,
    drawn.data.map((value, at) => {
      const share = mask.data[at % mask.data.length];
      return value * share + photo.data[at] * (1 - share);
    }),
  );
