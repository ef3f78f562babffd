// Recall, false faces and landmark error (inter-ocular NME) of every detector with every landmark network, against
// annotated photos; the embedded pair and the pair that `auto` takes are what users get. Run: npm run bench:faces

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaceFinder, openFaceFinder } from '../shared/faces/finder.js';
import { entriesOfKind } from '../shared/models/catalogue.js';
import { openStore } from '../shared/models/store/store.js';
import {
  type AnnotatedPhoto,
  LARGE_SIDE_PX,
  nmeOf,
  readAnnotated,
  type Tally,
  tallyFaces,
} from '../test/faces/annotated.js';
import { median, photosFolder } from './photos.js';

interface Score extends Tally {
  msPerPhoto: number;
}

async function score(annotated: readonly AnnotatedPhoto[], finder: FaceFinder): Promise<Score> {
  const times: number[] = [];
  const seen = [];
  for (const { photo, faces } of annotated) {
    await finder.find(photo);
    const startMs = performance.now();
    seen.push({ faces, seen: await finder.find(photo) });
    times.push(performance.now() - startMs);
  }
  return { ...tallyFaces(seen), msPerPhoto: median(times) };
}

function row({ detector, landmarker }: FaceFinder, result: Score): string {
  const { found, all, foundLarge, large, falseFaces, errors, msPerPhoto } = result;
  const columns = [
    detector.padEnd(20),
    landmarker.padEnd(20),
    `${found}/${all}`.padEnd(8),
    `${foundLarge}/${large}`.padEnd(8),
    String(falseFaces).padEnd(7),
    nmeOf(result).toFixed(4).padEnd(8),
    Math.max(...errors)
      .toFixed(3)
      .padEnd(8),
    msPerPhoto.toFixed(0),
  ];
  return columns.join('');
}

const home = await mkdtemp(join(tmpdir(), 'nigaoe-bench-'));
try {
  const store = openStore({ home });
  const entries = [...entriesOfKind('detector'), ...entriesOfKind('landmarks')];
  for (const entry of entries) if (entry.files.length > 0) await store.pull(entry);
  const annotated = await readAnnotated(photosFolder());
  console.log(
    `detector            landmarks           recall  >=${LARGE_SIDE_PX}px  false  NME     worst   ms/photo`,
  );
  for (const { id: detector } of entriesOfKind('detector')) {
    for (const { id: landmarker } of entriesOfKind('landmarks')) {
      const finder = await openFaceFinder({ store, detector, landmarker });
      console.log(row(finder, await score(annotated, finder)));
      await finder.close();
    }
  }
} finally {
  await rm(home, { recursive: true, force: true });
}
