// Landmarks drawn over a photo: on the face, in the soft colours of its parts, and nowhere else.

import assert from 'node:assert/strict';
import { drawLandmarks } from '../../shared/faces/overlay.js';
import type { Point } from '../../shared/photo/affine.js';
import type { Photo } from '../../shared/photo/photo.js';
import { faceAt } from '../fixtures/face-shape.js';
import { flatPhoto, levelsAt } from '../fixtures/photos.js';

const grey = flatPhoto(240, 220, 128);
const face = faceAt([120, 100]);

/** Whether a pixel differs between the two photos. */
function changed(before: Photo, after: Photo, x: number, y: number): boolean {
  return levelsAt(before, x, y).join() !== levelsAt(after, x, y).join();
}

describe('drawLandmarks', () => {
  const drawn = drawLandmarks(grey, [{ landmarks: face }]);

  it('paints every landmark', () => {
    for (const [index, [x, y]] of face.entries())
      assert.ok(changed(grey, drawn, Math.round(x), Math.round(y)), `landmark ${index}`);
  });

  it('joins the landmarks of a part, and closes the eyes', () => {
    const between = (a: number, b: number): Point => [
      Math.round((face[a][0] + face[b][0]) / 2),
      Math.round((face[a][1] + face[b][1]) / 2),
    ];
    for (const [a, b] of [
      [8, 9],
      [17, 18],
      [27, 28],
      [41, 36],
      [59, 48],
    ])
      assert.ok(changed(grey, drawn, ...between(a, b)), `${a} to ${b}`);
    assert.ok(!changed(grey, drawn, ...between(21, 22)), 'the brows are not joined');
  });

  it('paints nothing far from a landmark', () => {
    // The made-up face has a landmark at least every 20 px along its lines; markers reach two pixels.
    for (let y = 0; y < grey.height; y++)
      for (let x = 0; x < grey.width; x++) {
        const nearest = Math.min(...face.map(([px, py]) => Math.hypot(px - x, py - y)));
        if (nearest > 12) assert.ok(!changed(grey, drawn, x, y), `${x}, ${y}`);
      }
  });

  it('gives parts their own colours', () => {
    const [x, y] = face[8].map(Math.round);
    const [red, , blue] = levelsAt(drawn, x, y);
    assert.ok(blue > red, 'the jaw is pale blue');
    const [lipRed, lipGreen] = levelsAt(drawn, ...(face[51].map(Math.round) as [number, number]));
    assert.ok(lipRed > lipGreen + 60, 'lips are red');
  });

  it('leaves the photo as it was and keeps size, transparency and metadata', () => {
    assert.ok(grey.data.every((level) => level === 128));
    const alpha = new Uint8Array(240 * 220).fill(9);
    const result = drawLandmarks({ ...grey, alpha }, [{ landmarks: face }]);
    assert.deepEqual([result.width, result.height, result.alpha], [240, 220, alpha]);
    assert.equal(result.metadata, grey.metadata);
  });

  it('without faces is the photo again', () => {
    assert.deepEqual(drawLandmarks(grey, []), grey);
  });

  it('draws a face that reaches over the border, or lies beyond it', () => {
    const cut = drawLandmarks(grey, [{ landmarks: faceAt([0, 0]) }]);
    assert.ok(cut.data.some((level) => level !== 128));
    assert.deepEqual(drawLandmarks(grey, [{ landmarks: faceAt([900, 900]) }]).data, grey.data);
  });
});
