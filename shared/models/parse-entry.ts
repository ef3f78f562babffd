// Checks that JSON is a catalogue entry: ids and file names become paths, so a stranger's JSON must not choose them freely.

import { expected } from '../errors.js';
import type { GeneratorIo, Licence, ModelEntry, ModelKind, Quantized, Side, StyleEntry } from './entry.js';

type Fields = Record<string, unknown>;
/** One field that has to hold for a kind: its path in the entry, what is wanted, and the test. */
type Rule = readonly [path: string, what: string, isRight: (value: unknown) => boolean];

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const HEX = /^[0-9a-f]+$/;

const isText = (value: unknown) => typeof value === 'string' && value !== '';
/** Names that Windows keeps for devices, whatever ending follows: a folder `con` cannot be made there. */
export const isDeviceName = (name: string): boolean =>
  /^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\.|$)/i.test(name);
/**
 * Whether a word may become the name of a file or folder on every system: letters, digits, dots, dashes and underscores, 128 at
 * most, no two dots in a row and none at the end.
 */
export const isSafeName = (value: unknown): value is string =>
  typeof value === 'string' && SAFE_NAME.test(value) && !/\.\.|\.$/.test(value) && !isDeviceName(value);
const isBoolean = (value: unknown) => typeof value === 'boolean';
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
/** A picture of twice this side takes more memory than most machines have. */
const MOST_SIDE_PX = 8192;
const isSidePx = (value: unknown) => isCount(value) && (value as number) <= MOST_SIDE_PX;
const isAbsentOr = (isRight: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || isRight(value);
const isHash = (digits: number) =>
  isAbsentOr((value) => typeof value === 'string' && value.length === digits && HEX.test(value));
const isNumbers = (length: number) => (value: unknown) =>
  Array.isArray(value) && value.length === length && value.every(isNumber);
const isRange = (value: unknown) => isNumbers(2)(value) && (value as number[])[0] < (value as number[])[1];
const isOneOf =
  (...choices: unknown[]) =>
  (value: unknown) =>
    choices.includes(value);

const LICENCE: readonly Rule[] = [
  ['licence.name', 'the name of the licence', isText],
  ['licence.commercial', 'true or false', isBoolean],
  ['licence.notice', 'a line of text', isText],
];
const ENTRY: readonly Rule[] = [
  ['id', 'an id of letters, digits, dots, dashes and underscores', isSafeName],
  ['title', 'a line of text', isText],
  ['source', 'a line of text', isText],
  ['files', 'a list of files', Array.isArray],
  ...LICENCE,
];
const FILE: readonly Rule[] = [
  ['name', 'a file name without folders', isSafeName],
  ['urls', 'a list of URLs', (value) => Array.isArray(value) && value.every(isText)],
  ['sha256', '64 hexadecimal digits', isHash(64)],
  ['gitBlob', '40 hexadecimal digits', isHash(40)],
];
const SIDE: readonly Rule[] = [
  ['side.multipleOf', `a whole number to ${MOST_SIDE_PX}`, isSidePx],
  ['side.minPx', `a whole number of pixels to ${MOST_SIDE_PX}`, isSidePx],
  ['side.maxPx', `a whole number of pixels to ${MOST_SIDE_PX}`, isSidePx],
  ['side.minFacePx', 'a whole number of pixels', isAbsentOr(isCount)],
];
const IO: readonly Rule[] = [
  ['io.layout', 'nchw or nhwc', isOneOf('nchw', 'nhwc')],
  ['io.channels', 'rgb or bgr', isOneOf('rgb', 'bgr')],
  ['io.range', 'two numbers, the lower one first', isRange],
];
const SCOPE: Rule = ['scope', 'photo, faces or portrait', isOneOf('photo', 'faces', 'portrait')];
const CHECKPOINT: readonly Rule[] = [
  ['checkpoint.architecture', 'the id of an architecture', isText],
  ['checkpoint.alignCorners', 'true or false', isAbsentOr(isBoolean)],
  ['checkpoint.blocks', 'a whole number', isAbsentOr(isCount)],
  ['checkpoint.part', 'a prefix', isAbsentOr(isText)],
];
const QUANTIZED: readonly Rule[] = [
  ['quantized.psnrDb', 'a number', isNumber],
  ['quantized.timesAsFast', 'a number', isNumber],
  ['quantized.measuredOn', 'a line of text', isText],
  ['quantized.layers', 'a whole number', isCount],
  ['quantized.allLayers', 'a whole number', isCount],
];
const KINDS: Record<ModelKind, readonly Rule[]> = {
  gan: [...SIDE, SCOPE, ...IO],
  procedural: [...SIDE, SCOPE],
  detector: [
    ['decoder', 'tiny-yolo or yunet', isOneOf('tiny-yolo', 'yunet')],
    ['rank', 'a number', isNumber],
  ],
  landmarks: [
    ['rank', 'a number', isNumber],
    ['input.sidePx', 'a whole number of pixels', isCount],
    ['input.channels', 'rgb or bgr', isOneOf('rgb', 'bgr')],
    ['input.mean', 'three numbers', isNumbers(3)],
    ['input.scale', 'a number', isNumber],
    ['input.boxScale', 'a number', isNumber],
    ['input.shift', 'two numbers', isNumbers(2)],
    ['output.points', '68 or 98', isOneOf(68, 98)],
    ['output.bias', 'two numbers', isNumbers(2)],
  ],
};

/**
 * The value as a model entry. `where` names its file in messages.
 * Throws `options` with the field that is wrong; fields that it does not know are left as they are.
 */
export function parseEntry(value: unknown, where: string): ModelEntry {
  const entry = fieldsOf(value, where);
  check(entry, ENTRY, where);
  const here = `${String(entry.id)} in ${where}`;
  for (const file of entry.files as unknown[]) checkFile(file, here);
  check(entry, [['kind', `one of ${Object.keys(KINDS).join(', ')}`, isKind]], here);
  check(entry, KINDS[entry.kind as ModelKind], here);
  if (entry.checkpoint !== undefined) check(entry, CHECKPOINT, here);
  if (entry.quantized !== undefined) check(entry, QUANTIZED, here);
  return entry as unknown as ModelEntry;
}

/** Whether a value says how a network wants its pixels. */
export const isGeneratorIo = (io: unknown): io is GeneratorIo => fits({ io }, IO);

/** Whether a value says which sides a network takes. */
export const isSide = (side: unknown): side is Side => fits({ side }, SIDE);

/** Whether a value is a licence with its terms. */
export const isLicence = (licence: unknown): licence is Licence => fits({ licence }, LICENCE);

/** Whether a value says what was measured of a quantized style. */
export const isQuantized = (quantized: unknown): quantized is Quantized => fits({ quantized }, QUANTIZED);

/** Whether a value is what scope `auto` may mean for a style. */
export const isScope = (scope: unknown): scope is StyleEntry['scope'] => fits({ scope }, [SCOPE]);

function isKind(value: unknown): value is ModelKind {
  return typeof value === 'string' && Object.hasOwn(KINDS, value);
}

function checkFile(value: unknown, where: string): void {
  const file = fieldsOf(value, `files of ${where}`);
  check(file, FILE, where);
  const here = `${String(file.name)} of ${where}`;
  if (file.sha256 === undefined && file.gitBlob === undefined)
    throw expected('a sha256 or a gitBlob', here, undefined);
  // Git's object id covers the size; sha256 alone does not say how much may be taken from a source.
  if (file.gitBlob === undefined || file.bytes !== undefined)
    check(file, [['bytes', 'a whole number of bytes', isCount]], here);
}

function check(fields: Fields, rules: readonly Rule[], where: string): void {
  for (const [path, what, isRight] of rules) {
    const value = valueAt(fields, path);
    if (!isRight(value)) throw expected(what, `${path} of ${where}`, value);
  }
}

function fits(fields: Fields, rules: readonly Rule[]): boolean {
  return rules.every(([path, , isRight]) => isRight(valueAt(fields, path)));
}

function valueAt(fields: Fields, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Fields | null | undefined)?.[key], fields);
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw expected('a model entry', where, value);
  return value as Fields;
}
