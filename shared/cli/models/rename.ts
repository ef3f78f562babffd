// `nigaoe models rename`: gives an imported style another id.

import { expected } from '../../errors.js';
import { CATALOGUE, findEntry } from '../../models/catalogue.js';
import { checkId } from '../../models/imports/ids.js';
import { ownEntries } from '../../models/store/installed.js';
import { renameOwn } from '../../models/store/own.js';
import { openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';

/** Renames one style of the user's own. */
export async function renameModel(
  [from, to]: readonly string[],
  _: FlagValues,
  { terminal, signal }: Stage,
): Promise<number> {
  const store = openStore();
  const { home } = store.settings;
  const own = await ownEntries(home, (sentence) => terminal.notice(sentence));
  if (CATALOGUE.some(({ id }) => id === from))
    throw expected('an imported style', 'models rename', from, `${from} is a model of the catalogue.`);
  const { id } = findEntry(
    from,
    own.map(({ entry }) => entry),
    'imported style',
  );
  const renamed = await renameOwn(
    home,
    own.find(({ entry }) => entry.id === id)!,
    checkId(to, 'the new id'),
    {
      signal,
    },
  );
  const result = { id: renamed.id, was: id, status: 'renamed', path: store.pathOf(renamed) };
  terminal.result(`${id}  renamed to ${renamed.id}`, result);
  return 0;
}
