// The models that a job names: ids of models that are here, never a path, an address, or something still to be downloaded.

import { expected, NigaoeError } from '../../errors.js';
import { findEntry } from '../../models/catalogue.js';
import { isStyle, type ModelEntry, type StyleEntry } from '../../models/entry.js';
import { isSafeName } from '../../models/parse-entry.js';
import { allEntries, isOwn } from '../../models/store/installed.js';
import type { ModelStore } from '../../models/store/store.js';
import { isStyleFile } from '../../models/styles.js';
import type { PartialBridgeOptions } from '../../options.js';
import type { StyleInfo } from '../protocol.js';

/** The options that name a model, the words that are no model, and what they may name. */
const NAMING = {
  style: { words: [], fits: isStyle, what: 'style' },
  background: { words: [''], fits: isStyle, what: 'style' },
  detector: {
    words: ['auto', 'embedded'],
    fits: ({ kind }: ModelEntry) => kind === 'detector',
    what: 'face model',
  },
  landmarker: {
    words: ['auto', 'embedded'],
    fits: ({ kind }: ModelEntry) => kind === 'landmarks',
    what: 'face model',
  },
} as const;
type Naming = keyof typeof NAMING;

/** Throws `options` for what is no id, `model-unknown`, and `model-missing` for a model that must be pulled first. */
export async function checkModels(options: PartialBridgeOptions, store: ModelStore): Promise<void> {
  checkIds(options);
  for (const [name, id] of named(options)) await checkModel(name, id, store);
}

/** Throws `options` for what is no id of a model. */
export function checkIds(options: PartialBridgeOptions): void {
  // Ids have no separators, and none ends like a model file.
  for (const [name, id] of named(options))
    if (!isSafeName(id) || isStyleFile(id))
      throw expected('an id of GET /v1/styles or `nigaoe models list`', name, id, NO_PATHS);
}

/** The options that name a model. */
function named(options: PartialBridgeOptions): [Naming, string][] {
  return (Object.keys(NAMING) as Naming[]).flatMap((name) => {
    const id = options[name];
    const isWord = (NAMING[name].words as readonly string[]).includes(id ?? '');
    return id === undefined || isWord ? [] : [[name, id]];
  });
}

/** Whether a model draws at once: its files are here and its licence asks for nothing more. */
export async function isReady(store: ModelStore, entry: ModelEntry): Promise<boolean> {
  return (await store.present(entry)) && (await store.licenceAccepted(entry));
}

/** A style as front ends are told of it. */
export async function infoOf(store: ModelStore, entry: StyleEntry): Promise<StyleInfo> {
  const { id, title, kind, scope, licence } = entry;
  const state = (await isReady(store, entry)) ? 'ready' : 'absent';
  return { id, title, kind, scope, licence, state, yours: isOwn(entry) };
}

async function checkModel(name: Naming, id: string, store: ModelStore): Promise<void> {
  const { fits, what } = NAMING[name];
  const entry = findEntry(id, (await allEntries(store)).filter(fits), what);
  if (await isReady(store, entry)) return;
  throw new NigaoeError('model-missing', `Expected the ${what} ${id} to be ready but it is not`, {
    hint: `Run \`nigaoe models pull ${id}\` on the computer of the bridge, which shows the licence too.`,
  });
}
const NO_PATHS =
  'The bridge takes neither paths nor addresses; `nigaoe models import` makes a style of a file.';
