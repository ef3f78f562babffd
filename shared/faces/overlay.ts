// Draws the 68 landmarks over a photo: soft lines per part, round markers on the points.

import type { Point } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import { PARTS, type Part } from './scheme.js';

type Colour = Part['colour'];

/** A copy of the photo with the landmarks drawn in; line width follows the size of the face. */
export function drawLandmarks(photo: Photo, faces: readonly { landmarks: readonly Point[] }[]): Photo {
  const canvas: Photo = { ...photo, data: Uint8Array.from(photo.data) };
  for (const { landmarks } of faces) drawFace(canvas, landmarks);
  return canvas;
}

function drawFace(canvas: Photo, landmarks: readonly Point[]): void {
  const [jawLeft, jawRight] = [landmarks[0], landmarks[16]];
  const radius = Math.max(0.75, Math.hypot(jawRight[0] - jawLeft[0], jawRight[1] - jawLeft[1]) / 160);
  for (const { first, last, closed, colour } of PARTS) {
    const points = landmarks.slice(first, last + 1);
    const line = closed ? [...points, points[0]] : points;
    for (let i = 1; i < line.length; i++) drawCapsule(canvas, [line[i - 1], line[i]], radius, colour);
    for (const point of points) drawCapsule(canvas, [point, point], 2 * radius, colour);
  }
}

/** Fills everything within `radius` of a line from a to b, with an edge one pixel soft. */
function drawCapsule(canvas: Photo, [a, b]: [Point, Point], radius: number, colour: Colour): void {
  const reach = radius + 1;
  const left = Math.max(0, Math.floor(Math.min(a[0], b[0]) - reach));
  const right = Math.min(canvas.width - 1, Math.ceil(Math.max(a[0], b[0]) + reach));
  const top = Math.max(0, Math.floor(Math.min(a[1], b[1]) - reach));
  const bottom = Math.min(canvas.height - 1, Math.ceil(Math.max(a[1], b[1]) + reach));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const coverage = Math.min(Math.max(radius + 0.5 - distance([x, y], a, b), 0), 1);
      if (coverage > 0) paint(canvas, (y * canvas.width + x) * 3, colour, coverage);
    }
  }
}

function paint({ data }: Photo, at: number, colour: Colour, coverage: number): void {
  for (let channel = 0; channel < 3; channel++) {
    data[at + channel] += Math.round((colour[channel] - data[at + channel]) * coverage);
  }
}

/** Distance from a point to the line segment a-b. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const along = length2 === 0 ? 0 : Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / length2, 0), 1);
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
