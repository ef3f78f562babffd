// Recall, false faces and landmark error (inter-ocular NME) of every detector with every landmark network, against
// annotated photos; the embedded pair and the pair that `auto` takes are what users get. Run: npm run bench:faces

import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boxAround, type Face, overlap } from '../shared/faces/face.js';
import { openFaceFinder } from '../shared/faces/finder.js';
import { entriesOfKind } from '../shared/models/catalogue.js';
import { type ModelStore, openStore } from '../shared/models/store/store.js';
import type { Point } from '../shared/photo/affine.js';
import { decodePhoto } from '../shared/photo/decode.js';
import type { Photo } from '../shared/photo/photo.js';
import { median, photoPath } from './photos.js';

/** A found face is an annotated one when their landmarks' boxes overlap by at least this. */
const LEAST_OVERLAP = 0.4;
/** Annotated boxes of at least this side count for the targets. */
const TARGET_SIDE_PX = 40;

interface Annotated {
  photo: Photo;
  faces: { sidePx: number; landmarks: Point[] }[];
}

interface Score {
  recall: string;
  recallLarge: string;
  falseFaces: number;
  nme: number;
  worstNme: number;
  msPerPhoto: number;
}

async function readAnnotated(): Promise<Annotated[]> {
  const xml = readFileSync(photoPath('dlib', 'landmarks.xml'), 'latin1');
  const images = [...xml.matchAll(/<image file='([^']+)'[\s\S]*?<\/image>/g)];
  return Promise.all(
    images.map(async ([image, file]) => ({
      photo: await decodePhoto(await readFile(photoPath('dlib', file))),
      faces: [...image.matchAll(/<box[^>]*width='(\d+)'[\s\S]*?<\/box>/g)].map(([box, width]) => ({
        sidePx: Number(width),
        landmarks: [...box.matchAll(/x='(-?\d+)' y='(-?\d+)'/g)].map(
          ([, x, y]): Point => [Number(x), Number(y)],
        ),
      })),
    })),
  );
}

async function score(
  annotated: readonly Annotated[],
  detector: string,
  landmarker: string,
  store: ModelStore,
): Promise<Score> {
  const finder = await openFaceFinder({ store, detector, landmarker });
  const errors: number[] = [];
  const times: number[] = [];
  let [all, found, large, foundLarge, falseFaces] = [0, 0, 0, 0, 0];
  for (const { photo, faces } of annotated) {
    await finder.find(photo);
    const startMs = performance.now();
    const seen = await finder.find(photo);
    times.push(performance.now() - startMs);
    const matched = faces.map((face) => ({ face, hit: best(seen, face.landmarks) }));
    for (const { face, hit } of matched) {
      all++;
      if (face.sidePx >= TARGET_SIDE_PX) large++;
      if (!hit) continue;
      found++;
      if (face.sidePx >= TARGET_SIDE_PX) foundLarge++;
      errors.push(interOcularError(hit.landmarks, face.landmarks));
    }
    const hits = new Set(matched.map(({ hit }) => hit));
    falseFaces += seen.filter((face) => !hits.has(face)).length;
  }
  await finder.close();
  return {
    recall: `${found}/${all}`,
    recallLarge: `${foundLarge}/${large}`,
    falseFaces,
    nme: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    worstNme: Math.max(...errors),
    msPerPhoto: median(times),
  };
}

function best(seen: readonly Face[], landmarks: readonly Point[]): Face | undefined {
  const box = boxAround(landmarks);
  const ranked = seen.map((face) => ({ face, shared: overlap(boxAround(face.landmarks), box) }));
  return ranked.filter(({ shared }) => shared >= LEAST_OVERLAP).sort((a, b) => b.shared - a.shared)[0]?.face;
}

/** Mean distance over 68 points divided by the distance of the outer eye corners (36 and 45). */
function interOcularError(found: readonly Point[], truth: readonly Point[]): number {
  const distances = found.map(([x, y], i) => Math.hypot(x - truth[i][0], y - truth[i][1]));
  const interOcular = Math.hypot(truth[36][0] - truth[45][0], truth[36][1] - truth[45][1]);
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length / interOcular;
}

const home = await mkdtemp(join(tmpdir(), 'nigaoe-bench-'));
try {
  const store = openStore({ home });
  const entries = [...entriesOfKind('detector'), ...entriesOfKind('landmarks')];
  for (const entry of entries) if (entry.files.length > 0) await store.pull(entry);
  const annotated = await readAnnotated();
  console.log(
    `detector            landmarks           recall  >=${TARGET_SIDE_PX}px  false  NME     worst   ms/photo`,
  );
  for (const detector of entriesOfKind('detector')) {
    for (const landmarks of entriesOfKind('landmarks')) {
      const row = await score(annotated, detector.id, landmarks.id, store);
      console.log(
        `${detector.id.padEnd(20)}${landmarks.id.padEnd(20)}${row.recall.padEnd(8)}${row.recallLarge.padEnd(8)}${String(row.falseFaces).padEnd(7)}${row.nme.toFixed(4).padEnd(8)}${row.worstNme.toFixed(3).padEnd(8)}${row.msPerPhoto.toFixed(0)}`,
      );
    }
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
