// The model store: what is there, what is fetched, what is checked; its folder is described in layout.ts.

import { rm, stat } from 'node:fs/promises';
import { expected } from '../../errors.js';
import type { ModelEntry, ModelFile } from '../entry.js';
import { writing } from './disk.js';
import { ownEntries } from './installed.js';
import { bytesAt, filePath, firstPath, folderOf } from './layout.js';
import { isLicenceAccepted } from './licence-gate.js';
import { withLock } from './lock.js';
import { removeOwn } from './own.js';
import { type FileReport, type PullOptions, pullModel, reportFiles } from './pull.js';
import { readStoreSettings, type StoreOptions, type StoreSettings } from './settings.js';
import { checkFile } from './verify.js';

export type { FileReport, PullOptions } from './pull.js';

/** Holds nothing open: there is no close. Entries with `files: []` are part of nigaoe and count as present and good. */
export interface ModelStore {
  readonly settings: StoreSettings;
  /** Whether all files are there in their full size; only files whose size is not known beforehand are hashed. */
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
  /**
   * Deletes the model's files (the accepted licence stays noted); false where there were none. An imported model is gone
   * for good, with its entry and all that was noted of it.
   */
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
  const there = await Promise.all(entry.files.map((file) => isThere(filePath(home, entry, file), file)));
  return there.every(Boolean);
}

async function isThere(at: string, file: ModelFile): Promise<boolean> {
  if (file.bytes !== undefined) return (await bytesAt(at)) === file.bytes;
  return (await checkFile(at, file).catch(() => 'missing')) === 'good';
}

async function isDamaged(home: string, entry: ModelEntry): Promise<boolean> {
  const sizes = await Promise.all(entry.files.map((file) => bytesAt(filePath(home, entry, file))));
  return sizes.some((size) => size !== undefined) && !(await isPresent(home, entry));
}

async function remove(home: string, entry: ModelEntry, signal: AbortSignal | undefined): Promise<boolean> {
  if (entry.files.length === 0)
    throw expected('a model that was downloaded', 'models rm', entry.id, `${entry.id} is part of nigaoe`);
  const own = (await ownEntries(home)).find((other) => other.entry.id === entry.id);
  if (own !== undefined) return removeOwn(home, own, signal);
  const folder = folderOf(home, entry);
  if ((await stat(folder).catch(() => undefined)) === undefined) return false;
  const erase = () => writing(folder, () => rm(folder, { recursive: true, force: true }));
  await withLock(folder, erase, { signal });
  return true;
}
