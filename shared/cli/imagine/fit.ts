// A picture cut to the size that is drawn, its proportions kept.

import type { Photo } from '../../photo/photo.js';
import { resizePhoto } from '../../photo/resize.js';

export interface Size {
  width: number;
  height: number;
}

/** `layer`, which lies over all of `photo`, scaled as the photo is to cover `size`; of what is beyond, both ends go. */
export async function fitted(layer: Photo, photo: Size, size: Size): Promise<Photo> {
  const scale = Math.max(size.width / photo.width, size.height / photo.height);
  const covering = {
    width: Math.max(size.width, Math.round(photo.width * scale)),
    height: Math.max(size.height, Math.round(photo.height * scale)),
  };
  return middleOf(await resizePhoto(layer, covering), size);
}

function middleOf({ data, alpha, ...photo }: Photo, { width, height }: Size): Photo {
  const [left, top] = [(photo.width - width) >> 1, (photo.height - height) >> 1];
  const cut = (plane: Uint8Array, channels: number) => {
    const out = new Uint8Array(width * height * channels);
    for (let y = 0; y < height; y++) {
      const from = ((top + y) * photo.width + left) * channels;
      out.set(plane.subarray(from, from + width * channels), y * width * channels);
    }
    return out;
  };
  return { ...photo, width, height, data: cut(data, 3), ...(alpha && { alpha: cut(alpha, 1) }) };
}
