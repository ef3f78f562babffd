// Where a model stands: part of nigaoe, in the store, or still to be fetched.

import type { ModelEntry } from '../../models/entry.js';
import { bytesAt, bytesOfEntry, filePath } from '../../models/store/layout.js';
import type { ModelStore } from '../../models/store/store.js';

export type ModelState = 'embedded' | 'present' | 'not pulled';

/** By presence and size of the files; nothing is hashed but files whose size is not known beforehand. */
export async function stateOf(store: ModelStore, entry: ModelEntry): Promise<ModelState> {
  if (entry.files.length === 0) return 'embedded';
  return (await store.present(entry)) ? 'present' : 'not pulled';
}

/** Bytes of a model by its entry, or else by its files; undefined where neither tells. */
export async function bytesOf({ settings }: ModelStore, entry: ModelEntry): Promise<number | undefined> {
  const known = bytesOfEntry(entry);
  if (known !== undefined) return known;
  const sizes = await Promise.all(entry.files.map((file) => bytesAt(filePath(settings.home, entry, file))));
  return sizes.reduce(
    (sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
    0,
  );
}
