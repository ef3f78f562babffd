// Every option of a stylize job, declared once: types, defaults, CLI flags, HTTP checks and editor forms come from here.

import { distance } from 'fastest-levenshtein';
import { expected, expectedType } from './errors.js';

interface NumberOption {
  type: 'number' | 'integer';
  default: number;
  min: number;
  max: number;
  unit?: string;
  help: string;
}
interface BooleanOption {
  type: 'boolean';
  default: boolean;
  help: string;
}
interface StringOption {
  type: 'string';
  default: string;
  /** What the help calls its value; left out: name. */
  metavariable?: string;
  help: string;
}
interface ChoiceOption {
  type: 'choice';
  default: string;
  choices: readonly string[];
  help: string;
}
interface ListOption {
  type: 'list';
  default: readonly string[];
  /** What one of them is. */
  item: string;
  help: string;
}
/** What forms have a field for. */
export type FieldSpec = NumberOption | BooleanOption | StringOption | ChoiceOption;
export type OptionSpec = FieldSpec | ListOption;

/** Execution providers that a user can name; `auto` tries the best ones in turn. */
export const DEVICES = ['auto', 'cpu', 'cuda', 'coreml', 'dml', 'webgpu'] as const;
const FORMATS = ['same', 'jpeg', 'png', 'webp', 'avif'] as const;
/** Ways of taking noise away; `auto` is what the folder names. */
export const SAMPLER_CHOICES = [
  'auto',
  'ddim',
  'ddpm',
  'pndm',
  'dpm++',
  'dpm++-karras',
  'euler',
  'euler-karras',
  'euler-ancestral',
  'lms',
  'lcm',
] as const;
/** Begins the name of a style that is a Stable Diffusion folder: `sd:models/sd-1.5`. */
export const DIFFUSION_PREFIX = 'sd:';

/** What such styles are told besides. */
export const DIFFUSION_OPTIONS = {
  prompt: {
    type: 'string',
    default: '',
    metavariable: 'text',
    help: 'what is to be seen; (more), [less], (so much:1.3)',
  },
  negative: { type: 'string', default: '', metavariable: 'text', help: 'what is not to be seen' },
  steps: { type: 'integer', default: 25, min: 1, max: 1000, help: 'steps from noise to picture' },
  guidance: {
    type: 'number',
    default: 7.5,
    min: 0,
    max: 50,
    help: 'how closely the prompt is followed; 0 and 1: as the network likes, for Turbo and LCM',
  },
  sampler: {
    type: 'choice',
    default: 'auto',
    choices: SAMPLER_CHOICES,
    help: 'how noise is taken away; auto: as the folder has it',
  },
  lora: {
    type: 'list',
    default: [],
    item: 'FILE or FILE:STRENGTH',
    help: 'change of the networks, FILE or FILE:STRENGTH; may be given several times',
  },
} as const satisfies Record<string, OptionSpec>;

/** What the bridge takes and forms show. It takes no paths, and so has no use for what only folders are told. */
export const BRIDGE_OPTIONS = {
  style: {
    type: 'string',
    default: 'ink',
    help: 'style to draw in: an id of `nigaoe models list`, a model file, or sd: and a Stable Diffusion folder',
  },
  scope: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', 'photo', 'faces', 'portrait'],
    help: 'photo: the whole picture; faces: each face, blended back; portrait: one aligned square per face; auto: what suits the style',
  },
  background: { type: 'string', default: '', help: 'second style for what is not a face, in scope faces' },
  strength: {
    type: 'number',
    default: 1,
    min: 0,
    max: 1,
    help: 'mix with the original: 0 is the photo, 1 the drawing; sd: styles redraw it so far, 0.6 where nothing is said',
  },
  expand: {
    type: 'number',
    default: 1.3,
    min: 0.5,
    max: 4,
    help: 'how much around the face the aligned square takes in; 1 is the tight FFHQ crop',
  },
  size: { type: 'integer', default: 512, min: 64, max: 4096, unit: 'px', help: 'side of the aligned square' },
  pad: {
    type: 'boolean',
    default: true,
    help: 'cover the black where an aligned square reaches beyond the photo with a soft reflection',
  },
  maxSide: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 16384,
    unit: 'px',
    help: 'long side at which a whole photo is drawn; 0: what the style can do',
  },
  sideBySide: { type: 'boolean', default: false, help: 'put the original to the left of the drawing' },
  landmarks: { type: 'boolean', default: false, help: 'draw the 68 landmarks over the result' },
  noFace: {
    type: 'choice',
    default: 'error',
    choices: ['error', 'skip', 'photo'],
    help: 'when scope faces or portrait finds no face: fail, hand the photo through undrawn, or draw the whole photo',
  },
  detector: {
    type: 'string',
    default: 'auto',
    help: 'face detector: auto, embedded, or an id of `nigaoe models list`',
  },
  landmarker: {
    type: 'string',
    default: 'auto',
    help: '68-landmark model: auto, embedded, or an id of `nigaoe models list`',
  },
  minFace: {
    type: 'integer',
    default: 24,
    min: 8,
    max: 4096,
    unit: 'px',
    help: 'smallest face: mean of the width and height of its box',
  },
  minScore: {
    type: 'number',
    default: 0,
    min: 0,
    max: 1,
    help: "lowest face score; 0: the detector's own threshold",
  },
  rotations: {
    type: 'boolean',
    default: true,
    help: 'look for faces turned by 90, 180 and 270 degrees where none surely stands upright',
  },
  format: {
    type: 'choice',
    default: 'same',
    choices: FORMATS,
    help: 'format of the result; same: as the input',
  },
  quality: { type: 'integer', default: 90, min: 1, max: 100, help: 'quality of JPEG, WebP and AVIF' },
  keepMetadata: { type: 'boolean', default: false, help: 'keep EXIF (with the location) of the photo' },
  maxPixels: {
    type: 'number',
    default: 100,
    min: 0.01,
    max: 1000,
    unit: 'MP',
    help: 'refuse photos with more pixels',
  },
  device: { type: 'choice', default: 'auto', choices: DEVICES, help: 'where the generator runs' },
  requireDevice: {
    type: 'boolean',
    default: false,
    help: 'fail when that device is absent instead of falling back',
  },
} as const satisfies Record<string, FieldSpec>;

export const OPTIONS = {
  ...BRIDGE_OPTIONS,
  ...DIFFUSION_OPTIONS,
  seed: {
    type: 'integer',
    default: 1,
    min: 0,
    max: 2 ** 31,
    help: 'what the numbers are drawn from: the same seed gives the same picture',
  },
} as const satisfies Record<string, OptionSpec>;

/** Options by name, each declared once. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;
export type OptionName = keyof typeof OPTIONS;
type ValueOf<Spec> = Spec extends { type: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : Spec extends { type: 'boolean' }
    ? boolean
    : Spec extends { type: 'string' }
      ? string
      : Spec extends { type: 'list' }
        ? readonly string[]
        : number;

/** All options of a table with their values filled in. */
export type ValuesOf<Table extends OptionTable> = { -readonly [Name in keyof Table]: ValueOf<Table[Name]> };
/** Options as a caller gives them; what is left out takes its default. */
export type SomeOf<Values> = { [Name in keyof Values]?: Values[Name] | undefined };
export type Options = ValuesOf<typeof OPTIONS>;
export type PartialOptions = SomeOf<Options>;
export type Device = (typeof DEVICES)[number];
export type Scope = Options['scope'];
export type DiffusionOptions = ValuesOf<typeof DIFFUSION_OPTIONS>;
/** Options of a job that a bridge draws. */
export type BridgeOptions = ValuesOf<typeof BRIDGE_OPTIONS>;
export type PartialBridgeOptions = SomeOf<BridgeOptions>;

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];
export const BRIDGE_OPTION_NAMES = Object.keys(BRIDGE_OPTIONS) as (keyof BridgeOptions)[];
/** What makes a difference for sd: styles only. */
export const DIFFUSION_NAMES: readonly OptionName[] = [
  ...(Object.keys(DIFFUSION_OPTIONS) as (keyof DiffusionOptions)[]),
  'seed',
];
/** How far sd: styles redraw a picture where nothing is said: at 1 nothing of it would be left. */
export const REDRAWN = 0.6;

/** Checks the given options and fills in the defaults; throws `options` with the sentence that names the wrong one. */
export function parseOptions(given: PartialOptions = {}): Options {
  const redraws = [given.style, given.background].some((style) => isDiffusion(style));
  return parseTable(OPTIONS, { ...given, strength: given.strength ?? (redraws ? REDRAWN : undefined) });
}

/** Whether a style is a Stable Diffusion folder. */
export const isDiffusion = (style: unknown): boolean =>
  typeof style === 'string' && style.startsWith(DIFFUSION_PREFIX);

/** The same for another table of options. */
export function parseTable<Table extends OptionTable>(
  table: Table,
  given: SomeOf<ValuesOf<Table>>,
): ValuesOf<Table> {
  for (const name of Object.keys(given)) checkName(name, table);
  const values = Object.entries(table).map(([name, spec]) => [name, given[name] ?? spec.default] as const);
  for (const [name, value] of values) checkValue(name, table[name], value);
  return Object.fromEntries(values) as ValuesOf<Table>;
}

/** The flag of an option on the command line: `sideBySide` -> `--side-by-side`. */
export function flagOf(name: string): string {
  return '--' + name.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase());
}

/** The candidate that a mistyped word most likely meant, or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, word.length / 2) ? best.candidate : undefined;
}

function checkName(name: string, table: OptionTable): void {
  if (Object.hasOwn(table, name)) return;
  const guess = nearest(name, Object.keys(table));
  throw expected('a known option', 'options', name, guess && `Did you mean ${guess}?`);
}

function checkValue(name: string, spec: OptionSpec, value: unknown): void {
  const label = flagOf(name);
  if (spec.type === 'number' || spec.type === 'integer') checkNumber(spec, label, value);
  else if (spec.type === 'choice') checkChoice(spec, label, value);
  else if (spec.type === 'list') checkList(spec, label, value);
  else if (typeof value !== spec.type) throw expectedType(`a ${spec.type}`, label, value);
}

function checkNumber({ type, min, max }: NumberOption, label: string, value: unknown): void {
  const isNumber = typeof value === 'number';
  if (isNumber && value >= min && value <= max && (type === 'number' || Number.isInteger(value))) return;
  const what = `${type === 'integer' ? 'a whole number' : 'a number'} from ${min} to ${max}`;
  throw (isNumber ? expected : expectedType)(what, label, value);
}

function checkList({ item }: ListOption, label: string, value: unknown): void {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return;
  throw expectedType(`a list, each of it ${item},`, label, value);
}

function checkChoice(spec: ChoiceOption, label: string, value: unknown): void {
  const what = `one of ${spec.choices.join(', ')}`;
  if (typeof value !== 'string') throw expectedType(what, label, value);
  if (spec.choices.includes(value)) return;
  const guess = nearest(value, spec.choices);
  throw expected(what, label, value, guess && `Did you mean ${guess}?`);
}
