// Catalogue entry -> open session: embedded models from the package, all others from the store.

import { readEmbedded } from './embedded/read.js';
import type { ModelEntry } from './entry.js';
import { readCheckpointOf } from './imports/style-network.js';
import { type OnnxModel, readOnnx } from './onnx/file.js';
import { readModelFile } from './read-model-file.js';
import { openSession, type Session, type SessionOptions } from './session.js';
import type { PullOptions } from './store/pull.js';
import type { ModelStore } from './store/store.js';

export interface OpenModelOptions extends Omit<SessionOptions, 'name'>, PullOptions {
  store: ModelStore;
}

/** The network of an entry as a graph of its own, pulled first when it is not there. Throws what the store throws. */
export async function readNetwork(
  entry: ModelEntry,
  { store, ...pull }: PullOptions & { store: ModelStore },
): Promise<OnnxModel> {
  if (entry.files.length === 0) return readOnnx(readEmbedded(entry.id), entry.id);
  const path = await store.ensure(entry, pull);
  const network = await readCheckpointOf(entry, path);
  return network?.model ?? readOnnx(await readModelFile(path), entry.id);
}

/** Opens the network of an entry, pulling its file first when it is not there. Throws what the store and `openSession` throw. */
export async function openModel(
  entry: ModelEntry,
  { store, ...options }: OpenModelOptions,
): Promise<Session> {
  const session = { ...options, name: entry.id };
  if (entry.files.length === 0) return openSession(readEmbedded(entry.id), session);
  const path = await store.ensure(entry, options);
  const network = await readCheckpointOf(entry, path);
  return openSession(network?.model ?? (await readModelFile(path)), session);
}
