// What the aligned square shows beyond the photo: reflection that softens outwards into a blur and a median colour.

import type { Affine } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import { type Edge, type Rect, warp } from '../photo/warp.js';
import { planeSize, type Tensor } from '../tensor.js';
import { bilinear, gaussianBlur, mix } from './blur.js';
import { cornersOf, type Square } from './square.js';

/** The part of the photo around the square, and how far it is padded on each side. */
interface Margin {
  /** The square's bounding box and a border, inside the photo. */
  region: Rect;
  pad: Rect;
}

/** Plans the padding, or returns undefined where the square (with its border) stays inside the photo. */
export function planMargin(photo: Photo, square: Square): Margin | undefined {
  const box = boundsOf(square);
  const border = Math.max(Math.round(square.sidePx * 0.1), 3);
  const need: Rect = {
    left: Math.max(border - box.left, 0),
    top: Math.max(border - box.top, 0),
    right: Math.max(box.right - photo.width + border, 0),
    bottom: Math.max(box.bottom - photo.height + border, 0),
  };
  if (Math.max(need.left, need.top, need.right, need.bottom) <= border - 4) return undefined;
  const least = Math.round(square.sidePx * 0.3);
  return {
    region: insidePhoto(photo, {
      left: box.left - border,
      top: box.top - border,
      right: box.right + border,
      bottom: box.bottom + border,
    }),
    pad: {
      left: Math.max(need.left, least),
      top: Math.max(need.top, least),
      right: Math.max(need.right, least),
      bottom: Math.max(need.bottom, least),
    },
  };
}

/** The part of a rectangle that the photo covers; of one beyond the photo, the nearest row or column: there is always a pixel. */
function insidePhoto({ width, height }: Photo, rect: Rect): Rect {
  const left = Math.min(Math.max(rect.left, 0), width - 1);
  const top = Math.min(Math.max(rect.top, 0), height - 1);
  return {
    left,
    top,
    right: Math.max(Math.min(rect.right, width), left + 1),
    bottom: Math.max(Math.min(rect.bottom, height), top + 1),
  };
}

/**
 * Blends the margin of warped pixels, in place, towards a Gaussian blur (sigma 0.02 of the square's side) and then
 * towards the median colour, by how far out they lie. Blur and median vary slowly, so they are made at low resolution
 * and looked up through the same map: the classic code blurs the whole padded photo instead.
 */
export function softenMargin(
  photo: Photo,
  pixels: Tensor,
  toPhoto: Affine,
  square: Square,
  margin: Margin,
): void {
  const blurred = blurredMargin(photo, square, margin);
  const [a, b, c, d, e, f] = toPhoto;
  const { height, width } = planeSize(pixels);
  for (let v = 0, at = 0; v < height; v++) {
    for (let u = 0; u < width; u++, at++) {
      const x = a * u + b * v + c;
      const y = d * u + e * v + f;
      const out = outness(x, y, margin);
      if (out > -1 / 3) soften(pixels, at, blurred.at(x, y), blurred.median, out);
    }
  }
}

function soften(
  { dims, data }: Tensor,
  at: number,
  blur: Float64Array,
  median: readonly number[],
  out: number,
): void {
  const plane = dims[2] * dims[3];
  for (let channel = 0; channel < 3; channel++) {
    const index = channel * plane + at;
    data[index] = mix(mix(data[index], blur[channel], clip(3 * out + 1)), median[channel], clip(out));
  }
}

interface BlurredMargin {
  /** The blurred colour at a photo pixel, -1..1; one buffer, overwritten by the next call. */
  at(x: number, y: number): Float64Array;
  median: number[];
}

function blurredMargin(photo: Photo, square: Square, margin: Margin): BlurredMargin {
  const { region, pad } = margin;
  const sigmaPx = 0.02 * square.sidePx;
  const step = Math.max(1, sigmaPx / 1.5);
  const left = region.left - pad.left;
  const top = region.top - pad.top;
  const width = Math.ceil((region.right + pad.right - left) / step);
  const height = Math.ceil((region.bottom + pad.bottom - top) / step);
  const toPhoto: Affine = [step, 0, left + (step - 1) / 2, 0, step, top + (step - 1) / 2];
  const edge: Edge = { mode: 'reflect', rect: region };
  const small = warp(photo, toPhoto, { width, height, edge, samples: 2 });
  const blur = gaussianBlur(small, sigmaPx / step);
  const colour = new Float64Array(3);
  const outnessAt = (u: number, v: number) =>
    outness(left + (u + 0.5) * step, top + (v + 0.5) * step, margin);
  return {
    at: (x, y) => bilinear(blur, (x - left + 0.5) / step - 0.5, (y - top + 0.5) / step - 0.5, colour),
    median: [0, 1, 2].map((channel) => medianOf(small, blur, outnessAt, channel)),
  };
}

/** 0 at the photo's region, 1 at the outer end of the padding, down to -1/3 where softening begins. */
function outness(x: number, y: number, { region, pad }: Margin): number {
  const fromLeft = (x - region.left + pad.left) / pad.left;
  const fromRight = (region.right + pad.right - 1 - x) / pad.right;
  const fromTop = (y - region.top + pad.top) / pad.top;
  const fromBottom = (region.bottom + pad.bottom - 1 - y) / pad.bottom;
  return 1 - Math.min(fromLeft, fromRight, fromTop, fromBottom);
}

/** Median colour of the padded region after its margin was blurred; every second pixel each way is plenty. */
function medianOf(
  small: Tensor,
  blur: Tensor,
  outnessAt: (u: number, v: number) => number,
  channel: number,
): number {
  const { height, width } = planeSize(small);
  const values = new Float32Array(Math.ceil(width / 2) * Math.ceil(height / 2));
  for (let v = 0, at = 0; v < height; v += 2)
    for (let u = 0; u < width; u += 2, at++) {
      const index = (channel * height + v) * width + u;
      values[at] = mix(small.data[index], blur.data[index], clip(3 * outnessAt(u, v) + 1));
    }
  values.sort();
  return values[values.length >> 1];
}

function boundsOf(square: Square): Rect {
  const corners = cornersOf(square);
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    left: Math.floor(Math.min(...xs)),
    top: Math.floor(Math.min(...ys)),
    right: Math.ceil(Math.max(...xs)),
    bottom: Math.ceil(Math.max(...ys)),
  };
}

const clip = (value: number): number => Math.min(Math.max(value, 0), 1);
