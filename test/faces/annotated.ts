// Photos with annotated faces (68 points each, beside the mirror), and how found faces are measured against them.

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { boxAround, type Face, overlap } from '../../shared/faces/face.js';
import type { Point } from '../../shared/photo/affine.js';
import { decodePhoto } from '../../shared/photo/decode.js';
import type { Photo } from '../../shared/photo/photo.js';

/** A found face is an annotated one when their landmarks' boxes overlap by at least this. */
const LEAST_OVERLAP = 0.4;
/** Annotated boxes of at least this side count as large, and for the targets. */
export const LARGE_SIDE_PX = 40;

export interface AnnotatedPhoto {
  photo: Photo;
  faces: AnnotatedFace[];
}

export interface AnnotatedFace {
  /** Side of the annotated box. */
  sidePx: number;
  landmarks: Point[];
}

/** Reads the photos and the imglab XML of the folder `dlib` in `photos`. */
export async function readAnnotated(photos: string): Promise<AnnotatedPhoto[]> {
  const folder = join(photos, 'dlib');
  const xml = readFileSync(join(folder, 'landmarks.xml'), 'latin1');
  const images = [...xml.matchAll(/<image file='([^']+)'[\s\S]*?<\/image>/g)];
  return Promise.all(
    images.map(async ([image, file]) => ({
      photo: await decodePhoto(await readFile(join(folder, file))),
      faces: [...image.matchAll(/<box[^>]*width='(\d+)'[\s\S]*?<\/box>/g)].map(([box, width]) => ({
        sidePx: Number(width),
        landmarks: [...box.matchAll(/x='(-?\d+)' y='(-?\d+)'/g)].map(
          ([, x, y]): Point => [Number(x), Number(y)],
        ),
      })),
    })),
  );
}

/** How well faces were found; counts of several photos add up. */
export interface Tally {
  all: number;
  found: number;
  large: number;
  foundLarge: number;
  falseFaces: number;
  /** Inter-ocular error of each found face. */
  errors: number[];
}

/** Counts what was seen in photos against what is annotated. */
export function tallyFaces(
  photos: readonly { faces: readonly AnnotatedFace[]; seen: readonly Face[] }[],
): Tally {
  const tally: Tally = { all: 0, found: 0, large: 0, foundLarge: 0, falseFaces: 0, errors: [] };
  for (const { faces, seen } of photos) {
    const hits = faces.map((face) => bestHit(seen, face.landmarks));
    tally.falseFaces += seen.filter((face) => !hits.includes(face)).length;
    for (const [index, face] of faces.entries()) count(tally, face, hits[index]);
  }
  return tally;
}

/** Mean inter-ocular error of the found faces: normalised mean error. */
export const nmeOf = ({ errors }: Tally): number =>
  errors.reduce((sum, error) => sum + error, 0) / errors.length;

function count(tally: Tally, face: AnnotatedFace, hit: Face | undefined): void {
  const isLarge = face.sidePx >= LARGE_SIDE_PX;
  tally.all++;
  if (isLarge) tally.large++;
  if (!hit) return;
  tally.found++;
  if (isLarge) tally.foundLarge++;
  tally.errors.push(interOcularError(hit.landmarks, face.landmarks));
}

function bestHit(seen: readonly Face[], landmarks: readonly Point[]): Face | undefined {
  const box = boxAround(landmarks);
  const ranked = seen.map((face) => ({ face, shared: overlap(boxAround(face.landmarks), box) }));
  return ranked.filter(({ shared }) => shared >= LEAST_OVERLAP).sort((a, b) => b.shared - a.shared)[0]?.face;
}

/** Mean distance over 68 points divided by the distance of the outer eye corners (36 and 45). */
export function interOcularError(found: readonly Point[], truth: readonly Point[]): number {
  const distances = found.map(([x, y], i) => Math.hypot(x - truth[i][0], y - truth[i][1]));
  const interOcular = Math.hypot(truth[36][0] - truth[45][0], truth[36][1] - truth[45][1]);
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length / interOcular;
}
