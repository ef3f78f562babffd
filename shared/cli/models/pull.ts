// `nigaoe models pull`: fetches models; one that fails does not stop the others.

import { NigaoeError } from '../../errors.js';
import { findEntry } from '../../models/catalogue.js';
import type { ModelEntry } from '../../models/entry.js';
import { readCheckpointOf } from '../../models/imports/style-network.js';
import { allEntries } from '../../models/store/installed.js';
import { type ModelStore, openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { size } from '../terminal/wording.js';
import { runEach } from './each.js';
import { fetchModel } from './fetch.js';
import { madeOf, originWords } from './origin.js';
import { bytesOf, stateOf } from './state.js';

/** Fetches the named models, or all. */
export async function pullModels(ids: readonly string[], flags: FlagValues, stage: Stage): Promise<number> {
  const store = openStore();
  const entries = await allEntries(store, (sentence) => stage.terminal.notice(sentence));
  const wanted = chooseEntries(ids, flags.all === true, entries);
  const acceptLicence = flags.acceptLicence === true;
  return runEach(wanted, stage, (entry) => pullOne(entry, { store, acceptLicence, stage }));
}

function chooseEntries(ids: readonly string[], all: boolean, entries: readonly ModelEntry[]): ModelEntry[] {
  if (all === ids.length > 0)
    throw new NigaoeError('options', 'Expected either ids of models or --all', {
      hint: '`nigaoe models list` shows the ids.',
    });
  return all ? entries.filter(({ files }) => files.length > 0) : ids.map((id) => findEntry(id, entries));
}

async function pullOne(
  entry: ModelEntry,
  { store, acceptLicence, stage }: { store: ModelStore; acceptLicence: boolean; stage: Stage },
): Promise<void> {
  const { id, licence } = entry;
  const before = await stateOf(store, entry);
  await fetchModel(store, entry, { acceptLicence, stage });
  const status = before === 'not pulled' ? 'pulled' : before;
  const path = before === 'embedded' ? undefined : store.pathOf(entry);
  const bytes = (await bytesOf(store, entry)) ?? 0;
  // A checkpoint that makes no network is told now, not on the first photo.
  const network = path === undefined ? undefined : await readCheckpointOf(entry, path);
  const origin = network?.origin;
  const where = path === undefined ? 'part of nigaoe' : `${size(bytes)}, ${path}`;
  const lines = [
    `${id}  ${status}  (${where})`,
    ...(origin ? [`  imported as ${originWords(origin)}`] : []),
    `  ${licence.name}: ${licence.notice}`,
  ];
  const result = { id, status, bytes, path, licence, ...(network && madeOf(network)) };
  stage.terminal.result(lines.join('\n'), result);
}
