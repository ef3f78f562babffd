// `nigaoe models export`: writes a model as one ONNX file that says of itself what it is.

import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { expected, NigaoeError, throwIfCancelled } from '../../errors.js';
import type { ModelEntry } from '../../models/entry.js';
import { type Label, labelled } from '../../models/imports/label.js';
import { writeOnnx } from '../../models/onnx/file.js';
import { isOnnxPath } from '../../models/read-model-file.js';
import { writeSheets } from '../../outputs/write.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { size } from '../terminal/wording.js';
import { licenceWords } from './entry-lines.js';
import { madeOf } from './origin.js';
import { repairHint } from './repair-hint.js';
import { findSpecimen, openSearch, type Search, type Specimen } from './specimen.js';

/** Exports one model: of the store by its id, or a file. */
export async function exportModel(
  [word, out]: readonly string[],
  flags: FlagValues,
  stage: Stage,
): Promise<number> {
  const { terminal, signal } = stage;
  await checkTarget(out, flags.force === true);
  const search = await openSearch(stage, { part: flags.part as string | undefined });
  const specimen = await findSpecimen(word, search);
  if (specimen.model === undefined) throw specimen.obstacle ?? closed(word, specimen);
  if (specimen.entry) await checkWhole(specimen.entry, search, signal);
  throwIfCancelled(signal);
  const label = labelFor(word, specimen);
  const bytes = writeOnnx(labelled(specimen.model, label));
  await writeSheets([{ path: out, bytes }]);
  const { licence } = label;
  const terms = licence ? `\n  ${licenceWords(licence)}: ${licence.notice}` : '';
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { architecture: _, form: __, format: ___, ...words } = label;
  terminal.result(`${word} -> ${out}  (${size(bytes.length)})${terms}`, {
    ...{
      model: word,
      output: out,
      path: out,
      status: 'exported',
      bytes: bytes.length,
      sha256,
      format: 'onnx',
    },
    ...words,
    ...madeOf(specimen),
  });
  return 0;
}

async function checkTarget(out: string, force: boolean): Promise<void> {
  if (!isOnnxPath(out)) throw expected('a file that ends in .onnx', 'models export', out);
  const found = await lstat(out).catch(() => undefined);
  if (found === undefined || found.isDirectory() || force) return;
  throw expected('a new file', 'models export', out, 'It is there already; --force replaces it.');
}

/** What is exported goes into other hands: only what is as it was published. */
async function checkWhole(entry: ModelEntry, { store }: Search, signal: AbortSignal): Promise<void> {
  const bad = (await store.verify(entry, { signal })).find(({ state }) => state !== 'good');
  if (bad === undefined) return;
  throw new NigaoeError(
    'model-corrupt',
    `Expected the model ${entry.id} to be whole but ${bad.path} is ${bad.state}`,
    {
      hint: repairHint(entry),
    },
  );
}

/** What the file shall say: its entry's words before its own. */
function labelFor(word: string, { entry, label, origin }: Specimen): Label {
  // What was only guessed of a file stays out: whoever imports it guesses as well, and says so.
  const file: Label = { title: origin?.architecture.title, source: basename(resolve(word)), ...label };
  if (entry === undefined) return file;
  const { title, source, licence } = entry;
  const style = entry.kind === 'gan' ? { io: entry.io, side: entry.side, scope: entry.scope } : {};
  return { ...file, ...style, title, source, licence };
}

function closed(id: string, { entry, state }: Specimen): NigaoeError {
  if (state === 'embedded' || entry === undefined)
    return expected(
      'a network',
      'models export',
      id,
      `${id} is an algorithm: its graph is written anew for each picture size.`,
    );
  return new NigaoeError('model-missing', `Expected the model ${id} in the store but it is not there`, {
    hint: repairHint(entry),
  });
}
