// Finding faces with the embedded networks: in group photos, turned, mirrored, and where there are none.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NigaoeError } from '../../shared/errors.js';
import { boxAround, type Face, overlap } from '../../shared/faces/face.js';
import { type FaceFinder, type FindOptions, findFaces, openFaceFinder } from '../../shared/faces/finder.js';
import { mirrored } from '../../shared/faces/scheme.js';
import { entriesOfKind, findEntry } from '../../shared/models/catalogue.js';
import { openStore } from '../../shared/models/store/store.js';
import type { Point } from '../../shared/photo/affine.js';
import type { Photo } from '../../shared/photo/photo.js';
import { emptyStore, PHOTOS, storeWith, titled } from '../fixtures/mirror.js';
import {
  flatPhoto,
  hills,
  mirrorPhoto,
  paintPhoto,
  readSample,
  turnPhoto,
  turnPoint,
} from '../fixtures/photos.js';
import { interOcularError, nmeOf, readAnnotated, tallyFaces } from './annotated.js';

describe('the face finder', () => {
  let finder: FaceFinder;
  /** Three people side by side, one lit from the right. */
  let sofa: Photo;
  let onSofa: Face[];
  before(async () => {
    finder = await openFaceFinder({ store: emptyStore() });
    sofa = await readSample(3, 960);
    onSofa = await finder.find(sofa);
  });
  after(() => finder.close());

  it('needs no download: auto takes the embedded networks where the store is empty', () => {
    assert.deepEqual([finder.detector, finder.landmarker], ['embedded-detector', 'embedded-landmarks']);
  });

  it('finds the three people of the first sample photo where they are', async () => {
    const faces = await finder.find(await readSample(1, 960));
    // Read off the photo with a ruler: nose tips, at a width of 960 px.
    assertAt(faces, [
      [228, 256],
      [458, 288],
      [777, 165],
    ]);
  });

  it('finds five people on the stairs', async () => {
    assert.equal((await finder.find(await readSample(5, 960))).length, 5);
  });

  it('lists faces left to right', () => {
    const middles = onSofa.map(({ box }) => box.x + box.width / 2);
    assert.equal(onSofa.length, 3);
    assert.deepEqual(
      [...middles].sort((a, b) => a - b),
      middles,
    );
  });

  it('gives every face a score up to 1, 68 landmarks and a box around most of them', () => {
    for (const { box, score, landmarks } of onSofa) {
      assert.ok(score >= 0.45 && score <= 1, `${score}`);
      assert.equal(landmarks.length, 68);
      assert.ok(overlap(boxAround(landmarks), box) > 0.5, 'the box is about the face');
      const inside = landmarks.filter(
        ([x, y]) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height,
      );
      assert.ok(inside.length >= 50, `${inside.length} of 68 landmarks lie in the box`);
    }
  });

  it('places brows above eyes above nose above mouth above chin, and left on the left', () => {
    for (const { landmarks } of onSofa) {
      const heights = [
        [17, 27],
        [36, 48],
        [31, 36],
        [48, 68],
        [8, 9],
      ].map(([from, to]) => middle(landmarks.slice(from, to))[1]);
      assert.deepEqual(
        [...heights].sort((a, b) => a - b),
        heights,
      );
      for (const [left, right] of [
        [36, 45],
        [48, 54],
        [0, 16],
      ])
        assert.ok(landmarks[left][0] < landmarks[right][0]);
    }
  });

  for (const quarterTurns of [1, 2, 3])
    it(`finds the same faces in the photo turned by ${90 * quarterTurns} degrees`, async () => {
      const turned = turnPhoto(sofa, quarterTurns);
      const faces = await finder.find(turned);
      assert.equal(faces.length, 3);
      for (const face of onSofa) {
        const wanted = face.landmarks.map((point) => turnPoint(point, sofa, quarterTurns));
        const error = Math.min(...faces.map(({ landmarks }) => interOcularError(landmarks, wanted)));
        assert.ok(error < 0.03, `NME ${error}`);
      }
    });

  it('sees no turned faces when told not to look for them', async () => {
    assert.deepEqual(await finder.find(turnPhoto(sofa, 1), { rotations: false }), []);
  });

  it('finds mirrored landmarks in the mirror image', async () => {
    const faces = (await finder.find(mirrorPhoto(sofa))).reverse();
    assert.equal(faces.length, 3);
    for (const [index, { landmarks }] of onSofa.entries()) {
      const error = interOcularError(faces[index].landmarks, mirrored(landmarks, sofa.width));
      assert.ok(error < 0.05, `NME ${error}`);
    }
  });

  it('leaves small faces out that minFace excludes', async () => {
    const sides = onSofa.map(({ box }) => (box.width + box.height) / 2);
    const limit = Math.ceil([...sides].sort((a, b) => b - a)[1]);
    const faces = await finder.find(sofa, { minFace: limit });
    assert.deepEqual(
      faces,
      onSofa.filter((_, index) => sides[index] >= limit),
    );
    assert.equal(faces.length, 1);
  });

  it('leaves uncertain faces out that minScore excludes', async () => {
    const scores = onSofa.map(({ score }) => score);
    const limit = Math.min(...scores) + 1e-6;
    const faces = await finder.find(sofa, { minScore: limit, rotations: false });
    assert.deepEqual(
      faces,
      onSofa.filter(({ score }) => score >= limit),
    );
    assert.equal(faces.length, 2);
  });

  it('demands options in their range', async () => {
    const WRONG: [FindOptions, string][] = [
      [{ minFace: 0 }, 'a whole number from 8 to 4096 for --min-face but received 0'],
      [{ minScore: 2 }, 'a number from 0 to 1 for --min-score but received 2'],
      [{ rotations: 1 as unknown as boolean }, 'a boolean for --rotations but received 1 of type number'],
    ];
    for (const [options, sentence] of WRONG)
      await assert.rejects(finder.find(sofa, options), { code: 'options', message: `Expected ${sentence}` });
  });

  it('sees a face in a picture whose transparency hides it', async () => {
    const alpha = new Uint8Array(sofa.width * sofa.height);
    assert.deepEqual(await finder.find({ ...sofa, alpha }), onSofa);
  });

  it('finds none in photos without faces', async () => {
    for (const photo of [flatPhoto(320, 240, 128), paintPhoto(320, 240, hills), flatPhoto(1, 1, 0)])
      assert.deepEqual(await finder.find(photo), []);
  });

  it('finds the same faces again, and in a smaller copy at the same places', async () => {
    assert.deepEqual(await finder.find(sofa), onSofa);
    const small = await finder.find(await readSample(3, 480));
    assert.equal(small.length, 3);
    for (const [index, { landmarks }] of small.entries()) {
      const enlarged = landmarks.map(([x, y]): Point => [2 * x + 0.5, 2 * y + 0.5]);
      assert.ok(interOcularError(enlarged, onSofa[index].landmarks) < 0.05);
    }
  });
});

describe('choosing face networks', () => {
  it('findFaces opens, finds and closes for one photo', async () => {
    const options = { store: emptyStore(), detector: 'embedded', landmarker: 'embedded' };
    assert.equal((await findFaces(await readSample(3, 480), options)).length, 3);
  });

  it('does not use a damaged network of the store, and says so', async () => {
    const home = mkdtempSync(join(tmpdir(), 'nigaoe-damaged-'));
    const store = openStore({ home, offline: true });
    const path = store.pathOf(findEntry('yunet'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'garbage');
    const notices: string[] = [];
    const finder = await openFaceFinder({ store, onNotice: (sentence) => notices.push(sentence) });
    await finder.close();
    rmSync(home, { recursive: true });
    assert.equal(finder.detector, 'embedded-detector');
    assert.deepEqual(notices, [
      'yunet in the model store is damaged and not used; `nigaoe models pull yunet` mends it',
    ]);
  });

  for (const [role, wish, near] of [
    ['detector', 'yunett', 'yunet'],
    ['landmarker', 'pfld68', 'pfld-68'],
  ])
    it(`an unknown ${role} fails with the nearest known one`, async () => {
      await assert.rejects(
        openFaceFinder({ store: emptyStore(), [role]: wish }),
        (error: unknown) =>
          error instanceof NigaoeError &&
          error.code === 'model-unknown' &&
          error.message.startsWith('Expected the id of a known face model but received') &&
          error.message.endsWith(`but received "${wish}"`) &&
          error.hint === `Did you mean ${near}?`,
      );
    });
});

describe(titled('faces of annotated photos', PHOTOS), () => {
  const TARGETS = [
    { detector: 'embedded', landmarker: 'embedded', recall: 0.95, nme: 0.065 },
    { detector: 'yunet', landmarker: 'pfld-68', recall: 0.97, nme: 0.05 },
  ];
  for (const { detector, landmarker, recall, nme } of TARGETS)
    it(`${detector} + ${landmarker}: recall of ${recall} from 40 px on, landmarks within ${nme}`, async function () {
      if (!PHOTOS) return this.skip();
      const { store, close } = await storeWith([findEntry('yunet'), findEntry('pfld-68')]);
      const finder = await openFaceFinder({ store, detector, landmarker });
      const seen = [];
      for (const { photo, faces } of await readAnnotated(PHOTOS))
        seen.push({ faces, seen: await finder.find(photo) });
      await finder.close();
      close();
      const tally = tallyFaces(seen);
      assert.ok(tally.large >= 9, 'there are faces to find');
      assert.ok(tally.foundLarge / tally.large >= recall, `${tally.foundLarge} of ${tally.large} found`);
      assert.ok(nmeOf(tally) <= nme, `NME ${nmeOf(tally)}`);
    });

  it('auto takes the best networks that the store holds', async function () {
    if (!PHOTOS) return this.skip();
    const { store, close } = await storeWith([...entriesOfKind('detector'), ...entriesOfKind('landmarks')]);
    const finder = await openFaceFinder({ store });
    assert.deepEqual([finder.detector, finder.landmarker], ['yunet', 'pfld-68']);
    await finder.close();
    close();
  });
});

/** Each face's nose tip lies within a seventh of a face of the place where it belongs. */
function assertAt(faces: readonly Face[], noses: readonly Point[]): void {
  assert.equal(faces.length, noses.length);
  for (const [index, { landmarks, box }] of faces.entries()) {
    const [x, y] = landmarks[30];
    const apart = Math.hypot(x - noses[index][0], y - noses[index][1]);
    assert.ok(apart < 0.15 * box.width, `nose ${index} at ${x.toFixed()}, ${y.toFixed()}`);
  }
}

function middle(points: readonly Point[]): Point {
  const { x, y, width, height } = boxAround(points);
  return [x + width / 2, y + height / 2];
}
