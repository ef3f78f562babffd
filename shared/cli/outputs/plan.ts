// Which file each photo becomes, settled before any work: no two the same, and none that is a photo itself.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import type { Options } from '../../options.js';
import { type OutputFormat, SAME_FORMAT } from '../../photo/photo.js';
import { sniffFormat } from '../../photo/sniff.js';
import { extensionOf } from '../inputs/extensions.js';
import type { Input } from '../inputs/input.js';
import { readHead } from '../inputs/read.js';
import type { Target } from './target.js';

/** A photo and where its result goes. */
export interface Planned {
  input: Input;
  /** Format of the result; undefined where the photo has to be read first, or is none. */
  format: OutputFormat | undefined;
}

/** Names the results of one run. */
export interface Naming {
  target: Exclude<Target, { kind: 'stdout' }>;
  /** What a name in a folder gets after the photo's own: the style. */
  suffix: string;
}

/** The format that a photo's bytes lead to; undefined for bytes that are no photo. */
export function formatFor(bytes: Uint8Array, { format }: Pick<Options, 'format'>): OutputFormat | undefined {
  if (format !== 'same') return format;
  const sniffed = sniffFormat(bytes);
  return sniffed.kind === 'readable' ? SAME_FORMAT[sniffed.format] : undefined;
}

/** Looks at the first bytes of every file. Photos from elsewhere are read when it is their turn. */
export async function planFormats(
  inputs: readonly Input[],
  options: Pick<Options, 'format'>,
): Promise<Planned[]> {
  const planned: Planned[] = [];
  for (const input of inputs) {
    const { origin } = input;
    const isKnown = options.format !== 'same' || origin.kind !== 'file';
    const head = isKnown || origin.kind !== 'file' ? new Uint8Array() : await readHead(origin.path);
    planned.push({ input, format: formatFor(head, options) });
  }
  return planned;
}

/** The files of a result of `pictures` pictures: one plain name, or several that are numbered. */
export function namesOf(input: Input, format: OutputFormat, pictures: number, naming: Naming): string[] {
  const plain = plainName(input, format, naming);
  if (pictures === 1) return [plain];
  return Array.from({ length: pictures }, (_, index) => numbered(plain, index + 1));
}

/** `drawn.png` -> `drawn-2.png`. */
export function numbered(file: string, number: number): string {
  const { dir, name, ext } = path.parse(file);
  return path.join(dir, `${name}-${number}${ext}`);
}

/**
 * Gives every result a name of its own, and leaves out photos that were found and are results of an earlier run. Throws
 * `options` where names clash that the user must choose.
 */
export async function settleNames(planned: readonly Planned[], naming: Naming): Promise<readonly Planned[]> {
  const apart = setApart(planned, naming);
  // Results of a time when there was no clash yet have the plain names.
  const named = [...planned, ...apart].map((plan) => resultOf(plan, naming));
  const photos = naming.target.kind === 'folder' ? withoutEarlierResults(apart, named) : apart;
  checkDoubles(photos, naming);
  const isPhoto = await photoCheck(photos.map(({ input }) => input));
  for (const plan of photos) await isPhoto(resultOf(plan, naming));
  return photos;
}

/** A check that throws `options` where a result would overwrite one of the photos. */
export async function photoCheck(inputs: readonly Input[]): Promise<(file: string) => Promise<void>> {
  const identities = new Set<string>();
  for (const { origin } of inputs)
    if (origin.kind === 'file') identities.add(await identityOf(origin.path, origin.path));
  return async (file) => {
    if (!identities.has(await identityOf(file, path.resolve(file)))) return;
    throw expected('another file than the photo itself', 'the result', file, 'Photos are never overwritten.');
  };
}

function plainName({ folder, stem }: Input, format: OutputFormat, { target, suffix }: Naming): string {
  if (target.kind === 'file') return target.path;
  return path.join(target.path, folder, `${stem}-${suffix}${extensionOf(format)}`);
}

function resultOf({ input, format }: Planned, naming: Naming): string {
  return plainName(input, format ?? 'png', naming);
}

function withoutExtension(file: string): string {
  const { dir, name } = path.parse(path.resolve(file));
  return path.join(dir, name);
}

function withoutEarlierResults(planned: readonly Planned[], named: readonly string[]): Planned[] {
  const results = new Set(named.map(withoutExtension));
  return planned.filter(({ input }) => !isEarlierResult(input, results));
}

function isEarlierResult({ origin, found }: Input, results: ReadonlySet<string>): boolean {
  if (!found || origin.kind !== 'file') return false;
  const bare = withoutExtension(origin.path);
  return results.has(bare) || results.has(bare.replace(/-\d+$/, ''));
}

/**
 * `a.jpg` and `a.jpeg` of one folder keep their extensions: `a.jpg-ink.jpg`. All of them, not all but the first: the
 * plain name may be the result of either, from a time when the other one was not there.
 */
function setApart(planned: readonly Planned[], naming: Naming): Planned[] {
  const times = new Map<string, number>();
  const known = planned.filter(({ format }) => format !== undefined);
  for (const key of known.map((plan) => keyOf(resultOf(plan, naming))))
    times.set(key, (times.get(key) ?? 0) + 1);
  return planned.map((plan) => {
    const clashes = plan.input.found && (times.get(keyOf(resultOf(plan, naming))) ?? 0) > 1;
    return clashes ? { ...plan, input: { ...plan.input, stem: path.basename(plan.input.label) } } : plan;
  });
}

function checkDoubles(planned: readonly Planned[], naming: Naming): void {
  const taken = new Map<string, string>();
  for (const plan of planned) {
    if (plan.format === undefined) continue;
    const name = resultOf(plan, naming);
    const key = keyOf(name);
    const other = taken.get(key);
    if (other !== undefined) throw double(other, plan.input.label, name);
    taken.set(key, plan.input.label);
  }
}

function keyOf(name: string): string {
  return ignoresCase ? path.resolve(name).toLowerCase() : path.resolve(name);
}

const ignoresCase = process.platform === 'win32' || process.platform === 'darwin';

/** `options`: two photos whose results would have one name. */
export function double(one: string, other: string, name: string): NigaoeError {
  return new NigaoeError(
    'options',
    `Expected a name of its own for each result but ${one} and ${other} would both become ${name}`,
    {
      hint: 'Name the folder that holds both (its sub-folders are kept), or draw them into different folders.',
    },
  );
}

/** Two paths of one file have the same identity, whatever links and letter cases lie between. */
async function identityOf(file: string, otherwise: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found === undefined || found.ino === 0n ? otherwise : `${found.dev}:${found.ino}`;
}
