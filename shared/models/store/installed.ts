// The user's own models: one JSON file per model in the store's folder `styles`, in the words of the catalogue.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, NigaoeError } from '../../errors.js';
import { CATALOGUE } from '../catalogue.js';
import type { ModelEntry } from '../entry.js';
import { parseEntry } from '../parse-entry.js';
import { stylesFolder } from './layout.js';
import type { StoreSettings } from './settings.js';

/** A model of the user's own, and the file that says so. */
export interface OwnEntry {
  entry: ModelEntry;
  at: string;
}

type OnNotice = (sentence: string) => void;

/**
 * The catalogue, then the entries in `styles/*.json` of the store, by file name. A file that is no entry, or that takes an id of
 * the catalogue, is left out and `onNotice` hears why: one damaged file must not hide the other models.
 */
export async function allEntries(
  { settings }: { settings: Pick<StoreSettings, 'home'> },
  onNotice?: OnNotice,
): Promise<ModelEntry[]> {
  const own = await ownEntries(settings.home, onNotice);
  return [...CATALOGUE, ...own.map(({ entry }) => entry)];
}

/** The user's own models alone. */
export async function ownEntries(home: string, onNotice: OnNotice = () => undefined): Promise<OwnEntry[]> {
  const folder = stylesFolder(home);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const own: OwnEntry[] = [];
  for (const name of names) {
    const at = path.join(folder, name);
    try {
      own.push({ entry: newEntry(await readFile(at, 'utf8'), at, own), at });
    } catch (error) {
      onNotice(`${at} is left out: ${whatIsWrong(error)}; ${repairOf(name)}`);
    }
  }
  return own;
}

function whatIsWrong(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is damaged, and no JSON any more';
  return error instanceof NigaoeError
    ? error.message
    : `it cannot be read (${codeOf(error) ?? String(error)})`;
}

function repairOf(name: string): string {
  const id = path.parse(name).name;
  return `import the style again with --id ${id} --replace, or remove it with \`nigaoe models rm ${id}\``;
}

/** Whether the entry is the user's own, and not of the catalogue. */
export const isOwn = ({ id }: ModelEntry): boolean => !CATALOGUE.some((entry) => entry.id === id);

function newEntry(text: string, at: string, own: readonly OwnEntry[]): ModelEntry {
  const entry = parseEntry(JSON.parse(text) as unknown, at);
  if (!isOwn(entry) || own.some((other) => other.entry.id === entry.id))
    throw new NigaoeError('options', `the id ${entry.id} is taken by another model`);
  return entry;
}
