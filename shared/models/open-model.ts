// Catalogue entry -> open session: embedded models from the package, all others from the store.

import { readFile } from 'node:fs/promises';
import { NigaoeError } from '../errors.js';
import { readEmbedded } from './embedded/read.js';
import type { ModelEntry } from './entry.js';
import { type OnnxModel, readOnnx } from './onnx/file.js';
import { openSession, type Session, type SessionOptions } from './session.js';
import type { PullOptions } from './store/pull.js';
import type { ModelStore } from './store/store.js';

export interface OpenModelOptions extends Omit<SessionOptions, 'name'>, PullOptions {
  store: ModelStore;
}

/** Opens the network of an entry, pulling its file first when it is not there. Throws what the store and `openSession` throw. */
export async function openModel(entry: ModelEntry, options: OpenModelOptions): Promise<Session> {
  const model = entry.files.length === 0 ? readEmbedded(entry.id) : await readStored(entry, options);
  return openSession(model, { ...options, name: entry.id });
}

async function readStored(entry: ModelEntry, { store, ...pull }: OpenModelOptions): Promise<OnnxModel> {
  return readOnnxFile(await store.ensure(entry, pull));
}

/** Reads an ONNX file from disk; throws `model-missing` or `model-corrupt`. */
export async function readOnnxFile(path: string): Promise<OnnxModel> {
  return readOnnx(await readModelFile(path), path);
}

async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new NigaoeError('model-missing', `Expected a model file at ${path} but it cannot be read`, {
      hint: 'Check the path, or name a style of `nigaoe models list`.',
      cause,
    });
  }
}
