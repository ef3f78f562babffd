// The table of options as flags of the command line, and the flags that every command has.

import { type Command, Option } from 'commander';
import { expected } from '../errors.js';
import {
  type FieldSpec,
  flagOf,
  OPTIONS,
  type OptionName,
  type OptionSpec,
  type OptionTable,
  type PartialOptions,
} from '../options.js';

/** Values of a command's flags as commander hands them over, by camel-case name. */
export type FlagValues = Readonly<Record<string, unknown>>;

const DIFFUSION = 'With Stable Diffusion (sd: styles):';
/** Under which heading of the help an option stands; an option without a row is a type error. */
const HEADINGS: Readonly<Record<OptionName, string>> = {
  style: 'Drawing:',
  scope: 'Drawing:',
  background: 'Drawing:',
  strength: 'Drawing:',
  prompt: DIFFUSION,
  negative: DIFFUSION,
  steps: DIFFUSION,
  guidance: DIFFUSION,
  sampler: DIFFUSION,
  lora: DIFFUSION,
  seed: DIFFUSION,
  sideBySide: 'Drawing:',
  landmarks: 'Drawing:',
  maxSide: 'Drawing:',
  expand: 'Faces:',
  size: 'Faces:',
  pad: 'Faces:',
  noFace: 'Faces:',
  detector: 'Faces:',
  landmarker: 'Faces:',
  minFace: 'Faces:',
  minScore: 'Faces:',
  rotations: 'Faces:',
  format: 'Files:',
  quality: 'Files:',
  keepMetadata: 'Files:',
  maxPixels: 'Files:',
  device: 'Device:',
  requireDevice: 'Device:',
};

/** Adds the flags of these options. */
export const addTableFlags = (command: Command, names: readonly OptionName[]): void =>
  addFlagsOf(OPTIONS, names, command, HEADINGS);

/** Adds the flags of another table. */
export function addFlagsOf<Table extends OptionTable>(
  table: Table,
  names: readonly (keyof Table & string)[],
  command: Command,
  headings: Readonly<Record<keyof Table, string>>,
): void {
  for (const name of names)
    for (const option of flagsFor(name, table[name])) command.addOption(option.helpGroup(headings[name]));
}

/** Adds `--json` and `--quiet`. */
export function addOutputFlags(command: Command): Command {
  return command
    .option('--json', 'one JSON object per line on stdout')
    .option('-q, --quiet', 'print nothing but errors');
}

/** The given ones of these options, as `parseOptions` takes them. */
export const tableValues = (values: FlagValues, names: readonly OptionName[]): PartialOptions =>
  given(values, names);

/** The given ones of these flags by name. */
export const given = (values: FlagValues, names: readonly string[]): Record<string, never> =>
  Object.fromEntries(names.map((name) => [name, values[name] as never]));

/** Refuses flags that would change nothing; `what` is what they were given for. */
export function checkIdle(
  flags: FlagValues,
  names: readonly string[],
  what: string,
  hint = 'It makes no difference there.',
): void {
  const idle = names.find((name) => flags[name] !== undefined);
  if (idle !== undefined) throw expected(`no ${flagOf(idle)}`, what, shown(flags[idle]), hint);
}
const shown = (value: unknown): unknown => (Array.isArray(value) ? value.join(' ') : value);

function flagsFor(name: string, spec: OptionSpec): Option[] {
  const flag = flagOf(name);
  if (spec.type === 'list') return [listFlag(spec, flag)];
  if (spec.type !== 'boolean') return [valueFlag(spec, flag)];
  if (!spec.default) return [new Option(flag, spec.help)];
  // What is on by default is switched off, and its help begins with a verb; `--pad` is understood as well, for scripts
  // that say what they mean.
  const off = new Option(flag.replace('--', '--no-'), `do not ${spec.help}`);
  return [new Option(flag, spec.help).hideHelp(), off];
}

/** Given once for each: a flag that takes several words would take the photos too. */
const listFlag = ({ help }: OptionSpec, flag: string): Option =>
  new Option(`${flag} <file>`, help).argParser((text: string, before: readonly string[] = []) => [
    ...before,
    text,
  ]);

function valueFlag(spec: Exclude<OptionSpec, { type: 'boolean' | 'list' }>, flag: string): Option {
  const option = new Option(`${flag} <${metavariable(spec)}>`, `${spec.help} (${rangeOf(spec)})`);
  // `--no-face skip` is a choice, not the negation of `--face`.
  option.negate = false;
  return spec.type === 'number' || spec.type === 'integer' ? option.argParser(parseNumber) : option;
}

/** More choices than these would push all help to the right. */
const FEW = 6;

function metavariable(spec: FieldSpec): string {
  if (spec.type === 'choice' && spec.choices.length <= FEW) return spec.choices.join('|');
  if (spec.type === 'choice') return 'name';
  if (spec.type === 'string') return spec.metavariable ?? 'name';
  return ('unit' in spec && spec.unit) || 'number';
}

function rangeOf(spec: FieldSpec): string {
  const preset = spec.default === '' ? 'default: none' : `default: ${spec.default}`;
  if (spec.type === 'choice' && spec.choices.length > FEW) return `${spec.choices.join(', ')}; ${preset}`;
  return 'min' in spec ? `${spec.min} to ${spec.max}, ${preset}` : preset;
}

/** What is no number stays text, and `parseOptions` says what was expected. */
function parseNumber(text: string): number | string {
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}
