// `nigaoe models quantize`: a style in int8, kept only where it draws nearly the same and clearly faster.

import { NigaoeError, throwIfCancelled } from '../../../errors.js';
import type { Quantized } from '../../../models/entry.js';
import { labelled } from '../../../models/imports/label.js';
import { findInt8Instructions, type Int8Instructions } from '../../../models/int8-instructions.js';
import { writeOnnx } from '../../../models/onnx/file.js';
import { type QuantizedNetwork, quantizeNetwork } from '../../../models/quantize/quantize.js';
import type { RangeChoice } from '../../../models/quantize/ranges.js';
import type { Form } from '../../../models/quantize/steps.js';
import { parseTable, type ValuesOf } from '../../../options.js';
import { type FlagValues, given } from '../../flags.js';
import type { Stage } from '../../perform.js';
import { size } from '../../terminal/wording.js';
import { licenceWords, quantizedWords } from '../entry-lines.js';
import { rowLines } from '../rows.js';
import { openSearch } from '../specimen.js';
import { QUANTIZE_OPTIONS } from './options.js';
import { readCalibration } from './pictures.js';
import { type Source, sourceOf } from './source.js';
import { type Kept, targetFor } from './target.js';

/** Quantizes one style; 0 where the result was kept, the exit code of `not-worthwhile` where it was not. */
export async function quantizeStyle(
  [word]: readonly string[],
  flags: FlagValues,
  stage: Stage,
): Promise<number> {
  const { terminal, signal } = stage;
  const wishes = parseTable(QUANTIZE_OPTIONS, given(flags, Object.keys(QUANTIZE_OPTIONS)));
  const search = await openSearch(stage);
  const target = await targetFor(word, flags, search);
  const source = await sourceOf(word, search, signal);
  const instructions = await findInt8Instructions();
  const order = { word, folder: String(flags.calibrate), source, wishes, instructions };
  const network = await produce(order, stage);
  throwIfCancelled(signal);
  const quantized = measuredOf(network, instructions);
  const facts = { model: word, ...quantized, ranges: network.ranges };
  const shortfall = shortfallOf(word, quantized, wishes);
  if (shortfall !== undefined && flags.keepAnyway !== true) {
    terminal.failure(shortfall);
    terminal.jsonOnly({ status: 'not kept', ...facts, error: shortfall });
    return shortfall.exitCode;
  }
  if (shortfall !== undefined) terminal.notice(`Kept all the same: ${shortfall.message}`);
  const label = { ...source.label, title: `${source.label.title}, int8`, quantized };
  const kept = await target.keep(writeOnnx(labelled(network.model, label)), label, signal);
  const told = { status: 'kept', ...facts, ...kept, licence: label.licence };
  terminal.result(linesFor(kept, { label, ranges: network.ranges }), told);
  return 0;
}

type Wishes = ValuesOf<typeof QUANTIZE_OPTIONS>;

interface Order {
  word: string;
  /** Of the pictures. */
  folder: string;
  source: Source;
  wishes: Wishes;
  instructions: Int8Instructions;
}

async function produce(
  { word, folder, source, wishes, instructions }: Order,
  { terminal, signal }: Stage,
): Promise<QuantizedNetwork> {
  const { io, side } = source.label;
  const onNotice = (sentence: string) => terminal.notice(sentence);
  terminal.begin(`Reading pictures of ${folder}`);
  const shape = { pictures: wishes.pictures, sizePx: wishes.size, io, side };
  const pictures = await readCalibration(folder, { ...shape, signal, onNotice });
  return quantizeNetwork(source.model, {
    ...{ name: word, pictures, range: io.range, multipleOf: side.multipleOf, signal, onNotice },
    ...{ form: formFor(wishes, instructions), leastDb: wishes.leastPsnr },
    ...(wishes.ends && { candidates: (all) => all }),
    ranges: wishes.ranges === 'best' ? undefined : (wishes.ranges as RangeChoice),
  });
}

function formFor({ weightBits }: Wishes, { isFast }: Int8Instructions): Form {
  const bits = weightBits === '8' || (weightBits === 'auto' && isFast === true) ? 8 : 7;
  return { maps: 'uint8', weights: { type: 'int8', bits, perChannel: true } };
}

/** Of more digits than can be measured. */
const rounded = (number: number): number => Math.round(number * 100) / 100;

function measuredOf(network: QuantizedNetwork, { name }: Int8Instructions): Quantized {
  const { psnrDb, timesAsFast, layers, allLayers } = network;
  return {
    ...{ psnrDb: rounded(psnrDb), timesAsFast: rounded(timesAsFast), measuredOn: name, layers, allLayers },
  };
}

/** Why the result is not worth keeping; undefined where it is. */
function shortfallOf(
  word: string,
  { psnrDb, timesAsFast, measuredOn }: Quantized,
  { leastPsnr, leastSpeed }: Wishes,
): NigaoeError | undefined {
  if (psnrDb >= leastPsnr && timesAsFast >= leastSpeed) return undefined;
  const wanted = `at least ${leastPsnr} dB and ${leastSpeed} times the speed`;
  const received = `${psnrDb.toFixed(1)} dB and ${timesAsFast.toFixed(2)} times, on a processor with ${measuredOn}`;
  const advice =
    psnrDb < leastPsnr
      ? 'Nothing is kept. Calibrate on more pictures of what the style is for.'
      : 'Nothing is kept. Processors with VNNI or int8 dot products gain most: --keep-anyway keeps it for such a one.';
  const message = `Expected ${wanted} for ${word} in int8 but received ${received}`;
  return new NigaoeError('not-worthwhile', message, { hint: advice });
}

function linesFor(
  { id, path, bytes }: Kept,
  { label, ranges }: { label: Source['label']; ranges: string },
): string {
  return [
    `${id ?? path}  kept  (${size(bytes)}${id === undefined ? '' : `, ${path}`})`,
    ...rowLines([
      ['title', label.title],
      ['int8', label.quantized && quantizedWords(label.quantized)],
      ['ranges', ranges],
      ['licence', licenceWords(label.licence)],
    ]),
    `Draw with it:  nigaoe stylize photo.jpg --style ${id ?? path} -o out.png`,
  ].join('\n');
}
