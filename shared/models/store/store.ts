// The model store: what is there, what is fetched, what is checked; its folder is described in layout.ts.

import { rm, stat } from 'node:fs/promises';
import { expected } from '../../errors.js';
import type { ModelEntry } from '../entry.js';
import { writing } from './disk.js';
import { bytesAt, filePath, firstPath, folderOf } from './layout.js';
import { isLicenceAccepted } from './licence-gate.js';
import { withLock } from './lock.js';
import { type FileReport, type PullOptions, pullModel, reportFiles } from './pull.js';
import { readStoreSettings, type StoreOptions, type StoreSettings } from './settings.js';

export type { FileReport, PullOptions } from './pull.js';

/** Holds nothing open: there is no close. Entries with `files: []` are part of nigaoe and count as present and good. */
export interface ModelStore {
  readonly settings: StoreSettings;
  /** Whether all files are there in their full size; no hashing. */
  present(entry: ModelEntry): Promise<boolean>;
  /** Whether files are there, but not all in their full size: a download that was tampered with or cut short. */
  damaged(entry: ModelEntry): Promise<boolean>;
  /** Whether the licence asks for nothing or was accepted before. */
  licenceAccepted(entry: ModelEntry): Promise<boolean>;
  /** Makes the model's files be there and right, downloading what is missing and replacing what is corrupt. */
  pull(entry: ModelEntry, options?: PullOptions): Promise<void>;
  /** `pull`, then the path of the model's first file; its other files lie beside it. */
  ensure(entry: ModelEntry, options?: PullOptions): Promise<string>;
  /** Hashes every file and reports; leaves the files as they are and notes beside them which were found good. */
  verify(entry: ModelEntry, options?: Pick<PullOptions, 'signal'>): Promise<FileReport[]>;
  /** Deletes the model's files (the accepted licence stays noted); false where there were none. */
  remove(entry: ModelEntry, options?: Pick<PullOptions, 'signal'>): Promise<boolean>;
  /** Where the model's first file lies or will lie; unchecked. */
  pathOf(entry: ModelEntry): string;
}

/**
 * The store in `options.home`; see `readStoreSettings` for what the environment says. Its operations throw `model-download`,
 * `model-corrupt`, `model-missing`, `licence-not-accepted`, `store-unwritable` and `cancelled`.
 */
export function openStore(options: StoreOptions = {}): ModelStore {
  const settings = readStoreSettings(options);
  return {
    settings,
    present: (entry) => isPresent(settings.home, entry),
    damaged: (entry) => isDamaged(settings.home, entry),
    licenceAccepted: (entry) => isLicenceAccepted(settings.home, entry),
    pull: (entry, pullOptions = {}) => pullModel(settings, entry, pullOptions),
    ensure: async (entry, pullOptions = {}) => {
      await pullModel(settings, entry, pullOptions);
      return firstPath(settings.home, entry);
    },
    verify: (entry, { signal } = {}) => reportFiles(settings.home, entry, { thorough: true, signal }),
    remove: (entry, { signal } = {}) => remove(settings.home, entry, signal),
    pathOf: (entry) => firstPath(settings.home, entry),
  };
}

async function isPresent(home: string, entry: ModelEntry): Promise<boolean> {
  const sizes = await sizesOf(home, entry);
  return entry.files.every((file, index) => sizes[index] === file.bytes);
}

async function isDamaged(home: string, entry: ModelEntry): Promise<boolean> {
  const sizes = await sizesOf(home, entry);
  return sizes.some((size) => size !== undefined) && !(await isPresent(home, entry));
}

const sizesOf = (home: string, entry: ModelEntry): Promise<(number | undefined)[]> =>
  Promise.all(entry.files.map((file) => bytesAt(filePath(home, entry, file))));

async function remove(home: string, entry: ModelEntry, signal: AbortSignal | undefined): Promise<boolean> {
  if (entry.files.length === 0)
    throw expected('a model that was downloaded', 'models rm', entry.id, `${entry.id} is part of nigaoe`);
  const folder = folderOf(home, entry);
  if ((await stat(folder).catch(() => undefined)) === undefined) return false;
  const erase = () => writing(folder, () => rm(folder, { recursive: true, force: true }));
  await withLock(folder, erase, { signal });
  return true;
}
