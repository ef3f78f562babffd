// Warps drawn faces back into the photo: soft ovals, colour matched at the rim, neighbours sharing their overlap.

import type { Crop } from '../crop/crop.js';
import { type Affine, compose, invert, mapPoint, scaleOf } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import type { Rect } from '../photo/warp.js';
import { planeSize, type Tensor } from '../tensor.js';
import { ovalWeight, toOval } from './oval.js';
import { toByte } from './raster.js';
import { matchRim, OVAL_TO_MAP } from './rim.js';
import { photoSampler, planeSampler, type Sampler } from './sampler.js';

/** A face that was cut out and drawn: `pixels` has the geometry of `crop.pixels`. */
export interface DrawnFace {
  crop: Crop;
  pixels: Tensor;
}

export interface BlendOptions {
  /** 0 is the photo, 1 (default) the drawing. */
  strength?: number;
}

/**
 * A copy of `photo` with the drawn faces in it. `photo` may be the original or a drawing of it (another style for the
 * background); colours are matched to what it shows.
 */
export function blendFaces(
  photo: Photo,
  faces: readonly DrawnFace[],
  { strength = 1 }: BlendOptions = {},
): Photo {
  const result: Photo = { ...photo, data: Uint8Array.from(photo.data) };
  const ovals = faces.map(({ crop }) => compose(toOval(sideOf(crop)), invert(crop.toPhoto)));
  for (const [index, face] of faces.entries()) {
    const others = ovals.filter((_, other) => other !== index);
    blendInto(result, photo, layerOf(photo, face, ovals[index], others, strength));
  }
  return result;
}

/** `blendFaces` for a single crop. */
export function blendCrop(photo: Photo, crop: Crop, pixels: Tensor, options: BlendOptions = {}): Photo {
  return blendFaces(photo, [{ crop, pixels }], options);
}

/** One face ready for the blending loop; every map starts at photo pixels. */
interface Layer {
  reach: Rect;
  toOval: Affine;
  toCrop: Affine;
  /** What the oval shows, by crop pixel. */
  drawing: Sampler;
  /** What is added to it, by pixel of the match. */
  match: Sampler;
  /** How much of it shows at a place in the oval, by photo pixel. */
  weightAt: (radius: number, x: number, y: number) => number;
}

function layerOf(
  photo: Photo,
  { crop, pixels }: DrawnFace,
  oval: Affine,
  others: readonly Affine[],
  strength: number,
): Layer {
  const drawing = planeSampler(pixels, 1 / scaleOf(crop.toPhoto));
  const match = matchRim(photoSampler(photo, crop.toPhoto), drawing, toOval(sideOf(crop)));
  return {
    reach: reachOf(crop, photo),
    toOval: oval,
    toCrop: invert(crop.toPhoto),
    drawing,
    match: planeSampler(match, 1),
    weightAt: (radius, x, y) => strength * ovalWeight(radius) * shareOf(radius, x, y, others),
  };
}

// Adds to the result what the face changes of the photo, so that neighbours can do the same to the same pixel.
function blendInto(result: Photo, photo: Photo, layer: Layer): void {
  const { reach, toOval: oval, toCrop, drawing, match, weightAt } = layer;
  for (let y = reach.top; y < reach.bottom; y++) {
    for (let x = reach.left; x < reach.right; x++) {
      const ox = oval[0] * x + oval[1] * y + oval[2];
      const oy = oval[3] * x + oval[4] * y + oval[5];
      const square = ox * ox + oy * oy;
      if (square >= 1) continue;
      const weight = weightAt(Math.sqrt(square), x, y);
      const drawn = drawing(
        toCrop[0] * x + toCrop[1] * y + toCrop[2],
        toCrop[3] * x + toCrop[4] * y + toCrop[5],
      );
      const added = match(OVAL_TO_MAP[0] * ox + OVAL_TO_MAP[2], OVAL_TO_MAP[4] * oy + OVAL_TO_MAP[5]);
      const at = (y * photo.width + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const before = photo.data[at + channel];
        const change = toByte(drawn[channel] + added[channel]) - before;
        result.data[at + channel] = clipByte(result.data[at + channel] + weight * change);
      }
    }
  }
}

/** Where ovals overlap, a pixel belongs to the face whose centre is nearer in its own measure, with a soft border. */
function shareOf(radius: number, x: number, y: number, others: readonly Affine[]): number {
  if (others.length === 0) return 1;
  const own = closeness(radius);
  let all = own;
  for (const [a, b, c, d, e, f] of others) all += closeness(Math.hypot(a * x + b * y + c, d * x + e * y + f));
  return all === 0 ? 0 : own / all;
}

const closeness = (radius: number): number => (radius >= 1 ? 0 : (1 - radius) ** 4);

const sideOf = ({ pixels }: Crop): number => planeSize(pixels).width;

/** The photo pixels that the crop's square covers. */
function reachOf({ pixels, toPhoto }: Crop, photo: Photo): Rect {
  const { height, width } = planeSize(pixels);
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].map(([u, v]) => mapPoint(toPhoto, [u, v]));
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    left: Math.max(0, Math.floor(Math.min(...xs))),
    top: Math.max(0, Math.floor(Math.min(...ys))),
    right: Math.min(photo.width, Math.ceil(Math.max(...xs)) + 1),
    bottom: Math.min(photo.height, Math.ceil(Math.max(...ys)) + 1),
  };
}

const clipByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value));
