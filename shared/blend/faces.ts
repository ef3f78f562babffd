// Warps drawn faces back into the photo: soft ovals, colour matched at the rim, neighbours sharing their overlap.

import type { Crop } from '../crop/crop.js';
import { type Affine, compose, invert, mapPoint, rescale, scaleOf } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import type { Rect } from '../photo/warp.js';
import { planeSize, type Tensor, tensor } from '../tensor.js';
import { OVAL_WEIGHTS, toOval } from './oval.js';
import { matchRim, OVAL_TO_MAP } from './rim.js';
import { photoSampler, planeSampler } from './sampler.js';

/** A face that was cut out and drawn: `pixels` has the geometry of `crop.pixels`. */
export interface DrawnFace {
  crop: Crop;
  pixels: Tensor;
}

/**
 * A copy of `photo` with the drawn faces in it. `photo` may be the original or a drawing of it (another style for the
 * background); colours are matched to what it shows.
 */
export function blendFaces(photo: Photo, faces: readonly DrawnFace[], strength = 1): Photo {
  const result: Photo = { ...photo, data: Uint8Array.from(photo.data) };
  const layers = faces.map((face) => layerOf(photo, face));
  for (const layer of layers) {
    const neighbours = layers.filter((other) => other !== layer && meets(layer.reach, other.reach));
    blendInto(result, photo, layer, { strength, neighbours });
  }
  return result;
}

/** One face ready for the blending loop; the maps start at photo pixels. */
interface Layer {
  /** The photo pixels that it can change. */
  reach: Rect;
  toOval: Affine;
  toDrawing: Affine;
  /** The drawing with the match added, 0..255, not finer than the photo. */
  drawing: Tensor;
}

function layerOf(photo: Photo, { crop, pixels }: DrawnFace): Layer {
  const side = planeSize(crop.pixels).width;
  const toCrop = invert(crop.toPhoto);
  const factor = Math.max(1, Math.round(1 / scaleOf(crop.toPhoto)));
  const reduced = reduce(pixels, factor);
  const cropToReduced = rescale(
    { width: side, height: side },
    { width: side / factor, height: side / factor },
  );
  const reducedToCrop = invert(cropToReduced);
  const reducedToOval = compose(toOval(side), reducedToCrop);
  const shown = photoSampler(photo, compose(crop.toPhoto, reducedToCrop));
  const match = matchRim(shown, planeSampler(reduced), reducedToOval);
  return {
    reach: reachOf(crop, photo),
    toOval: compose(toOval(side), toCrop),
    toDrawing: compose(cropToReduced, toCrop),
    drawing: addedLevels(reduced, match, compose(OVAL_TO_MAP, reducedToOval)),
  };
}

/** The mean of blocks of `factor` x `factor` pixels: a drawing finer than its place on the photo would alias there. */
function reduce(pixels: Tensor, factor: number): Tensor {
  if (factor === 1) return pixels;
  const { height, width } = planeSize(pixels);
  const small = tensor([1, 3, Math.floor(height / factor), Math.floor(width / factor)]);
  const [, , rows, columns] = small.dims;
  for (let channel = 0, to = 0; channel < 3; channel++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++, to++) {
        let sum = 0;
        for (let j = 0; j < factor; j++) {
          const from = (channel * height + y * factor + j) * width + x * factor;
          for (let i = 0; i < factor; i++) sum += pixels.data[from + i];
        }
        small.data[to] = sum / (factor * factor);
      }
  return small;
}

/** Adds a slowly varying square map, read through `toMap` (no rotation), to planar pixels; the sum as levels 0..255. */
function addedLevels(pixels: Tensor, map: Tensor, toMap: Affine): Tensor {
  const { height, width } = planeSize(pixels);
  const { width: side } = planeSize(map);
  const sum = tensor(pixels.dims);
  const columns = placesOn(side, width, toMap[0], toMap[2]);
  const rows = placesOn(side, height, toMap[4], toMap[5]);
  for (let channel = 0, at = 0; channel < 3; channel++) {
    for (let y = 0; y < height; y++) {
      const row = (channel * side + rows.first[y]) * side;
      const down = rows.share[y];
      for (let x = 0; x < width; x++, at++) {
        const from = row + columns.first[x];
        const upper = map.data[from] + (map.data[from + 1] - map.data[from]) * columns.share[x];
        const below = from + side;
        const lower = map.data[below] + (map.data[below + 1] - map.data[below]) * columns.share[x];
        sum.data[at] = bounded((pixels.data[at] + upper + (lower - upper) * down + 1) * 127.5, 255);
      }
    }
  }
  return sum;
}

/** Where on a line of `side` map pixels each pixel falls: the one before it, and the share of the one after. */
function placesOn(side: number, length: number, step: number, start: number) {
  const places = Float32Array.from({ length }, (_, i) => bounded(step * i + start, side - 1.001));
  const first = Int32Array.from(places, Math.trunc);
  return { first, share: places.map((place, i) => place - first[i]) };
}

/**
 * Adds to `result` what the layer changes of the photo, so that neighbours can do the same to the same pixel. The hot
 * loop of scope faces: the bilinear look-up is written out.
 */
function blendInto(
  result: Photo,
  photo: Photo,
  { reach, toOval: oval, toDrawing: map, drawing }: Layer,
  { strength, neighbours }: { strength: number; neighbours: readonly Layer[] },
): void {
  const { height, width } = planeSize(drawing);
  const { data: levels } = drawing;
  const out = new Uint8ClampedArray(result.data.buffer, result.data.byteOffset, result.data.length);
  const steps = OVAL_WEIGHTS.length - 1;
  for (let y = reach.top; y < reach.bottom; y++) {
    const [from, to] = rowIn(oval, y, reach);
    for (let x = from; x < to; x++) {
      const ox = oval[0] * x + oval[1] * y + oval[2];
      const oy = oval[3] * x + oval[4] * y + oval[5];
      const square = ox * ox + oy * oy;
      if (square >= 1) continue;
      const share = neighbours.length > 0 ? shareOf(square, x, y, neighbours) : 1;
      const weight = strength * share * OVAL_WEIGHTS[(square * steps) | 0];
      const u = bounded(map[0] * x + map[1] * y + map[2], width - 1.001);
      const v = bounded(map[3] * x + map[4] * y + map[5], height - 1.001);
      const fx = u - (u | 0);
      const fy = v - (v | 0);
      let corner = (v | 0) * width + (u | 0);
      const at = (y * photo.width + x) * 3;
      for (let channel = at; channel < at + 3; channel++, corner += width * height) {
        const upper = levels[corner] + (levels[corner + 1] - levels[corner]) * fx;
        const lower = levels[corner + width] + (levels[corner + width + 1] - levels[corner + width]) * fx;
        out[channel] += weight * (upper + (lower - upper) * fy - photo.data[channel]);
      }
    }
  }
}

/** First and last (exclusive) photo column that the oval can cover in a row: |o(x)|^2 < 1 is a quadratic in x. */
function rowIn([a, b, c, d, e, f]: Affine, y: number, { left, right }: Rect): readonly [number, number] {
  const px = b * y + c;
  const py = e * y + f;
  const [p, q, r] = [a * a + d * d, a * px + d * py, px * px + py * py - 1];
  const root = Math.sqrt(q * q - p * r);
  if (Number.isNaN(root)) return [0, 0];
  return [Math.max(left, Math.ceil((-q - root) / p)), Math.min(right, Math.floor((-q + root) / p) + 1)];
}

const bounded = (value: number, most: number): number => (value < 0 ? 0 : value > most ? most : value);

/** Where ovals overlap, a pixel belongs to the face whose centre is nearer in its own measure, with a soft border. */
function shareOf(square: number, x: number, y: number, neighbours: readonly Layer[]): number {
  const own = closeness(square);
  let all = own;
  for (const { toOval: oval } of neighbours) {
    const ox = oval[0] * x + oval[1] * y + oval[2];
    const oy = oval[3] * x + oval[4] * y + oval[5];
    all += closeness(ox * ox + oy * oy);
  }
  return all === 0 ? 0 : own / all;
}

// Multiplied out: the power operator costs ten times as much here.
function closeness(square: number): number {
  if (square >= 1) return 0;
  const inward = 1 - Math.sqrt(square);
  return inward * inward * inward * inward;
}

const meets = (a: Rect, b: Rect): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

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
