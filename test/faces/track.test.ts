// Faces followed through frames: who is who, what is missed, and how calm the landmarks are.

import assert from 'node:assert/strict';
import type { Face } from '../../shared/faces/face.js';
import { facesOf, followFaces, NO_TRACKS, type Tracks } from '../../shared/faces/track.js';
import type { Point } from '../../shared/photo/affine.js';
import { random } from '../fixtures/tiny-gan.js';

const SIDE = 100;
const FRAME_MS = 1000 / 30;

/** A face of 100 px whose box begins at (x, y); its landmarks lie on a grid, each off by `noise`. */
function face(x: number, y = 50, noise: () => number = () => 0, side = SIDE): Face {
  const landmarks = Array.from({ length: 68 }, (_, at): Point => {
    const [column, row] = [at % 10, Math.floor(at / 10)];
    return [x + (side * column) / 9 + noise(), y + (side * row) / 6 + noise()];
  });
  return { box: { x, y, width: side, height: side }, score: 0.9, landmarks };
}

/** Follows the faces of one frame after the other and returns those of each. */
function follow(frames: readonly (readonly Face[])[]): Face[][] {
  let tracks: Tracks = NO_TRACKS;
  return frames.map((found, at) => {
    tracks = followFaces(tracks, found, at * FRAME_MS);
    return facesOf(tracks);
  });
}

const numbers = (faces: readonly Face[]) => faces.map(({ track }) => track);

describe('faces that are followed', () => {
  it('keep their numbers while they move, whatever their order', () => {
    const frames = Array.from({ length: 10 }, (_, n) => [face(20 + 8 * n), face(400 - 8 * n)]);
    const followed = follow(frames.map((found, n) => (n % 2 ? [...found].reverse() : found)));
    for (const faces of followed) {
      assert.deepEqual(numbers(faces), [0, 1]);
      assert.ok(faces[0].box.x < faces[1].box.x);
    }
  });

  it('are found again after a jump of less than half their side', () => {
    assert.deepEqual(numbers(follow([[face(0)], [face(45)]])[1]), [0]);
    assert.deepEqual(numbers(follow([[face(0)], [face(300)]])[1]), [0, 1]);
  });

  it('stay where they were while detections are missed, for 0.3 seconds', () => {
    const followed = follow([[face(10)], ...Array.from({ length: 12 }, () => [])]);
    assert.deepEqual(followed[9][0].landmarks, followed[0][0].landmarks);
    assert.deepEqual(
      followed.map(({ length }) => length),
      [...Array(10).fill(1), 0, 0, 0],
    );
    const back = follow([[face(10)], [], [], [face(12)]]);
    assert.deepEqual(numbers(back[3]), [0]);
  });

  it('are new ones once they have left', () => {
    const gone = Array.from({ length: 20 }, () => []);
    assert.deepEqual(numbers(follow([[face(10)], ...gone, [face(10)]]).at(-1) ?? []), [1]);
  });

  it('are not taken for a much smaller face that passes', () => {
    const followed = follow([[face(100)], [face(100), face(130, 90, () => 0, 30)]]);
    assert.deepEqual(numbers(followed[1]), [0, 1]);
    assert.equal(followed[1][0].box.width, SIDE);
  });

  it('tremble by less than a third of what their detections do', () => {
    const dice = random(7);
    const frames = Array.from({ length: 60 }, () => [face(50, 50, () => dice() * 4)]);
    const calm = trembling(follow(frames).slice(10));
    const raw = trembling(frames.slice(10));
    assert.ok(calm < raw / 3, `${calm} of ${raw} px`);
  });

  it('lag by less than 5 % of their width when they cross it in a second', () => {
    const frames = Array.from({ length: 60 }, (_, n) => [face((n * SIDE) / 30)]);
    const last = follow(frames).at(-1)?.[0].landmarks[0][0] ?? 0;
    const lag = (frames[59][0].landmarks[0][0] - last) / SIDE;
    assert.ok(lag >= 0 && lag < 0.05, `${lag}`);
  });

  it('are followed by time and not by frames', () => {
    const at = (stepMs: number) => {
      let tracks = followFaces(NO_TRACKS, [face(0)], 0);
      for (let ms = stepMs; ms <= 200; ms += stepMs) tracks = followFaces(tracks, [face(10)], ms);
      return facesOf(tracks)[0].landmarks[0][0];
    };
    assert.ok(Math.abs(at(10) - at(20)) < 0.5, `${at(10)} and ${at(20)}`);
  });
});

/** Mean distance of a landmark from itself in the next frame. */
function trembling(frames: readonly (readonly Face[])[]): number {
  const steps = frames.slice(1).flatMap(([{ landmarks }], at) =>
    landmarks.map(([x, y], i) => {
      const [bx, by] = frames[at][0].landmarks[i];
      return Math.hypot(x - bx, y - by);
    }),
  );
  return steps.reduce((sum, step) => sum + step, 0) / steps.length;
}
