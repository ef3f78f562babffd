// What is to be trained, and what an order is refused for before time is spent on it.

import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { expected } from '../errors.js';
import { flagOf, nearest } from '../options.js';
import type { PictureDims } from '../train/nets/small.js';
import type { Condition } from '../train/recipes/denoising.js';
import type { Recipe } from '../train/recipes/recipe.js';
import { RECIPES, type RecipeName } from '../train/recipes/table.js';
import { type PartialSettings, type Settings, SPECIAL } from '../train/settings.js';
import type { Pictures } from './data/pictures.js';

/** What is to be trained. */
export interface Order {
  recipe: string;
  /** Folders of pictures or of idx files: one for each of the recipe's inputs. */
  data: readonly string[];
  /** Folder of all that comes out. */
  out: string;
  settings?: PartialSettings;
  /** Go on from the newest checkpoint in `out`. */
  resume?: boolean;
  signal?: AbortSignal | undefined;
  onNotice?: ((sentence: string) => void) | undefined;
}

/** Throws `options` with the nearest name. */
export function recipeNamed(name: string): RecipeName {
  if (Object.hasOwn(RECIPES, name)) return name as RecipeName;
  const names = Object.keys(RECIPES);
  const guess = nearest(name, names);
  throw expected(`one of ${names.join(', ')}`, 'the recipe', name, guess && `Did you mean ${guess}?`);
}

/** Samples and plots among the pictures would be learned from when the training goes on. */
export async function checkApart({ data, out }: Order): Promise<void> {
  for (const [flag, value] of [...data.map((each) => ['--data', each]), ['--out', out]])
    if (value === '') throw expected('a path', flag, value);
  const [target, ...folders] = await Promise.all([out, ...data].map(resolved));
  const inside = data.find((_, at) => {
    const way = path.relative(folders[at], target);
    return !way.startsWith('..') && !path.isAbsolute(way);
  });
  if (inside === undefined) return;
  throw expected('a folder outside of --data', '--out', out, `It lies in ${inside}, which is learned from.`);
}

/** Without links, as far as the path is there. */
async function resolved(given: string): Promise<string> {
  const full = path.resolve(given);
  const parent = path.dirname(full);
  return realpath(full).catch(async () =>
    parent === full ? full : path.join(await resolved(parent), path.basename(full)),
  );
}

const IDLE = 'It makes no difference there.';

/** Settings of other recipes would change nothing. */
export function checkTaken({ takes = [] }: Recipe, { recipe, settings = {} }: Order): void {
  const idle = SPECIAL.find((name) => settings[name] !== undefined && !takes.includes(name));
  if (idle !== undefined) throw expected(`no ${flagOf(idle)}`, `the recipe ${recipe}`, settings[idle], IDLE);
}

/** Sides and channels as the networks take them. */
export function checkShape({ sizes, channels }: Recipe, name: string, settings: Settings): void {
  const { multipleOf, minPx, maxPx } = sizes;
  const { size } = settings;
  const of = multipleOf === 1 ? '' : `a multiple of ${multipleOf} `;
  const range = minPx === maxPx ? `${minPx}` : `${of}from ${minPx} to ${maxPx}`;
  if (size % multipleOf !== 0 || size < minPx || size > maxPx)
    throw expected(`${range} px`, `--size of ${name}`, size);
  if (channels !== undefined && Number(settings.channels) !== channels)
    throw expected(String(channels), `--channels of ${name}`, settings.channels);
}

/** Other pictures come in another order, and the rest of the training would not be what was begun. */
export function checkCounts(counts: readonly number[], begun: readonly number[] = counts): void {
  if (counts.join() !== begun.join())
    throw expected(
      `${begun.join(' and ')} pictures to learn from, as it was begun,`,
      '--resume',
      counts.length === 1 ? counts[0] : counts.join(' and '),
    );
}

/** The same number of other pictures, or the two kinds of them changed, would be no continuation either. */
export function checkPrints(prints: readonly string[], begun: readonly string[] = prints): void {
  if (prints.join() === begun.join()) return;
  const isTurned = prints.length === 2 && prints.toReversed().join() === begun.join();
  throw expected(
    'the pictures that it was begun with',
    '--data',
    isTurned ? 'them in another order' : 'others',
  );
}

/** One folder for each of the recipe's inputs. */
export function checkFolders({ inputs }: Recipe, { data }: Order): void {
  if (data.length === inputs.length) return;
  const wanted = inputs.length === 1 ? 'one folder' : `${inputs.length} folders`;
  throw expected(wanted, '--data', data.length === 0 ? 'none' : data.join(' '));
}

/** Faces are found in one of a pair and not in the other. */
export function checkAlike({ alignFaces }: Settings): void {
  if (alignFaces) throw expected('no --align-faces', '--paired', true, 'Cut the faces out alike before.');
}

/** What belongs together is there as often. */
export function checkPairs([photos, drawings]: readonly number[]): void {
  if (photos !== drawings)
    throw expected(
      'as many pictures in both folders',
      '--paired',
      `${photos} and ${drawings}`,
      'They are paired by their order.',
    );
}

/** A LoRA of one network is none of another. */
export function checkOrigin(print: string | undefined, begun: string | undefined = print): void {
  if (print !== begun) throw expected('the network that it was begun with', '--from', 'another');
}

/** A network draws no more than it has labels for. */
export function checkClasses(classes: number, condition: Condition | undefined): void {
  if (condition?.kind === 'label' && classes > condition.classes)
    throw expected(`labels below ${condition.classes}, as the network has them,`, '--data', classes - 1);
}

export function sameDims(sets: readonly Pictures[], begun: PictureDims | undefined): PictureDims {
  const [{ dims }] = sets;
  for (const other of [...sets.slice(1).map((set) => set.dims), ...(begun ? [begun] : [])])
    if (other.join() !== dims.join())
      throw expected(`pictures of ${other.join(' x ')}`, '--data', `${dims.join(' x ')}`);
  return dims;
}

/** One more than the largest label, of what is held back too; labels are part of idx files only. */
export function classesOf({ takesLabels }: Recipe, name: string, sets: readonly Pictures[]): number {
  if (!takesLabels) return 0;
  const labels = sets.flatMap((set) => (set.count === 0 ? [] : [set.labels]));
  if (labels.some((each) => each === undefined))
    throw expected(
      'labels in files ...-labels-idx1-ubyte beside the pictures',
      '--data',
      'none',
      `${name} learns what they show.`,
    );
  return labels.reduce((most, each) => each!.reduce((sofar, label) => Math.max(sofar, label), most), 0) + 1;
}
