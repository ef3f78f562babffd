// The classic FFHQ square, by an example computed by hand.

import assert from 'node:assert/strict';
import { alignmentSquare, cornersOf } from '../../shared/crop/square.js';
import type { Point } from '../../shared/photo/affine.js';
import { faceAt } from '../fixtures/face-shape.js';

// Eyes at (100, 95) and (140, 95), corners of the mouth at (105, 145) and (135, 145): eyeToEye = (40, 0),
// eyeToMouth = (0, 50), x = (40, 0) - (-50, 0), scaled to max(2 * 40, 1.8 * 50) = 90; centre = (120, 95) + 0.1 (0, 50).
const FACE = faceAt([120, 100]);

describe('the alignment square', () => {
  it('is the one that the formula gives by hand', () => {
    const square = alignmentSquare(FACE, 1);
    assertNear(square.centre, [120, 100]);
    assertNear(square.half, [90, 0]);
    assert.ok(Math.abs(square.sidePx - 180) < 1e-9);
    const corners: Point[] = [
      [30, 10],
      [30, 190],
      [210, 190],
      [210, 10],
    ];
    for (const [index, corner] of cornersOf(square).entries()) assertNear(corner, corners[index]);
  });

  it('goes by the distance of the eyes where the mouth is near', () => {
    const short = FACE.map(([x, y], index): Point => (index >= 48 ? [x, y - 20] : [x, y]));
    // eyeToMouth is 30 now: 1.8 * 30 = 54 is less than 2 * 40.
    assert.ok(Math.abs(alignmentSquare(short, 1).sidePx - 160) < 1e-9);
  });

  it('grows with expand about the same centre', () => {
    const square = alignmentSquare(FACE, 1.3);
    assertNear(square.centre, [120, 100]);
    assert.ok(Math.abs(square.sidePx - 180 * 1.3) < 1e-9);
  });

  it('turns, moves and grows with the face', () => {
    const angleRad = Math.PI / 6;
    const square = alignmentSquare(faceAt([300, 200], { angleRad, scale: 2 }), 1);
    assertNear(square.centre, [300, 200]);
    assertNear(square.half, [180 * Math.cos(angleRad), 180 * Math.sin(angleRad)]);
  });
});

function assertNear(received: Point, wanted: Point): void {
  const apart = Math.hypot(received[0] - wanted[0], received[1] - wanted[1]);
  assert.ok(apart < 1e-9, `${received.join(', ')} is not ${wanted.join(', ')}`);
}
