// `nigaoe models rm`: deletes the files of models.

import { findEntry } from '../../models/catalogue.js';
import { allEntries } from '../../models/store/installed.js';
import { openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { runEach } from './each.js';

/** Deletes the named models; all ids are checked first. */
export async function removeModels(ids: readonly string[], _: FlagValues, stage: Stage): Promise<number> {
  const { terminal, signal } = stage;
  const store = openStore();
  const entries = await allEntries(store, (sentence) => terminal.notice(sentence));
  const wanted = ids.map((id) => findEntry(id, entries));
  return runEach(wanted, stage, async (entry) => {
    const removed = await store.remove(entry, { signal });
    const line = removed ? `${entry.id}  removed` : `${entry.id}  was not there`;
    terminal.result(line, { id: entry.id, status: removed ? 'removed' : 'absent' });
  });
}
