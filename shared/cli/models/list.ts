// `nigaoe models list`: the catalogue and the user's own models, with their states.

import type { ModelEntry } from '../../models/entry.js';
import { allEntries } from '../../models/store/installed.js';
import { bytesOfEntry } from '../../models/store/layout.js';
import { type ModelStore, openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { size, table } from '../terminal/wording.js';
import { type ModelState, stateOf } from './state.js';

/** Prints one row per model; a JSON line each with `--json`. */
export async function listModels(_: FlagValues, { terminal }: Stage): Promise<number> {
  const store = openStore();
  const entries = await allEntries(store, (sentence) => terminal.notice(sentence));
  const rows: string[][] = [];
  for (const entry of entries) {
    const state = await stateOf(store, entry);
    terminal.jsonOnly(await listed(store, entry, state));
    rows.push(rowFor(entry, state));
  }
  if (!terminal.json) terminal.result(table([HEADER, ...rows]), {});
  if (!terminal.json) terminal.notice(`\nStore: ${store.settings.home}    (n): not for commercial use`);
  return 0;
}

const HEADER = ['ID', 'KIND', 'SIZE', 'STATE', 'LICENCE', 'TITLE'];

function rowFor(entry: ModelEntry, state: ModelState): string[] {
  const { id, kind, licence, title } = entry;
  const bytes = bytesOfEntry(entry);
  const name = licence.commercial ? licence.name : `${licence.name} (n)`;
  return [id, kind, bytes === 0 ? '-' : size(bytes), state, name, title];
}

async function listed(store: ModelStore, entry: ModelEntry, state: ModelState): Promise<object> {
  const { id, kind, title, licence, source } = entry;
  const licenceAccepted = await store.licenceAccepted(entry);
  return { id, kind, title, state, bytes: bytesOfEntry(entry), licence, licenceAccepted, source };
}
