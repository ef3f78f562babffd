// `nigaoe models inspect`: what a model takes, gives and is made of, and what it costs to draw with it.

import { asFailure, type NigaoeError, throwIfCancelled } from '../../errors.js';
import type { Label } from '../../models/imports/label.js';
import { countMultiplyAdds, type MultiplyAdds } from '../../models/multiply-adds.js';
import { pathOfStyle } from '../../models/styles.js';
import { exitCodeOf } from '../exit-code.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { anatomyLines, anatomyOf } from './anatomy.js';
import { entryLines, licenceWords, pixelWords, quantizedWords } from './entry-lines.js';
import { grouped, rounded } from './figures.js';
import { inspectFolder, isDiffusionFolder } from './inspect-folder.js';
import { madeOf } from './origin.js';
import { repairHint } from './repair-hint.js';
import { type Row, rowLines } from './rows.js';
import { findSpecimen, openSearch, type Search, type Specimen } from './specimen.js';

/** Side of the picture for which multiplications are counted. */
const COUNTED_PX = 512;
/** Tensors that are shown of what is no style, and characters of their keys. */
const MOST_TENSORS = 12;
const MOST_CHARACTERS = 200;

/** What a picture costs, or why that cannot be told. */
type Cost = MultiplyAdds | { reason: string } | undefined;

/** What is shown of one model, and why it is no style where it should be one. */
interface Shown {
  lines: string[];
  failure?: NigaoeError | undefined;
}

/** Shows the models one after the other; fails for a checkpoint that is no style, and for what cannot be opened. */
export async function inspectModels(
  words: readonly string[],
  { part }: FlagValues,
  stage: Stage,
): Promise<number> {
  const { terminal, signal } = stage;
  const search = await openSearch(stage, { part: part as string | undefined });
  const shown: Shown[] = [];
  for (const word of words) {
    throwIfCancelled(signal);
    shown.push(await inspectOne(word, search, stage));
  }
  const blocks = shown.map(({ lines }) => lines.join('\n')).filter((block) => block !== '');
  if (!terminal.json && blocks.length > 0) terminal.result(blocks.join('\n\n'), {});
  const failures = shown.flatMap(({ failure }) => failure ?? []);
  for (const failure of failures) terminal.failure(failure);
  return exitCodeOf(failures);
}

async function inspectOne(word: string, search: Search, { terminal }: Stage): Promise<Shown> {
  try {
    const folder = pathOfStyle(word);
    if (await isDiffusionFolder(folder)) {
      const { lines, told, failure } = await inspectFolder(folder);
      terminal.jsonOnly(told);
      return { lines, failure };
    }
    const specimen = await findSpecimen(word, search);
    const cost = await costOf(word, specimen);
    terminal.jsonOnly(objectFor(specimen, cost));
    return { lines: linesFor(word, specimen, cost), failure: specimen.tensors && specimen.obstacle };
  } catch (thrown) {
    const error = asFailure(thrown);
    terminal.jsonOnly({ id: word, status: 'failed', error });
    return { lines: [], failure: error };
  }
}

async function costOf(name: string, { model }: Specimen): Promise<Cost> {
  try {
    return model && (await countMultiplyAdds(model, { name, sidePx: COUNTED_PX }));
  } catch (error) {
    return { reason: asFailure(error).message };
  }
}

function objectFor({ entry, model, label, pixels, origin, obstacle, ...rest }: Specimen, cost: Cost): object {
  const { io, side, reason } = pixels ?? {};
  return {
    ...entry,
    ...rest,
    ...(io && { io, rangeReason: reason, side }),
    ...(model && anatomyOf(model)),
    ...madeOf({ origin, label, model, format: rest.format }),
    ...(cost && 'count' in cost && { multiplyAdds: cost }),
    ...(entry === undefined && wordsOf(label)),
    ...(obstacle && { noStyle: obstacle }),
  };
}

function linesFor(word: string, specimen: Specimen, cost: Cost): string[] {
  const { entry, state, path, bytes, sha256, model, tensors } = specimen;
  const file: Row[] = [
    ['state', state],
    ['file', path],
    ['bytes', bytes ? grouped(bytes) : undefined],
    ['sha256', sha256],
    ['format', formatWords(specimen)],
    ...originRows(specimen),
    ...(entry === undefined ? styleRows(specimen) : []),
    ['multiply-adds', costWords(cost)],
  ];
  return [
    word,
    ...(entry ? entryLines(entry) : []),
    ...rowLines(file),
    ...(model ? anatomyLines({ ...anatomyOf(model), ...numberOf(specimen) }) : []),
    ...(tensors ? tensorLines(tensors) : []),
    ...(model || tensors ? [] : [`  ${closed(specimen, state)}`]),
  ];
}

/** What the network was recognised as, or what the file says that it was made of. */
function originRows(specimen: Specimen): Row[] {
  const { architecture } = madeOf(specimen);
  return [
    ['architecture', architecture?.title],
    ['form', architecture?.summary],
  ];
}

/** `onnx, made of pytorch`. */
function formatWords(specimen: Specimen): string | undefined {
  const { format } = specimen;
  const { sourceFormat = format } = madeOf(specimen);
  return sourceFormat === format ? format : `${format}, made of ${sourceFormat}`;
}

/** The number of the checkpoint, where the label of the file tells it. */
function numberOf(specimen: Specimen): { parameters?: number } {
  const { parameters } = madeOf(specimen);
  return parameters === undefined ? {} : { parameters };
}

/** What only a label tells; how it wants its pixels is told apart. */
function wordsOf({ title, source, licence, scope, quantized }: Label = {}): object {
  return { title, source, licence, scope, ...(quantized && { quantized }) };
}

/** What an entry would say of a file. */
function styleRows({ pixels, label = {}, obstacle, tensors }: Specimen): Row[] {
  if (pixels === undefined) return tensors ? [] : [['no style', obstacle?.message]];
  const { title, source, licence, quantized } = label;
  return [
    ['title', title],
    ['source', source],
    ['licence', licence && licenceWords(licence)],
    ['int8', quantized && quantizedWords(quantized)],
    ['pixels', `${pixelWords(pixels.io)}, ${pixels.reason}`],
  ];
}

function costWords(cost: Cost): string | undefined {
  if (cost === undefined) return undefined;
  if ('reason' in cost) return `not counted: ${cost.reason}`;
  const { count, dims, isPartial } = cost;
  const rest = isPartial ? ', without what is done inside of If and Loop' : '';
  return `${rounded(count)} for ${dims.join('x')}${rest}`;
}

function tensorLines(tensors: NonNullable<Specimen['tensors']>): string[] {
  const shown = tensors
    .slice(0, MOST_TENSORS)
    .map(({ key, dims, type }) => `    ${key.slice(0, MOST_CHARACTERS)} ${type} [${dims.join(', ')}]`);
  const more = tensors.length - shown.length;
  return [`  tensors       ${tensors.length}`, ...shown, ...(more > 0 ? [`    and ${more} more`] : [])];
}

function closed({ entry }: Specimen, state: string | undefined): string {
  return entry && state === 'not pulled'
    ? `Its file is not here, so its network cannot be shown. ${repairHint(entry)}`
    : 'An algorithm: its graph is written anew for each picture size.';
}
