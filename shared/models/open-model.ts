// Catalogue entry -> open session: embedded models from the package, all others from the store.

import { readFile } from 'node:fs/promises';
import { NigaoeError } from '../errors.js';
import { readEmbedded } from './embedded/read.js';
import type { ModelEntry } from './entry.js';
import { openSession, type Session, type SessionOptions } from './session.js';
import type { PullOptions } from './store/pull.js';
import type { ModelStore } from './store/store.js';

export interface OpenModelOptions extends Omit<SessionOptions, 'name'>, PullOptions {
  store: ModelStore;
}

/** Opens the network of an entry, pulling its file first when it is not there. Throws what the store and `openSession` throw. */
export async function openModel(
  entry: ModelEntry,
  { store, ...options }: OpenModelOptions,
): Promise<Session> {
  const bytes =
    entry.files.length === 0
      ? readEmbedded(entry.id)
      : await readModelFile(await store.ensure(entry, options));
  return openSession(bytes, { ...options, name: entry.id });
}

/** Reads a model file from disk; throws `model-missing`. */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new NigaoeError('model-missing', `Expected a model file at ${path} but it cannot be read`, {
      hint: 'Check the path, or name a style of `nigaoe models list`.',
      cause,
    });
  }
}
