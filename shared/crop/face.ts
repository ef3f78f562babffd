// Cuts the aligned square of a face out of a photo.

import { expected } from '../errors.js';
import { parseOptions } from '../options.js';
import type { Affine, Point } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import { type Edge, type Rect, warp } from '../photo/warp.js';
import type { Crop } from './crop.js';
import { planMargin, softenMargin } from './margin.js';
import { alignmentSquare, type Square } from './square.js';

export interface CropOptions {
  /** How much around the face the square takes in, 0.5 to 4; 1 is the tight FFHQ crop, the demos take 1.3 (default). */
  expand?: number;
  /** Side of the crop in pixels, 64 to 4096; default 512. */
  sizePx?: number;
  /** Fill what lies beyond the photo by soft reflection (default) instead of black. */
  pad?: boolean;
}

/**
 * Cuts the classic FFHQ square around 68 landmarks (photo pixels, iBUG order): eyes level, upright, `sizePx` wide.
 * @throws `options` where an option is out of its range, or the landmarks are not 68 points or lie in one spot
 */
export function cropFace(photo: Photo, landmarks: readonly Point[], options: CropOptions = {}): Crop {
  const { expand, size: sizePx, pad } = parseOptions(settings(options));
  if (landmarks.length !== 68) throw expected('68 points', 'landmarks', landmarks.length);
  const square = alignmentSquare(landmarks, expand);
  if (!(square.sidePx > 0))
    throw expected('a face with some extent', 'landmarks', 'points that lie in one spot');
  const toPhoto = mapOf(square, sizePx);
  const size = { width: sizePx, height: sizePx };
  const margin = pad ? planMargin(photo, square) : undefined;
  if (!margin)
    return { kind: 'face', pixels: warp(photo, toPhoto, { ...size, edge: wholePhoto(photo, pad) }), toPhoto };
  const pixels = warp(photo, toPhoto, { ...size, edge: { mode: 'reflect', rect: margin.region } });
  softenMargin(photo, pixels, toPhoto, square, margin);
  return { kind: 'face', pixels, toPhoto };
}

const settings = ({ expand, sizePx, pad }: CropOptions) => ({ expand, size: sizePx, pad });

/** Crop pixel (u, v) to photo pixel: corner + (u + 1/2) / size along the top side + the same down the left side. */
function mapOf({ centre: [cx, cy], half: [x, y] }: Square, sizePx: number): Affine {
  const step = 2 / sizePx;
  const [a, b, d, e] = [x * step, -y * step, y * step, x * step];
  return [a, b, cx - x + y + (a + b) / 2, d, e, cy - y - x + (d + e) / 2];
}

function wholePhoto({ width, height }: Photo, pad: boolean): Edge {
  const rect: Rect = { left: 0, top: 0, right: width, bottom: height };
  return { mode: pad ? 'clamp' : 'black', rect };
}
