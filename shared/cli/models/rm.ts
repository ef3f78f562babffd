// `nigaoe models rm`: deletes the files of models.

import { findEntry } from '../../models/catalogue.js';
import { allEntries } from '../../models/store/installed.js';
import { hasDamagedEntry, removeDamaged } from '../../models/store/own.js';
import { openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { runEach } from './each.js';

/** Deletes the named models, also those of which only a damaged entry is left; all ids are checked first. */
export async function removeModels(ids: readonly string[], _: FlagValues, stage: Stage): Promise<number> {
  const { terminal, signal } = stage;
  const store = openStore();
  const { home } = store.settings;
  const damaged: string[] = [];
  for (const id of ids) if (await hasDamagedEntry(home, id)) damaged.push(id);
  const entries = await allEntries(store, (sentence) => terminal.notice(sentence));
  const wanted = ids.filter((id) => !damaged.includes(id)).map((id) => findEntry(id, entries));
  return runEach([...damaged.map((id) => ({ id })), ...wanted], stage, async ({ id }) => {
    const entry = wanted.find((other) => other.id === id);
    const removed = await (entry ? store.remove(entry, { signal }) : removeDamaged(home, id, signal));
    const line = removed ? `${id}  removed` : `${id}  was not there`;
    terminal.result(line, { id, status: removed ? 'removed' : 'absent' });
  });
}
