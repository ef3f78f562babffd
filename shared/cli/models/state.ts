// Where a model stands: part of nigaoe, in the store, or still to be fetched.

import type { ModelEntry } from '../../models/entry.js';
import type { ModelStore } from '../../models/store/store.js';

export type ModelState = 'embedded' | 'present' | 'not pulled';

/** By presence and size of the files; nothing is hashed. */
export async function stateOf(store: ModelStore, entry: ModelEntry): Promise<ModelState> {
  if (entry.files.length === 0) return 'embedded';
  return (await store.present(entry)) ? 'present' : 'not pulled';
}
