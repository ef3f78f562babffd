// Something to look into or to export: a model of the store, a model file, or a checkpoint, with all that can be told of it.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { asFailure, type NigaoeError } from '../../errors.js';
import { findEntry } from '../../models/catalogue.js';
import type { Checkpoint } from '../../models/checkpoints/checkpoint.js';
import { openCheckpoint } from '../../models/checkpoints/open.js';
import { readEmbedded } from '../../models/embedded/read.js';
import type { ModelEntry } from '../../models/entry.js';
import { type Label, labelOf, metadataOf } from '../../models/imports/label.js';
import { guessPixels, type PixelGuess } from '../../models/imports/pixels.js';
import {
  type CheckpointWishes,
  convertStyle,
  type StyleNetwork,
} from '../../models/imports/style-network.js';
import { type OnnxModel, readOnnx } from '../../models/onnx/file.js';
import { isOnnxPath, readModelFile } from '../../models/read-model-file.js';
import { allEntries } from '../../models/store/installed.js';
import { type ModelStore, openStore } from '../../models/store/store.js';
import { isStyleFile } from '../../models/styles.js';
import type { Stage } from '../perform.js';
import { bytesOf, type ModelState, stateOf } from './state.js';

export interface Specimen {
  entry?: ModelEntry;
  state?: ModelState;
  path?: string;
  bytes?: number | undefined;
  sha256?: string | undefined;
  format?: StyleNetwork['format'];
  /** The network, where it can be opened. */
  model?: OnnxModel;
  label?: Label;
  /** How it wants its pixels, where it is a style. */
  pixels?: PixelGuess;
  origin?: StyleNetwork['origin'];
  /** What a checkpoint holds that makes no style. */
  tensors?: { key: string; dims: readonly number[]; type: string }[];
  /** Why it is no style. */
  obstacle?: NigaoeError;
}

/** Where to look for what a word means. */
export interface Search {
  store: ModelStore;
  entries: readonly ModelEntry[];
  wishes: CheckpointWishes;
}

/** Gets ready to look for specimens. */
export async function openSearch({ terminal }: Stage, wishes: CheckpointWishes = {}): Promise<Search> {
  const store = openStore();
  const entries = await allEntries(store, (sentence) => terminal.notice(sentence));
  return { store, entries, wishes };
}

/** The model of that id, or the file or folder at that path. Throws `model-unknown`, `model-missing`, `model-corrupt`. */
export async function findSpecimen(word: string, { store, entries, wishes }: Search): Promise<Specimen> {
  const entry = entries.find(({ id }) => id === word);
  if (entry !== undefined) return findInStore(entry, store);
  const isThere = (await stat(word).catch(() => undefined)) !== undefined;
  if (isThere || isStyleFile(word)) return readSpecimen(word, wishes);
  return findInStore(findEntry(word, entries), store);
}

async function findInStore(entry: ModelEntry, store: ModelStore): Promise<Specimen> {
  const state = await stateOf(store, entry);
  const known = { entry, state, bytes: await bytesOf(store, entry) };
  const wishes = entry.kind === 'gan' ? entry.checkpoint : undefined;
  if (state === 'present') return { ...known, ...(await readSpecimen(store.pathOf(entry), wishes)) };
  // The graph of a procedural style is written anew for every picture size.
  if (state === 'embedded' && entry.kind !== 'procedural')
    return { ...known, format: 'onnx', model: readOnnx(readEmbedded(entry.id), entry.id) };
  return known;
}

function readSpecimen(path: string, wishes: CheckpointWishes = {}): Promise<Specimen> {
  return isOnnxPath(path) ? readOnnxSpecimen(path) : readCheckpointSpecimen(path, wishes);
}

async function readOnnxSpecimen(path: string): Promise<Specimen> {
  const bytes = await readModelFile(path);
  const model = readOnnx(bytes, path);
  const label = labelOf(metadataOf(model));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const known: Specimen = { path, bytes: bytes.length, sha256, format: 'onnx', model, label };
  return attempt(known, () => ({ pixels: guessPixels(model, path, label, {}) }));
}

async function readCheckpointSpecimen(path: string, wishes: CheckpointWishes): Promise<Specimen> {
  const checkpoint = await openCheckpoint(path);
  try {
    const known = { path, ...(await fileFacts(path)), format: checkpoint.format };
    const found = await attempt(known, async () => {
      const { model, label, origin, ...pixels } = await convertStyle(checkpoint, path, wishes);
      return { model, label, origin, pixels };
    });
    return found.obstacle ? { ...found, tensors: tensorsOf(checkpoint) } : found;
  } finally {
    await checkpoint.close();
  }
}

/** Adds what `look` finds, or why it finds nothing. */
async function attempt(known: Specimen, look: () => Partial<Specimen> | Promise<Partial<Specimen>>) {
  try {
    return { ...known, ...(await look()) };
  } catch (error) {
    return { ...known, obstacle: asFailure(error) };
  }
}

const tensorsOf = ({ tensors }: Checkpoint): Specimen['tensors'] =>
  [...tensors].map(([key, { dims, type }]) => ({ key, dims, type }));

/** Size and hash of a file; nothing of a folder. */
async function fileFacts(path: string): Promise<Pick<Specimen, 'bytes' | 'sha256'>> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return {};
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { bytes: found.size, sha256: hash.digest('hex') };
}
