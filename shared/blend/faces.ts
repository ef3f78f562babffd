// Warps drawn faces back into the photo: soft ovals, colour matched at the rim, neighbours sharing their overlap.

import type { Crop } from '../crop/crop.js';
import { type Affine, invert, mapPoint, type Point, scaleOf } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import type { Rect } from '../photo/warp.js';
import { planeSize, type Tensor } from '../tensor.js';
import { type Oval, ovalWeight, polarInOval } from './oval.js';
import { toByte } from './raster.js';
import { matchRim, type RimMatch, type Sampler } from './rim.js';

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
  const ovals = faces.map(({ crop }) => ({
    toCrop: invert(crop.toPhoto),
    sidePx: planeSize(crop.pixels).width,
  }));
  for (const [index, face] of faces.entries()) {
    const others = ovals.filter((_, other) => other !== index);
    blendInto(result, photo, { face, oval: ovals[index], others, strength });
  }
  return result;
}

/** `blendFaces` for a single crop. */
export function blendCrop(photo: Photo, crop: Crop, pixels: Tensor, options: BlendOptions = {}): Photo {
  return blendFaces(photo, [{ crop, pixels }], options);
}

interface Job {
  face: DrawnFace;
  oval: Oval;
  others: readonly Oval[];
  strength: number;
}

function blendInto(result: Photo, photo: Photo, { face, oval, others, strength }: Job): void {
  const { toPhoto } = face.crop;
  const drawing = drawingSampler(face.pixels, 1 / scaleOf(toPhoto));
  const match = matchRim(photoSampler(photo, toPhoto), drawing, oval.sidePx);
  const { left, top, right, bottom } = reachOf(face.crop, photo);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [u, v] = mapPoint(oval.toCrop, [x, y]);
      const { radius, angleRad } = polarInOval(u, v, oval.sidePx);
      const weight = strength * ovalWeight(radius) * shareOf(radius, [x, y], others);
      if (weight > 0) paint(result, photo, { x, y, u, v, radius, angleRad, weight }, drawing, match);
    }
  }
}

interface Spot {
  x: number;
  y: number;
  u: number;
  v: number;
  radius: number;
  angleRad: number;
  weight: number;
}

// Adds to the result what this face changes of the photo, so that neighbours can do the same to the same pixel.
function paint(result: Photo, photo: Photo, spot: Spot, drawing: Sampler, match: RimMatch): void {
  const at = (spot.y * photo.width + spot.x) * 3;
  for (let channel = 0; channel < 3; channel++) {
    const before = photo.data[at + channel] / 127.5 - 1;
    const drawn = drawing(spot.u, spot.v, channel) + match(spot.radius, spot.angleRad, channel);
    const now = result.data[at + channel] / 127.5 - 1;
    result.data[at + channel] = toByte(now + spot.weight * (clip(drawn) - before));
  }
}

/** Where ovals overlap, a pixel belongs to the face whose centre is nearer in its own measure, with a soft border. */
function shareOf(radius: number, point: Point, others: readonly Oval[]): number {
  const own = closeness(radius);
  let all = own;
  for (const { toCrop, sidePx } of others) {
    const [u, v] = mapPoint(toCrop, point);
    all += closeness(polarInOval(u, v, sidePx).radius);
  }
  return all === 0 ? 0 : own / all;
}

const closeness = (radius: number): number => (radius >= 1 ? 0 : (1 - radius) ** 4);

/** Reads the drawing; where it is larger than its place on the photo, the mean of a grid of samples. */
function drawingSampler({ dims: [, , height, width], data }: Tensor, pixelsPerPhotoPixel: number): Sampler {
  const grid = Math.min(4, Math.max(1, Math.round(pixelsPerPhotoPixel)));
  const step = pixelsPerPhotoPixel / grid;
  return (u, v, channel) => {
    let sum = 0;
    for (let j = 0; j < grid; j++) {
      const y = Math.min(Math.max(v + (j - (grid - 1) / 2) * step, 0), height - 1.001);
      const row = (channel * height + (y | 0)) * width;
      const fy = y - (y | 0);
      for (let i = 0; i < grid; i++) {
        const x = Math.min(Math.max(u + (i - (grid - 1) / 2) * step, 0), width - 1.001);
        const at = row + (x | 0);
        const fx = x - (x | 0);
        const upper = data[at] + (data[at + 1] - data[at]) * fx;
        const lower = data[at + width] + (data[at + width + 1] - data[at + width]) * fx;
        sum += upper + (lower - upper) * fy;
      }
    }
    return sum / (grid * grid);
  };
}

/** Reads the photo at crop pixels; beyond its border the border pixel. */
function photoSampler({ data, width, height }: Photo, toPhoto: Affine): Sampler {
  return (u, v, channel) => {
    const [x, y] = mapPoint(toPhoto, [u, v]);
    const column = Math.min(Math.max(Math.round(x), 0), width - 1);
    const row = Math.min(Math.max(Math.round(y), 0), height - 1);
    return data[(row * width + column) * 3 + channel] / 127.5 - 1;
  };
}

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

const clip = (value: number): number => Math.min(Math.max(value, -1), 1);
