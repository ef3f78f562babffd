// The classic FFHQ square around a face (Karras et al. 2019, "A Style-Based Generator Architecture", data set preparation).

import type { Point } from '../photo/affine.js';

/** Landmarks 36..41 and 42..47 are the eyes, 48 and 54 the corners of the mouth (iBUG 68-point scheme). */
const EYE_LEFT = [36, 42] as const;
const EYE_RIGHT = [42, 48] as const;
const MOUTH_LEFT = 48;
const MOUTH_RIGHT = 54;

/** An oriented square in photo pixels: its centre and the vector from the centre to the middle of its right side. */
export interface Square {
  centre: Point;
  /** Half the side, pointing to the right of the face; `(-y, x)` of it points down. */
  half: Point;
  sidePx: number;
}

/** The square that the face-portrait demos cut for these 68 landmarks; `expand` scales it about its centre. */
export function alignmentSquare(landmarks: readonly Point[], expand: number): Square {
  const eyeLeft = mean(landmarks.slice(...EYE_LEFT));
  const eyeRight = mean(landmarks.slice(...EYE_RIGHT));
  const eyeAvg = mean([eyeLeft, eyeRight]);
  const eyeToEye = minus(eyeRight, eyeLeft);
  const eyeToMouth = minus(mean([landmarks[MOUTH_LEFT], landmarks[MOUTH_RIGHT]]), eyeAvg);
  const right: Point = [eyeToEye[0] + eyeToMouth[1], eyeToEye[1] - eyeToMouth[0]];
  const lengthPx = Math.max(2 * Math.hypot(...eyeToEye), 1.8 * Math.hypot(...eyeToMouth)) * expand;
  const unit = lengthPx / Math.hypot(...right);
  return {
    centre: [eyeAvg[0] + 0.1 * eyeToMouth[0], eyeAvg[1] + 0.1 * eyeToMouth[1]],
    half: [right[0] * unit, right[1] * unit],
    sidePx: 2 * lengthPx,
  };
}

/** The corners: top left, bottom left, bottom right, top right as the face sees it. */
export function cornersOf({ centre: [cx, cy], half: [x, y] }: Square): Point[] {
  return [
    [cx - x + y, cy - y - x],
    [cx - x - y, cy - y + x],
    [cx + x - y, cy + y + x],
    [cx + x + y, cy + y - x],
  ];
}

function mean(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([x, y], [px, py]) => [x + px, y + py], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

const minus = ([ax, ay]: Point, [bx, by]: Point): Point => [ax - bx, ay - by];
