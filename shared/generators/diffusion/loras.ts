// LoRAs on a folder: merged copies of its networks, kept for the next time.

import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { expected, NigaoeError } from '../../errors.js';
import { type Lora, readLora } from '../../models/lora/file.js';
import { fitLoras, type LoraUse } from '../../models/lora/fit.js';
import { mergeLoras } from '../../models/lora/merge.js';
import { readOutline } from '../../models/onnx/outline.js';
import { type DiffusionFolder, type NetworkName, networkPath } from './folder.js';

/** A LoRA file, and how much of it: 1 as it was trained. */
export interface LoraWish {
  file: string;
  strength: number;
}

/** `FILE:0.8`, or `FILE` for 1. Throws `options` for a strength that is no number. */
export function parseLoraWish(text: string): LoraWish {
  const [, file, strength] = /^(.+?)(?::([+-]?[\d.]+))?$/.exec(text) ?? [];
  const number = strength === undefined ? 1 : Number(strength);
  if (file === undefined || !Number.isFinite(number)) throw expected('FILE or FILE:STRENGTH', '--lora', text);
  return { file, strength: number };
}

interface MergeOptions {
  /** Folder of the merged copies. */
  cache: string;
  onNotice?: ((sentence: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Where a store keeps merged copies. */
export const mergedIn = (home: string): string => path.join(home, 'merged');

/** Counts up when networks are merged in another way. */
const MERGING = 1;
/** Copies that are kept: the newest ones. */
const KEPT = 2;
/** Names that are told of modules without a match. */
const FEW = 5;

/**
 * Merges the LoRAs into the networks that they change; returns where those are then. A module that is not there is told, and
 * the rest is merged. Throws what `mergeLoras` and reading the files throw.
 */
export async function mergedNetworks(
  folder: DiffusionFolder,
  wishes: readonly LoraWish[],
  { cache, onNotice, signal }: MergeOptions,
): Promise<Partial<Record<NetworkName, string>>> {
  const key = await keyOf(folder, wishes);
  const place = path.join(cache, key);
  if (await isThere(place)) {
    await utimes(place, new Date(), new Date());
    return networksIn(place);
  }
  const draft = `${place}.${process.pid}`;
  try {
    const fitted = await fittedLoras(folder, wishes, onNotice);
    await mkdir(draft, { recursive: true });
    await mergeInto(draft, folder, fitted, { onNotice, signal });
    // Another process may have made the same.
    await rename(draft, place).catch(async (error: unknown) => {
      if (!(await isThere(place))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await prune(cache);
  return networksIn(place);
}

/** Changes by network, which fit. */
type FittedLoras = ReadonlyMap<(typeof CHANGED)[number], readonly LoraUse[]>;
/** The networks that LoRAs change. */
const CHANGED = ['unet', 'text_encoder'] as const;

/** Reads the files, and holds them against the graphs of the folder before anything is copied. Throws what `fitLoras` throws. */
export async function fittedLoras(
  { root }: DiffusionFolder,
  wishes: readonly LoraWish[],
  onNotice?: MergeOptions['onNotice'],
): Promise<FittedLoras> {
  const loras = await readAll(wishes, onNotice);
  const fitted = new Map<(typeof CHANGED)[number], readonly LoraUse[]>();
  for (const network of CHANGED) {
    const uses = loras
      .map(({ name, strength, networks }): LoraUse => ({ name, strength, modules: networks[network] }))
      .filter(({ modules }) => modules.size > 0);
    if (uses.length === 0) continue;
    const source = networkPath(root, network);
    fitLoras(await readOutline(source), uses, source);
    fitted.set(network, uses);
  }
  return fitted;
}

/**
 * Writes the networks that the LoRAs change below `target`, which may be the folder itself; returns how many modules those are.
 */
export async function mergeInto(
  target: string,
  folder: DiffusionFolder,
  fitted: FittedLoras,
  { onNotice, signal }: Omit<MergeOptions, 'cache'>,
): Promise<number> {
  let changed = 0;
  for (const [network, uses] of fitted) {
    const paths = { source: networkPath(folder.root, network), target: networkPath(target, network) };
    const { merged, unmatched } = await mergeLoras(paths, uses, signal);
    changed += merged;
    onNotice?.(`${merged} modules of ${network} changed`);
    if (unmatched.length > 0) onNotice?.(unmatchedWords(unmatched));
  }
  return changed;
}

/**
 * What LoRA files have for the network that draws. Throws `model-unsupported` for a file without any of that, and what
 * reading throws.
 */
export async function unetUses(
  wishes: readonly LoraWish[],
  onNotice?: (sentence: string) => void,
): Promise<LoraUse[]> {
  const loras = await readAll(wishes, onNotice);
  return loras.map(({ name, strength, networks }, at) => {
    if (networks.unet.size === 0) throw noChange(wishes[at].file);
    return { name, strength, modules: networks.unet };
  });
}

/** Told of modules that a network does not have. */
export const unmatchedWords = (unmatched: readonly string[]): string =>
  `Not there, or not to be changed alone: ${listed(unmatched)}`;

/** Every file once, with a word about what of it is left. */
async function readAll(wishes: readonly LoraWish[], onNotice: MergeOptions['onNotice']) {
  const loras: (Pick<Lora, 'networks'> & { name: string; strength: number })[] = [];
  for (const { file, strength } of wishes) {
    const { networks, unknown, words } = await readLora(file);
    if (networks.unet.size + networks.text_encoder.size === 0) throw noChange(file);
    if (words.size > 0) onNotice?.(`Learned words of ${file} are not used: ${listed([...words.keys()])}`);
    if (unknown.length > 0) onNotice?.(`Not understood in ${file}: ${listed(unknown)}`);
    loras.push({ name: path.basename(file), strength, networks });
  }
  return loras;
}

const noChange = (file: string): NigaoeError =>
  new NigaoeError(
    'model-unsupported',
    `Expected changes for a UNet or a text encoder in ${file} but there are none`,
    {
      hint: 'It is no LoRA, or of a spelling that is not known.',
    },
  );

const listed = (names: readonly string[]): string =>
  names.length > FEW ? `${names.slice(0, FEW).join(', ')} and ${names.length - FEW} more` : names.join(', ');

/** The same files at the same strengths have the same merged networks. */
async function keyOf({ root }: DiffusionFolder, wishes: readonly LoraWish[]): Promise<string> {
  const hash = createHash('sha256').update(`${MERGING}\n`);
  for (const network of CHANGED) {
    const folder = path.dirname(networkPath(root, network));
    for (const name of (await readdir(folder)).sort()) hash.update(await stateOf(path.join(folder, name)));
  }
  for (const { file, strength } of wishes) hash.update(`${await stateOf(file)} ${strength}\n`);
  return hash.digest('hex').slice(0, 24);
}

async function stateOf(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: 0 }));
  return `${path.resolve(file)} ${size} ${mtimeMs}\n`;
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

async function networksIn(place: string): Promise<Partial<Record<NetworkName, string>>> {
  const found: Partial<Record<NetworkName, string>> = {};
  for (const network of CHANGED)
    if (await isThere(networkPath(place, network))) found[network] = networkPath(place, network);
  return found;
}

async function prune(cache: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => /^[0-9a-f]{24}$/.test(name));
  const dated = await Promise.all(
    names.map(async (name) => ({ name, mtimeMs: (await stat(path.join(cache, name))).mtimeMs })),
  );
  const old = dated.sort((one, other) => other.mtimeMs - one.mtimeMs).slice(KEPT);
  for (const { name } of old) await rm(path.join(cache, name), { recursive: true, force: true });
}
