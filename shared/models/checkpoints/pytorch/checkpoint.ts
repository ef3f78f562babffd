// What both formats of PyTorch share: the world of their pickles, and the way from data to tensors that can be read.

import type { NigaoeError } from '../../../errors.js';
import { type ByteSource, corrupt } from '../bytes.js';
import type { Checkpoint, CheckpointFormat, StoredTensor } from '../checkpoint.js';
import { TORCH_GLOBALS } from './globals.js';
import type { PickleWorld } from './pickle/machine.js';
import { refused } from './pickle/refusal.js';
import { findStateDict } from './state-dict.js';
import type { StorageBytes } from './storage-bytes.js';
import { viewTensor } from './storage-view.js';
import { type StorageRef, storageFrom } from './tensor.js';

/** That of a checkpoint of a thousand tensors has 100 kB. */
export const MOST_PICKLE_BYTES = 2 ** 26;

/** The world of a checkpoint's pickle: globals of torch as data, storages by their ids. */
export function worldOf(name: string): PickleWorld {
  return {
    name,
    find: (global) => TORCH_GLOBALS.get(global),
    resolve: (id) => {
      const storage = storageFrom(id);
      if (storage === undefined) throw corrupt(name, 'its pickle names a storage that is none');
      return storage;
    },
  };
}

/** An unpickled checkpoint, and where its storages lie. */
export interface Loaded {
  format: CheckpointFormat;
  value: unknown;
  storageOf(storage: StorageRef): Promise<StorageBytes>;
}

/** The checkpoint; all of its tensors are checked against their storages. */
export async function checkpointOf(
  source: ByteSource,
  { format, value, storageOf }: Loaded,
): Promise<Checkpoint> {
  const { name } = source;
  const storages = new Map<string, StorageBytes>();
  const tensors = new Map<string, StoredTensor>();
  for (const [key, tensor] of findStateDict(name, value)) {
    const storage = storages.get(tensor.storage.key) ?? (await storageOf(tensor.storage));
    storages.set(tensor.storage.key, storage);
    tensors.set(key, viewTensor(name, key, { tensor, storage }));
  }
  return { format, tensors, metadata: {}, close: () => source.close() };
}

/** The refusal of numbers that stand the other way round. */
export const bigEndian = (name: string): NigaoeError =>
  refused(name, 'its numbers are big-endian', 'Load it and save it again on an x86 or ARM machine.');
