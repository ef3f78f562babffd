// The user's own models: one JSON file per model in the store's folder `styles`, in the words of the catalogue.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { asFailure } from '../../errors.js';
import { CATALOGUE } from '../catalogue.js';
import type { ModelEntry } from '../entry.js';
import { parseEntry } from '../parse-entry.js';
import type { ModelStore } from './store.js';

/**
 * The catalogue, then the entries in `styles/*.json` of the store, by file name. A file that is no entry, or that takes an id of
 * the catalogue, is left out and `onNotice` hears why: one damaged file must not hide the other models.
 */
export async function allEntries(
  { settings }: Pick<ModelStore, 'settings'>,
  onNotice: (sentence: string) => void = () => undefined,
): Promise<ModelEntry[]> {
  const folder = path.join(settings.home, 'styles');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const entries: ModelEntry[] = [...CATALOGUE];
  for (const name of names) {
    const at = path.join(folder, name);
    try {
      entries.push(newEntry(await readFile(at, 'utf8'), at, entries));
    } catch (error) {
      onNotice(`${at} is left out: ${asFailure(error).message}`);
    }
  }
  return entries;
}

function newEntry(text: string, at: string, taken: readonly ModelEntry[]): ModelEntry {
  const entry = parseEntry(JSON.parse(text) as unknown, at);
  if (taken.some(({ id }) => id === entry.id)) throw new Error(`the id ${entry.id} is taken`);
  return entry;
}
