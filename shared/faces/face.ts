// What the station hands on: faces with boxes and landmarks in photo pixels.

import type { Point } from '../photo/affine.js';

/** Upright rectangle in photo pixels; may reach over the photo's border. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A face before its landmarks are known. */
export interface Detection {
  box: Box;
  /** 0..1, the detector's own confidence. */
  score: number;
  /** How far the face is turned clockwise, in quarter turns of the photo. */
  angleRad: number;
}

/** A face with its 68 iBUG landmarks in pixel indices (x right, y down, the first pixel's centre is 0, 0). */
export interface Face {
  box: Box;
  score: number;
  landmarks: Point[];
  /** Which of the faces that are followed through a film it is; absent in photos. */
  track?: number;
}

/** Area of the intersection over area of the union. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** The smallest box around points. */
export function boxAround(points: readonly Point[]): Box {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Keeps the best of boxes that overlap by more than `most` (non-maximum suppression); best score first. */
export function withoutDoubles<Item extends { box: Box; score: number }>(
  items: readonly Item[],
  most: number,
): Item[] {
  const kept: Item[] = [];
  for (const item of [...items].sort((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => overlap(box, item.box) <= most)) kept.push(item);
  }
  return kept;
}
