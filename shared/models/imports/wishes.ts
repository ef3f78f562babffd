// What a user may wish of an import: said at once where it is without sense, before anything is read.

import { basename, resolve } from 'node:path';
import { expected, expectedType } from '../../errors.js';
import { nearest } from '../../options.js';
import type { StyleEntry } from '../entry.js';
import { isOnnxPath } from '../read-model-file.js';
import type { IoWishes } from './pixels.js';
import type { CheckpointWishes } from './style-network.js';

interface Words {
  title?: string | undefined;
  licence?: string | undefined;
  scope?: StyleEntry['scope'] | undefined;
}
type Wishes = IoWishes & CheckpointWishes & Words;

const CHOICES = { layout: ['nchw', 'nhwc'], channels: ['rgb', 'bgr'], scope: ['photo', 'faces', 'portrait'] };
/** What each kind of file does not need to be told; the flags as the command line spells them. */
const FOR_ONNX: Record<string, string> = { layout: '--layout', channels: '--channels', range: '--range' };
const FOR_CHECKPOINTS: Record<string, string> = {
  alignCorners: '--no-align-corners',
  blocks: '--blocks',
  part: '--part',
};
const MOST_BLOCKS = 100;

/** Throws `options` for a wish that cannot be, or that does not go with the kind of file. */
export function checkWishes(path: string, wishes: Wishes): void {
  if (typeof path !== 'string' || path === '')
    throw expectedType('the path of a model file', 'importModel', path);
  for (const [name, value] of Object.entries(wishes)) checkType(name, value);
  checkKind(path, wishes);
  for (const [name, choices] of Object.entries(CHOICES))
    checkChoice(`--${name}`, wishes[name as keyof typeof CHOICES], choices);
  for (const name of ['title', 'licence'] as const) checkLine(`--${name}`, wishes[name]);
  checkRange(wishes.range);
  checkBlocks(wishes.blocks);
}

/** What every wish is, for those who write JavaScript. */
const TYPES: Readonly<Record<string, readonly [what: string, fits: (value: unknown) => boolean]>> = {
  ...ofType('a text', 'string', ['id', 'title', 'licence', 'scope', 'layout', 'channels', 'part']),
  ...ofType('true or false', 'boolean', ['commercial', 'alignCorners', 'replace']),
  ...ofType('a number', 'number', ['blocks']),
  ...ofType('an object', 'object', ['store', 'signal']),
  ...ofType('a function', 'function', ['onNotice']),
  range: ['two numbers, black and white,', Array.isArray],
};

function ofType(what: string, type: string, names: readonly string[]) {
  const fits = (value: unknown) => typeof value === type && value !== null;
  return Object.fromEntries(names.map((name) => [name, [what, fits] as const]));
}

function checkType(name: string, value: unknown): void {
  if (!Object.hasOwn(TYPES, name)) {
    const guess = nearest(name, Object.keys(TYPES));
    throw expected('a known option', 'importModel', name, guess && `Did you mean ${guess}?`);
  }
  const [what, fits] = TYPES[name];
  if (value !== undefined && !fits(value)) throw expectedType(what, name, value);
}

function checkKind(path: string, wishes: Wishes): void {
  const isOnnx = isOnnxPath(path);
  const wrong = isOnnx ? FOR_CHECKPOINTS : FOR_ONNX;
  const name = Object.keys(wrong).find((key) => wishes[key as keyof Wishes] !== undefined);
  if (name === undefined) return;
  const hint = isOnnx
    ? 'Leave it out: an ONNX file is drawn with as it is.'
    : 'Leave it out: for a checkpoint it is known already, by its architecture.';
  throw expected(isOnnx ? 'a checkpoint' : 'an ONNX file', wrong[name], basename(resolve(path)), hint);
}

function checkChoice(flag: string, value: string | undefined, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value)) return;
  const guess = nearest(value, choices);
  throw expected(`one of ${choices.join(', ')}`, flag, value, guess && `Did you mean ${guess}?`);
}

/** Titles stand in tables, and licences in the metadata of pictures. */
function checkLine(flag: string, value: string | undefined): void {
  if (value !== undefined && (value.trim() === '' || /\p{Cc}/u.test(value)))
    throw expected('one line of text', flag, value);
}

/** Sixteen bits have 65,535 steps. */
const MOST_LEVEL = 100_000;

function checkRange(range: readonly number[] | undefined): void {
  if (range === undefined) return;
  const isLevel = (level: number) => Number.isFinite(level) && Math.abs(level) <= MOST_LEVEL;
  if (range.length === 2 && range.every(isLevel) && range[0] < range[1]) return;
  const hint = `Black below white, neither beyond ${MOST_LEVEL}: such as -1,1 or 0,255.`;
  throw expected('two numbers, black and white', '--range', range.join(','), hint);
}

function checkBlocks(blocks: number | undefined): void {
  if (blocks === undefined || (Number.isInteger(blocks) && blocks > 0 && blocks <= MOST_BLOCKS)) return;
  throw expected(`a whole number from 1 to ${MOST_BLOCKS}`, '--blocks', blocks);
}
