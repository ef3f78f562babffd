// The models that nigaoe knows: catalogue.json, checked once when it is loaded, and how to find an entry in it.

import { NigaoeError } from '../errors.js';
import { nearest } from '../options.js';
import data from './catalogue.json' with { type: 'json' };
import type { ModelEntry, ModelKind } from './entry.js';
import { parseEntry } from './parse-entry.js';

/** Every published model; entries with `files: []` are part of nigaoe and need no download. */
export const CATALOGUE: readonly ModelEntry[] = (data as readonly unknown[]).map((entry) =>
  parseEntry(entry, 'catalogue.json'),
);

/** An entry of one kind. */
type EntryOfKind<Kind extends ModelKind> = Extract<ModelEntry, { kind: Kind }>;

/**
 * The entry with that id. `entries` defaults to the catalogue; give `allEntries(store)` to find the user's own models too.
 * `what` names them in the sentence. Throws `model-unknown`, with the nearest id as the hint.
 */
export function findEntry<Entry extends ModelEntry = ModelEntry>(
  id: string,
  entries: readonly Entry[] = CATALOGUE as readonly Entry[],
  what = 'model',
): Entry {
  const found = entries.find((entry) => entry.id === id);
  if (found !== undefined) return found;
  const ids = entries.map((entry) => entry.id);
  const guess = nearest(id, ids);
  throw new NigaoeError(
    'model-unknown',
    `Expected the id of a known ${what} but received ${JSON.stringify(id)}`,
    { hint: guess === undefined ? `There are: ${ids.join(', ')}` : `Did you mean ${guess}?` },
  );
}

/** The entries of one kind, in the order of the catalogue. */
export function entriesOfKind<Kind extends ModelKind>(
  kind: Kind,
  entries: readonly ModelEntry[] = CATALOGUE,
): EntryOfKind<Kind>[] {
  return entries.filter((entry): entry is EntryOfKind<Kind> => entry.kind === kind);
}
