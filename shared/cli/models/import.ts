// `nigaoe models import`: makes a style of the user's own weights.

import { expected } from '../../errors.js';
import type { GeneratorIo } from '../../models/entry.js';
import { type Imported, type ImportOptions, importStyle } from '../../models/imports/import-model.js';
import { checkWishes } from '../../models/imports/wishes.js';
import { allEntries } from '../../models/store/installed.js';
import { openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { size } from '../terminal/wording.js';
import { licenceWords } from './entry-lines.js';
import { grouped } from './figures.js';
import { madeOf, originWords } from './origin.js';
import { rowLines } from './rows.js';

/** Imports one file or folder. */
export async function importFile(
  [path]: readonly string[],
  flags: FlagValues,
  { terminal, signal }: Stage,
): Promise<number> {
  const store = openStore();
  const options = optionsOf(flags);
  checkWishes(path, options);
  terminal.begin(`Reading ${path}, and drawing a small picture to try it`);
  const imported = await importStyle(path, {
    ...options,
    store,
    signal,
    onNotice: (said) => terminal.notice(said),
  });
  if (options.id === undefined) terminal.notice('The id is made of the name of the file; --id gives another');
  if (imported.entry.licence.name === 'not stated') terminal.notice(UNKNOWN_LICENCE);
  // What hides the new style from the doors is told here, where it can be put right.
  await allEntries(store, (sentence) => terminal.notice(sentence));
  terminal.result(linesFor(imported), objectFor(imported));
  return 0;
}

const UNKNOWN_LICENCE =
  'No licence was stated, so pictures will say that they are not for commercial use; --licence NAME states one';

/** The flags as the library takes them. */
function optionsOf(flags: FlagValues): ImportOptions {
  const { id, title, licence, commercial, scope, layout, channels, range, part, replace } = flags;
  const text = { id, title, licence, scope, layout, channels, part } as ImportOptions;
  return {
    ...text,
    commercial: commercial as boolean | undefined,
    alignCorners: flags.alignCorners as boolean | undefined,
    range: range === undefined ? undefined : parseRange(String(range)),
    blocks: flags.blocks === undefined ? undefined : parseBlocks(String(flags.blocks)),
    replace: replace === true,
  };
}

function parseRange(text: string): GeneratorIo['range'] {
  const [low, high, ...rest] = text
    .split(',')
    .map((word) => (word.trim() === '' ? Number.NaN : Number(word)));
  if (rest.length === 0 && !Number.isNaN(low) && !Number.isNaN(high)) return [low, high];
  throw expected('two numbers, black and white', '--range', text, 'Such as -1,1 or 0,255.');
}

function parseBlocks(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw expected('a whole number', '--blocks', text);
}

function linesFor({ entry, network, replaced, path }: Imported): string {
  const { id, io, side, scope, licence, title } = entry;
  const bytes = entry.files[0].bytes ?? 0;
  return [
    `${id}  ${replaced ? 'replaced' : 'imported'}  (${size(bytes)}, ${path})`,
    ...rowLines([
      ['title', title],
      ['network', networkWords(network)],
      ['pixels', `${io.layout}, ${io.channels}, ${io.range[0]} to ${io.range[1]}, ${network.reason}`],
      ['sides', sidesWords(side)],
      ['scope', scope],
      ['licence', licenceWords(licence)],
    ]),
    `Draw with it:  nigaoe stylize photo.jpg --style ${id} -o out.png`,
  ].join('\n');
}

function networkWords(network: Imported['network']): string {
  const { origin, format } = network;
  if (origin !== undefined) return `${originWords(origin)}; read from a checkpoint (${format})`;
  const { architecture, parameters = 0 } = madeOf(network);
  const made = architecture ? `of a ${architecture.title}, ` : '';
  return `ONNX model, ${made}${grouped(parameters)} parameters`;
}

function sidesWords({ multipleOf, minPx, maxPx }: Imported['entry']['side']): string {
  return minPx === maxPx ? `${minPx} px only` : `${minPx} to ${maxPx} px, multiples of ${multipleOf}`;
}

function objectFor({ entry, network, replaced, path }: Imported): object {
  const { id, title, io, side, scope, licence, source, files } = entry;
  const { bytes, sha256 } = files[0];
  return {
    id,
    status: replaced ? 'replaced' : 'imported',
    // What lies in the store is ONNX, whatever it was made of.
    ...{ title, path, bytes, sha256, format: 'onnx' },
    ...madeOf(network),
    ...{ io, rangeReason: network.reason, side, scope, licence, source },
  };
}
