// How each detector wants its pixels and what its output tensors mean: one row per detector network.

import type { DetectorEntry } from '../models/entry.js';
import { planeSize, type Tensor } from '../tensor.js';
import type { Box } from './face.js';

/** A box in pixels of the detector's input. */
interface Hit {
  box: Box;
  score: number;
}

export interface Decoder {
  /** Name of the input tensor. */
  input: string;
  channels: 'rgb' | 'bgr';
  /** Input sides are padded to a multiple of this. */
  multipleOf: number;
  /** Long side at which the photo is looked at. */
  longSidePx: number;
  /** Lowest score that counts when the caller names none. */
  minScore: number;
  /** A score that only upright faces reach. */
  certainScore: number;
  /**
   * The detector's box to the box around the 68 landmarks (brows to chin), so that every detector means the same by a
   * face: factor on the sides, shift of the centre in units of the detector's mean side. Measured on annotated photos.
   */
  toLandmarkBox: { scale: number; shift: readonly [number, number] };
  /** Overlap above which two boxes are one face. */
  maxOverlap: number;
  decode(outputs: Record<string, Tensor>, input: Tensor, minScore: number): Hit[];
}

export const DECODERS: Record<DetectorEntry['decoder'], Decoder> = {
  'tiny-yolo': {
    input: 'pixels',
    channels: 'rgb',
    multipleOf: 32,
    longSidePx: 640,
    minScore: 0.45,
    certainScore: 0.9,
    toLandmarkBox: { scale: 0.743, shift: [0.016, -0.09] },
    maxOverlap: 0.4,
    decode: decodeTinyYolo,
  },
  yunet: {
    input: 'input',
    channels: 'bgr',
    multipleOf: 32,
    longSidePx: 640,
    minScore: 0.6,
    certainScore: 0.91,
    toLandmarkBox: { scale: 0.881, shift: [0, 0.06] },
    maxOverlap: 0.3,
    decode: decodeYunet,
  },
};

/** Anchor sides in cells (face-api.js, TinyFaceDetector). */
const ANCHORS = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
] as const;

/** YOLOv2 boxes (Redmon and Farhadi 2017, section 2): centre by sigmoid within the cell, sides by exp over the anchor. */
function decodeTinyYolo({ cells }: Record<string, Tensor>, input: Tensor, minScore: number): Hit[] {
  const [, , rows, columns] = cells.dims;
  const { height, width } = planeSize(input);
  const [cellX, cellY] = [width / columns, height / rows];
  const hits: Hit[] = [];
  for (const [anchor, [anchorX, anchorY]] of ANCHORS.entries()) {
    for (let cell = 0; cell < rows * columns; cell++) {
      const logit = (field: number) => cells.data[(anchor * 5 + field) * rows * columns + cell];
      const score = sigmoid(logit(4));
      if (score < minScore) continue;
      const centreX = ((cell % columns) + sigmoid(logit(0))) * cellX;
      const centreY = (Math.trunc(cell / columns) + sigmoid(logit(1))) * cellY;
      const box = centredBox(
        centreX,
        centreY,
        Math.exp(logit(2)) * anchorX * cellX,
        Math.exp(logit(3)) * anchorY * cellY,
      );
      hits.push({ box, score });
    }
  }
  return hits;
}

const STRIDES_PX = [8, 16, 32] as const;

/** YuNet (Wu, Peng and Yu 2023): anchor-free, per stride a class score, an objectness and a box relative to its cell. */
function decodeYunet(outputs: Record<string, Tensor>, input: Tensor, minScore: number): Hit[] {
  const { width } = planeSize(input);
  return STRIDES_PX.flatMap((stride) => {
    const columns = width / stride;
    const [cls, obj, bbox] = ['cls', 'obj', 'bbox'].map((name) => outputs[`${name}_${stride}`].data);
    const hits: Hit[] = [];
    for (let cell = 0; cell < cls.length; cell++) {
      const score = Math.sqrt(clip(cls[cell]) * clip(obj[cell]));
      if (score < minScore) continue;
      const [dx, dy, logWidth, logHeight] = bbox.subarray(cell * 4, cell * 4 + 4);
      const centreX = ((cell % columns) + dx) * stride;
      const centreY = (Math.trunc(cell / columns) + dy) * stride;
      hits.push({
        box: centredBox(centreX, centreY, Math.exp(logWidth) * stride, Math.exp(logHeight) * stride),
        score,
      });
    }
    return hits;
  });
}

function centredBox(x: number, y: number, width: number, height: number): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const clip = (x: number): number => Math.min(Math.max(x, 0), 1);
