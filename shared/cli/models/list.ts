// `nigaoe models list`: the catalogue and the user's own models, with their states.

import type { ModelEntry } from '../../models/entry.js';
import { allEntries, isOwn } from '../../models/store/installed.js';
import { type ModelStore, openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { size, table } from '../terminal/wording.js';
import { bytesOf, type ModelState, stateOf } from './state.js';

/** Prints one row per model; a JSON line each with `--json`. */
export async function listModels(_: FlagValues, { terminal }: Stage): Promise<number> {
  const store = openStore();
  const entries = await allEntries(store, (sentence) => terminal.notice(sentence));
  const rows: string[][] = [];
  for (const entry of entries) {
    const state = await stateOf(store, entry);
    const bytes = await bytesOf(store, entry);
    terminal.jsonOnly(await listed(store, entry, { state, bytes }));
    rows.push(rowFor(entry, { state, bytes }));
  }
  if (!terminal.json) terminal.result(table([HEADER, ...rows]), {});
  if (!terminal.json) terminal.notice(`\nStore: ${store.settings.home}    (n): not for commercial use`);
  return 0;
}

const HEADER = ['ID', 'KIND', 'SIZE', 'STATE', 'LICENCE', 'TITLE'];

interface Found {
  state: ModelState;
  bytes: number | undefined;
}

function rowFor(entry: ModelEntry, { state, bytes }: Found): string[] {
  const { id, kind, licence, title } = entry;
  const name = licence.commercial ? licence.name : `${licence.name} (n)`;
  const what = entry.kind === 'gan' && entry.quantized ? `${kind} int8` : kind;
  return [id, what, sizeWord(bytes), stateWord(entry, state), name, title];
}

function sizeWord(bytes: number | undefined): string {
  if (bytes === undefined) return '?';
  return bytes === 0 ? '-' : size(bytes);
}

function stateWord(entry: ModelEntry, state: ModelState): string {
  if (!isOwn(entry)) return state;
  return state === 'not pulled' ? 'yours, missing' : 'yours';
}

async function listed(store: ModelStore, entry: ModelEntry, { state, bytes }: Found): Promise<object> {
  const { id, kind, title, licence, source } = entry;
  const licenceAccepted = await store.licenceAccepted(entry);
  const quantized = entry.kind === 'gan' && entry.quantized ? { quantized: entry.quantized } : {};
  return { id, kind, title, state, own: isOwn(entry), bytes, licence, licenceAccepted, source, ...quantized };
}
