// Faces followed from frame to frame: the same face keeps its number, is there while it is missed, and does not tremble.

import type { Point } from '../photo/affine.js';
import { type Box, boxAround, type Face, overlap } from './face.js';
import { beginSteadying, type OneEuroSettings, type Steadied, steady } from './one-euro.js';

/** The faces that are followed, as plain data. */
export interface Tracks {
  faces: readonly Track[];
  /** Faces so far: the next one gets this number. */
  count: number;
}

interface Track {
  number: number;
  face: Face;
  landmarks: Steadied;
  /** When it was last found. */
  seenMs: number;
}

export const NO_TRACKS: Tracks = { faces: [], count: 0 };

/** A face that is not found for longer has left: detectors miss one of a few frames, not ten of them. */
const HELD_MS = 300;
/** Two boxes show one face when they overlap by so much, or when their centres are nearer than this part of their side. */
const LEAST_OVERLAP = 0.3;
const NEAR = 0.5;

// In sides of the face. Measured at 30 frames a second: noise makes the landmarks of a face at rest tremble by a sixth of what
// they did, and a face that crosses its own width in a second is followed with a lag of 2.4 % of it.
const STEADINESS: Omit<OneEuroSettings, 'unit'> = { restHz: 1.2, risePerSpeed: 3, speedHz: 1 };

/** Follows the faces into the frame at `timeMs`; `found` are those that the finder saw there. */
export function followFaces(before: Tracks, found: readonly Face[], timeMs: number): Tracks {
  const pairs = matched(before.faces, found);
  const seen = found.map((face) => {
    const track = pairs.get(face);
    return track && continued(track, face, timeMs);
  });
  const missed = before.faces.filter(
    (track) => ![...pairs.values()].includes(track) && timeMs - track.seenMs <= HELD_MS,
  );
  let { count } = before;
  const all = found.map((face, at) => seen[at] ?? begun(face, timeMs, count++));
  return { faces: [...all, ...missed].sort((a, b) => a.number - b.number), count };
}

/** The followed faces with their steadied landmarks. */
export const facesOf = ({ faces }: Tracks): Face[] => faces.map(({ face }) => face);

function begun(face: Face, timeMs: number, number: number): Track {
  const landmarks = beginSteadying(flat(face.landmarks), timeMs);
  return { number, face: { ...face, track: number }, landmarks, seenMs: timeMs };
}

function continued(track: Track, face: Face, timeMs: number): Track {
  const landmarks = steady(track.landmarks, flat(face.landmarks), timeMs, {
    ...STEADINESS,
    unit: sideOf(boxAround(face.landmarks)),
  });
  const steadied = { ...face, landmarks: pointsOf(landmarks.values), track: track.number };
  return { number: track.number, face: steadied, landmarks, seenMs: timeMs };
}

/** Who is who: the closest pairs first, each face once. */
function matched(tracks: readonly Track[], found: readonly Face[]): Map<Face, Track> {
  const pairs = tracks.flatMap((track) =>
    found.map((face) => ({ track, face, likeness: likenessOf(track.face.box, face.box) })),
  );
  const taken = new Set<Track>();
  const matches = new Map<Face, Track>();
  for (const { track, face, likeness } of pairs.sort((a, b) => b.likeness - a.likeness)) {
    if (likeness <= 0 || taken.has(track) || matches.has(face)) continue;
    taken.add(track);
    matches.set(face, track);
  }
  return matches;
}

/** Above 1 by the overlap, else up to 1 by the nearness of the centres; 0 for what cannot be the same face. */
function likenessOf(a: Box, b: Box): number {
  const shared = overlap(a, b);
  if (shared >= LEAST_OVERLAP) return 1 + shared;
  const [ax, ay] = centreOf(a);
  const [bx, by] = centreOf(b);
  const [small, large] = [sideOf(a), sideOf(b)].sort((one, other) => one - other);
  // A small face that passes a large one is another face.
  if (small < large / 2) return 0;
  return Math.max(0, 1 - Math.hypot(ax - bx, ay - by) / (NEAR * large));
}

const centreOf = ({ x, y, width, height }: Box): Point => [x + width / 2, y + height / 2];
const sideOf = ({ width, height }: Box): number => (width + height) / 2;
const flat = (points: readonly Point[]): Float64Array => Float64Array.from(points.flat());
const pointsOf = (values: Float64Array): Point[] =>
  Array.from({ length: values.length / 2 }, (_, at) => [values[2 * at], values[2 * at + 1]]);
