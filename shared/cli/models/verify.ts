// `nigaoe models verify`: hashes what is in the store.

import { NigaoeError } from '../../errors.js';
import { findEntry } from '../../models/catalogue.js';
import type { ModelEntry } from '../../models/entry.js';
import { allEntries } from '../../models/store/installed.js';
import { type FileReport, openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { runEach } from './each.js';
import { repairHint } from './repair-hint.js';

type Verdict = 'good' | 'corrupt' | 'missing' | 'embedded';

/** Checks the named models, or those of which something is here. A model that is not right fails. */
export async function verifyModels(ids: readonly string[], _: FlagValues, stage: Stage): Promise<number> {
  const { terminal, signal } = stage;
  const store = openStore();
  const entries = await allEntries(store, (sentence) => terminal.notice(sentence));
  const named = ids.map((id) => findEntry(id, entries));
  let seen = 0;
  const exitCode = await runEach(ids.length > 0 ? named : entries, stage, async (entry) => {
    const files = await store.verify(entry, { signal });
    const verdict = verdictOn(entry, files);
    if (ids.length === 0 && (verdict === 'missing' || verdict === 'embedded')) return;
    seen += 1;
    if (verdict === 'corrupt' || verdict === 'missing') throw wrong(entry, verdict, files);
    terminal.result(`${entry.id}  ${verdict}`, { id: entry.id, status: verdict, files });
  });
  if (seen === 0)
    terminal.notice(`No model is in ${store.settings.home}; those of nigaoe itself need no check`);
  return exitCode;
}

function verdictOn({ files }: ModelEntry, reports: readonly FileReport[]): Verdict {
  if (files.length === 0) return 'embedded';
  if (reports.every(({ state }) => state === 'missing')) return 'missing';
  return reports.every(({ state }) => state === 'good') ? 'good' : 'corrupt';
}

function wrong(entry: ModelEntry, verdict: 'corrupt' | 'missing', files: readonly FileReport[]): NigaoeError {
  const { id } = entry;
  const hint = repairHint(entry);
  if (verdict === 'missing')
    return new NigaoeError('model-missing', `Expected the model ${id} in the store but it is not there`, {
      hint,
    });
  const bad = files.filter(({ state }) => state !== 'good').map(({ path, state }) => `${path} is ${state}`);
  return new NigaoeError('model-corrupt', `Expected the model ${id} to be whole but ${bad.join(', ')}`, {
    hint,
  });
}
