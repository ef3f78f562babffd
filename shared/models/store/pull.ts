// Makes a model's files be there and right: licence, check, lock, quarantine, download.

import { rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError } from '../../errors.js';
import type { ModelEntry, ModelFile } from '../entry.js';
import { downloadFile } from './download.js';
import { bytesAt, bytesOfEntry, filePath, folderOf } from './layout.js';
import { passLicenceGate } from './licence-gate.js';
import { withLock } from './lock.js';
import { partPath } from './part-file.js';
import type { StoreSettings } from './settings.js';
import { sourcesOf } from './sources.js';
import { checkFile, type FileState, stampPath } from './verify.js';

export interface PullOptions {
  /** Accepts a licence that is not free for commercial use; default false. */
  acceptLicence?: boolean | undefined;
  /**
   * Bytes of the whole model; also called while another process downloads it. `totalBytes` grows where the size of a file
   * becomes known only when its source answers.
   */
  onProgress?: ((receivedBytes: number, totalBytes: number) => void) | undefined;
  /** A sentence that the user should read, such as a corrupt file that was replaced. */
  onNotice?: ((sentence: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** One file of a model as `verify` found it. */
export interface FileReport {
  name: string;
  path: string;
  state: FileState;
}

/** See `ModelStore.pull`. */
export async function pullModel(
  settings: StoreSettings,
  entry: ModelEntry,
  options: PullOptions,
): Promise<void> {
  const { home } = settings;
  const { acceptLicence = false, onNotice = () => undefined, signal } = options;
  await passLicenceGate(home, entry, { acceptLicence, onNotice });
  // The usual case needs no lock, and so works on a read-only disk.
  const found = await reportFiles(home, entry, { signal });
  if (found.every(({ state }) => state === 'good')) return;
  const onWait = sayWaiting(home, entry, options);
  const folder = folderOf(home, entry);
  const work = async (held: AbortSignal) => {
    try {
      await repair(settings, entry, { ...options, signal: held });
    } finally {
      // What failed before a byte came leaves no folder; one that is not empty stays.
      await rmdir(folder).catch(() => undefined);
    }
  };
  await withLock(folder, work, { signal, onWait });
}

/** Under the lock: what another process has brought in the meantime is found good here. */
async function repair(settings: StoreSettings, entry: ModelEntry, options: PullOptions): Promise<void> {
  let doneBytes = 0;
  for (const file of entry.files) {
    const target = filePath(settings.home, entry, file);
    const others = doneBytes + knownBytes(entry.files.slice(entry.files.indexOf(file) + 1));
    const onProgress = (received: number, total = received) =>
      options.onProgress?.(doneBytes + received, others + total);
    const state = await checkFile(target, file, options);
    if (state === 'corrupt') await quarantine(target, entry, options);
    if (state !== 'good') {
      const { signal } = options;
      const sources = sourcesOf(file, settings);
      await downloadFile({ id: entry.id, file, target, sources, settings, onProgress, signal });
    }
    const bytes = file.bytes ?? (await bytesAt(target)) ?? 0;
    onProgress(bytes);
    doneBytes += bytes;
  }
}

const knownBytes = (files: readonly ModelFile[]): number =>
  files.reduce((sum, { bytes = 0 }) => sum + bytes, 0);

async function quarantine(target: string, entry: ModelEntry, { onNotice }: PullOptions): Promise<void> {
  try {
    await rename(target, `${target}.corrupt`);
    await rm(stampPath(target), { force: true });
  } catch (cause) {
    const message = `Expected the model ${entry.id} to be whole, but ${target} is corrupt and cannot be replaced`;
    const hint = 'Delete the file, or set NIGAOE_HOME to a folder that can be written';
    throw new NigaoeError('model-corrupt', message, { hint, cause });
  }
  onNotice?.(`The stored file ${target} was corrupt: it was set aside as ${path.basename(target)}.corrupt`);
}

/** Tells the waiting user how far the other process is; the sentence comes once. */
function sayWaiting(home: string, entry: ModelEntry, { onNotice, onProgress }: PullOptions) {
  let told = false;
  return async (): Promise<void> => {
    if (!told) onNotice?.(`The model ${entry.id} is being fetched by another job; waiting for it`);
    told = true;
    const sizes = entry.files.map((file) => receivedOf(filePath(home, entry, file)));
    const received = (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
    const totalBytes = bytesOfEntry(entry) ?? received;
    onProgress?.(Math.min(received, totalBytes), totalBytes);
  };
}

async function receivedOf(target: string): Promise<number> {
  return (await bytesAt(target)) ?? (await bytesAt(partPath(target))) ?? 0;
}

/** The state of every file of the model; `thorough` hashes all of them. */
export async function reportFiles(
  home: string,
  entry: ModelEntry,
  options: { thorough?: boolean; signal: AbortSignal | undefined },
): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  for (const file of entry.files) {
    const at = filePath(home, entry, file);
    reports.push({ name: file.name, path: at, state: await checkFile(at, file, options) });
  }
  return reports;
}
