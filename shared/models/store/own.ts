// Keeps, renames and removes the user's own models: a model is there with its file, entry and licence note, or not at all.

import { copyFile, link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError, throwIfCancelled } from '../../errors.js';
import { CATALOGUE } from '../catalogue.js';
import type { ModelEntry } from '../entry.js';
import { isSafeName } from '../parse-entry.js';
import { syncFolder, writeSynced, writing } from './disk.js';
import { type OwnEntry, ownEntries } from './installed.js';
import { filePath, folderOf, stylesFolder } from './layout.js';
import { forgetAcceptance, isLicenceAccepted, noteAcceptance } from './licence-gate.js';
import { withLock } from './lock.js';

interface KeepOptions {
  /** Take the place of an own model of the same id; default false. */
  replace?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Keeps a model of one file under `entry.id`; true where it took the place of another. Its licence counts as accepted.
 * Throws `options` where the id is taken, `store-unwritable`, `cancelled`; what was there before is then still there.
 */
export function keepOwn(
  home: string,
  { entry, bytes }: { entry: ModelEntry; bytes: Uint8Array },
  { replace = false, signal }: KeepOptions = {},
): Promise<boolean> {
  const work = async (held: AbortSignal) => {
    const before = await checkFree(home, entry.id, { replace });
    const fill = (folder: string) => writeSynced(path.join(folder, entry.files[0].name), bytes);
    await install(home, entry, { fill, isAccepted: true, signal: held });
    if (before !== undefined && before !== entryPath(home, entry.id)) await rm(before, { force: true });
    return before !== undefined;
  };
  return withLock(folderOf(home, entry), work, { signal });
}

/** Gives an own model another id, and its files the names that go with it. Throws as `keepOwn` does, and `model-unknown`. */
export async function renameOwn(
  home: string,
  { entry }: OwnEntry,
  id: string,
  { signal }: Pick<KeepOptions, 'signal'> = {},
): Promise<ModelEntry> {
  await checkTarget(home, entry.id, id);
  const work = async (held: AbortSignal) => {
    await checkTarget(home, entry.id, id);
    return moveOwn(home, await presentOwn(home, entry.id), { id, signal: held });
  };
  // Always in the same order: two renames that cross would wait for each other for ever.
  const [first, second] = [entry.id, id].sort();
  const locked = (held: AbortSignal) => withLock(folderOf(home, { id: second }), work, { signal: held });
  return withLock(folderOf(home, { id: first }), locked, { signal });
}

/** Throws `options` where a model cannot be given this id. */
async function checkTarget(home: string, from: string, id: string): Promise<void> {
  if (from === id)
    throw new NigaoeError('options', `Expected another id but ${id} is the style's id already`);
  const taken = await findOwn(home, id);
  if (taken === undefined) return;
  const itself = taken.id === id ? id : `${id} is the same as ${taken.id}, which`;
  throw new NigaoeError('options', `Expected a new id but ${itself} is one of your styles already`, {
    hint: `Choose another id, or remove that style first: \`nigaoe models rm ${taken.id}\`.`,
  });
}

/** The model as it is now: while the lock was waited for, another job may have replaced, renamed or removed it. */
async function presentOwn(home: string, id: string): Promise<OwnEntry> {
  const own = (await ownEntries(home)).find(({ entry }) => entry.id === id);
  if (own !== undefined) return own;
  throw new NigaoeError('model-unknown', `Expected the imported style ${id} but it is there no more`);
}

async function moveOwn(
  home: string,
  own: OwnEntry,
  { id, signal }: { id: string; signal: AbortSignal },
): Promise<ModelEntry> {
  const renamed = renamedEntry(own.entry, id);
  const isAccepted = await isLicenceAccepted(home, own.entry);
  const fill = async (folder: string) => {
    for (const [index, file] of own.entry.files.entries())
      await linkOrCopy(filePath(home, own.entry, file), path.join(folder, renamed.files[index].name));
  };
  await install(home, renamed, { fill, isAccepted, signal });
  await erase(home, own);
  return renamed;
}

/** Whether `styles/<id>.json` is there, but holds no entry that could be listed. */
export async function hasDamagedEntry(home: string, id: string): Promise<boolean> {
  if (!isSafeName(id) || CATALOGUE.some((entry) => entry.id === id)) return false;
  if (!(await exists(entryPath(home, id)))) return false;
  return !(await ownEntries(home)).some(({ entry, at }) => entry.id === id || at === entryPath(home, id));
}

/** Removes what `hasDamagedEntry`, with all that lies under its id. */
export async function removeDamaged(home: string, id: string, signal?: AbortSignal): Promise<true> {
  await withLock(folderOf(home, { id }), () => eraseAt(home, entryPath(home, id), id), { signal });
  return true;
}

/** Removes an own model with its files, its entry and the note of its licence. */
export async function removeOwn(home: string, own: OwnEntry, signal?: AbortSignal): Promise<true> {
  await withLock(folderOf(home, own.entry), () => erase(home, own), { signal });
  return true;
}

/**
 * The file whose place a model of this id would take, or undefined where the id is free. Throws `options` where there is one
 * and nothing is to be replaced.
 */
export async function checkFree(
  home: string,
  id: string,
  { replace = false }: Pick<KeepOptions, 'replace'> = {},
): Promise<string | undefined> {
  const taken = await findOwn(home, id);
  // In another letter case its files would lie in one folder on some systems and in two on others.
  if (taken === undefined || (replace && taken.id === id)) return taken?.at;
  const itself = taken.id === id ? id : `${id} is the same as ${taken.id}, which`;
  const replacing = taken.id === id ? '' : ` as ${taken.id}`;
  throw new NigaoeError('options', `Expected a new id but ${itself} is one of your styles already`, {
    hint: `Choose another id, or replace the style${replacing}: \`nigaoe models import\` takes --replace.`,
  });
}

/** The id that is the same but for its letter case, and the file that takes it, though it may hold no good entry. */
async function findOwn(home: string, id: string): Promise<{ id: string; at: string } | undefined> {
  const same = (other: string) => other.toLowerCase() === id.toLowerCase();
  const own = (await ownEntries(home)).find(({ entry }) => same(entry.id));
  if (own !== undefined) return { id: own.entry.id, at: own.at };
  const names = await readdir(stylesFolder(home)).catch(() => []);
  const name = names.find((file) => same(file.replace(/\.json$/, '')) && file.endsWith('.json'));
  return name === undefined
    ? undefined
    : { id: path.parse(name).name, at: path.join(stylesFolder(home), name) };
}

interface Installation {
  /** Puts the files into the new folder. */
  fill(folder: string): Promise<void>;
  isAccepted: boolean;
  signal: AbortSignal;
}

// The entry lies down last, in one step: without it nobody looks at the files.
async function install(
  home: string,
  entry: ModelEntry,
  { fill, isAccepted, signal }: Installation,
): Promise<void> {
  const target = folderOf(home, entry);
  const [fresh, old] = ['new', 'old'].map((word) => path.join(path.dirname(target), `.${word}-${entry.id}`));
  const draft = path.join(stylesFolder(home), `.${entry.id}.new`);
  await writing(target, async () => {
    try {
      await emptyFolder(fresh);
      await fill(fresh);
      await mkdir(stylesFolder(home), { recursive: true });
      await writeSynced(draft, JSON.stringify(entry, null, 2) + '\n');
      throwIfCancelled(signal);
      await noteLicence(home, entry, isAccepted);
      await swap({ fresh, target, old }, () => rename(draft, entryPath(home, entry.id)));
    } finally {
      for (const path of [fresh, draft]) await rm(path, { recursive: true, force: true });
      if (!(await exists(entryPath(home, entry.id)))) await forgetAcceptance(home, entry.id);
    }
    for (const folder of [path.dirname(target), stylesFolder(home)]) await syncFolder(folder);
  });
}

/** Puts the folder `fresh` in the place of `target`; where `work` then fails, what was there comes back. */
async function swap(
  { fresh, target, old }: { fresh: string; target: string; old: string },
  work: () => Promise<void>,
): Promise<void> {
  await rm(old, { recursive: true, force: true });
  const hadOld = await exists(target);
  if (hadOld) await rename(target, old);
  try {
    await rename(fresh, target);
    await work();
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    if (hadOld) await rename(old, target);
    throw error;
  }
  // Done is done: what cannot be cleared away now goes with the next import.
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
}

async function noteLicence(home: string, entry: ModelEntry, isAccepted: boolean): Promise<void> {
  const isNoted = isAccepted && !entry.licence.commercial;
  await (isNoted ? noteAcceptance(home, entry) : forgetAcceptance(home, entry.id));
}

// The entry goes first: a model without files would be listed, files without a model are not.
function eraseAt(home: string, at: string, id: string): Promise<void> {
  return writing(at, async () => {
    await rm(at, { force: true });
    await rm(folderOf(home, { id }), { recursive: true, force: true });
    await forgetAcceptance(home, id);
  });
}

const erase = (home: string, { entry, at }: OwnEntry): Promise<void> => eraseAt(home, at, entry.id);

function renamedEntry(entry: ModelEntry, id: string): ModelEntry {
  const rename = (name: string) =>
    name.startsWith(`${entry.id}.`) ? id + name.slice(entry.id.length) : name;
  return { ...entry, id, files: entry.files.map((file) => ({ ...file, name: rename(file.name) })) };
}

/** A second name costs nothing; where the file system has none, a copy. A file that is missing stays so. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  if (await exists(from)) await link(from, to).catch(() => copyFile(from, to));
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}

const exists = async (at: string): Promise<boolean> => (await lstat(at).catch(() => undefined)) !== undefined;

const entryPath = (home: string, id: string): string => path.join(stylesFolder(home), `${id}.json`);
