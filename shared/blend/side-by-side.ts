// The original to the left of the drawing.

import type { Photo } from '../photo/photo.js';
import { resizePhoto } from '../photo/resize.js';

/** Both pictures in one, equally high; the original is scaled to the drawing's height where they differ. */
export async function sideBySide(original: Photo, drawn: Photo): Promise<Photo> {
  const width = Math.max(1, Math.round((original.width * drawn.height) / original.height));
  const left = await resizePhoto(original, { width, height: drawn.height });
  const data = joinRows(left, drawn, 3, (photo) => photo.data);
  if (!left.alpha && !drawn.alpha)
    return { ...drawn, data, width: left.width + drawn.width, alpha: undefined };
  const alpha = joinRows(left, drawn, 1, opaqueWhereNone);
  return { ...drawn, data, alpha, width: left.width + drawn.width };
}

function joinRows(
  left: Photo,
  right: Photo,
  channels: number,
  plane: (photo: Photo) => Uint8Array,
): Uint8Array {
  const [from, to] = [plane(left), plane(right)];
  const [leftRow, rightRow] = [left.width * channels, right.width * channels];
  const joined = new Uint8Array((leftRow + rightRow) * right.height);
  for (let y = 0; y < right.height; y++) {
    joined.set(from.subarray(y * leftRow, (y + 1) * leftRow), y * (leftRow + rightRow));
    joined.set(to.subarray(y * rightRow, (y + 1) * rightRow), y * (leftRow + rightRow) + leftRow);
  }
  return joined;
}

const opaqueWhereNone = ({ alpha, width, height }: Photo): Uint8Array =>
  alpha ?? new Uint8Array(width * height).fill(255);
