// Photo -> faces: the detector and the landmark network, opened once and used for many photos.

import { entriesOfKind, findEntry } from '../models/catalogue.js';
import type { DetectorEntry, LandmarkEntry } from '../models/entry.js';
import { openModel } from '../models/open-model.js';
import { allEntries } from '../models/store/installed.js';
import type { PullOptions } from '../models/store/pull.js';
import { type ModelStore, openStore } from '../models/store/store.js';
import { parseOptions } from '../options.js';
import type { Photo } from '../photo/photo.js';
import { detectFaces } from './detect.js';
import type { Face } from './face.js';
import { findLandmarks } from './landmarks.js';

export interface FinderOptions extends PullOptions {
  store?: ModelStore;
  /** `auto` (the best that is in the store), `embedded`, or a catalogue id. */
  detector?: string;
  landmarker?: string;
}

export interface FindOptions {
  /** Smallest mean side of a face in photo pixels, 8 to 4096; default 24. */
  minFace?: number;
  /** Lowest score, 0..1; default 0: the detector's own threshold. */
  minScore?: number;
  /** Look for faces turned by quarter turns too, unless a face surely stands upright; default true. */
  rotations?: boolean;
}

/** An open pair of face networks. They run on the CPU: a detection takes milliseconds, the way to a GPU costs more. */
export interface FaceFinder {
  /** Catalogue ids of the two networks. */
  readonly detector: string;
  readonly landmarker: string;
  /** Faces with 68 landmarks, left to right; throws `options` for what is out of its range. */
  find(photo: Photo, options?: FindOptions): Promise<Face[]>;
  close(): Promise<void>;
}

/** Opens the face networks; throws `model-unknown`, or what the store throws for a network that is not there. */
export async function openFaceFinder(options: FinderOptions = {}): Promise<FaceFinder> {
  const { store = openStore(), detector = 'auto', landmarker = 'auto', ...pull } = options;
  const entries = await allEntries(store);
  const eye = await choose(entriesOfKind('detector', entries), detector, store, pull.onNotice);
  const hand = await choose(entriesOfKind('landmarks', entries), landmarker, store, pull.onNotice);
  const detect = await openModel(eye, { ...pull, store, device: 'cpu' });
  const landmarks = await openModel(hand, { ...pull, store, device: 'cpu' }).catch(async (error: unknown) => {
    await detect.close();
    throw error;
  });
  return {
    detector: eye.id,
    landmarker: hand.id,
    async find(photo, given = {}) {
      const { minFace, minScore, rotations } = parseOptions(settings(given));
      const found = await detectFaces(photo, detect, eye, { minFacePx: minFace, minScore, rotations });
      const faces: Face[] = [];
      for (const { box, score, angleRad } of found) {
        faces.push({ box, score, landmarks: await findLandmarks(photo, { box, angleRad }, landmarks, hand) });
      }
      return faces.sort((a, b) => middleX(a) - middleX(b));
    },
    async close() {
      await detect.close();
      await landmarks.close();
    },
  };
}

/** Finds the faces of one photo with networks opened for it alone; keep an `openFaceFinder` for many photos. */
export async function findFaces(photo: Photo, options: FinderOptions & FindOptions = {}): Promise<Face[]> {
  const finder = await openFaceFinder(options);
  try {
    return await finder.find(photo, options);
  } finally {
    await finder.close();
  }
}

async function choose<Entry extends DetectorEntry | LandmarkEntry>(
  entries: readonly Entry[],
  wish: string,
  store: ModelStore,
  onNotice: FinderOptions['onNotice'],
): Promise<Entry> {
  const worstFirst = [...entries].sort((a, b) => a.rank - b.rank);
  const [embedded] = worstFirst;
  if (wish === 'embedded') return embedded;
  if (wish !== 'auto') return findEntry(wish, entries, 'face model');
  for (const entry of worstFirst.reverse()) {
    if (await store.present(entry)) return entry;
    if (await store.damaged(entry))
      onNotice?.(
        `${entry.id} in the model store is damaged and not used; \`nigaoe models pull ${entry.id}\` mends it`,
      );
  }
  return embedded;
}

// Callers hand on options of other stations along with these.
const settings = ({ minFace, minScore, rotations }: FindOptions) => ({ minFace, minScore, rotations });

const middleX = ({ box }: Face): number => box.x + box.width / 2;
