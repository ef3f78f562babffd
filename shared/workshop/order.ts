// What is to be trained, and what an order is refused for before time is spent on it.

import path from 'node:path';
import { expected } from '../errors.js';
import { nearest } from '../options.js';
import type { PictureDims } from '../train/nets/small.js';
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
export function checkApart({ data, out }: Order): void {
  const inside = data.find((folder) => {
    const way = path.relative(path.resolve(folder), path.resolve(out));
    return !way.startsWith('..') && !path.isAbsolute(way);
  });
  if (inside === undefined) return;
  throw expected('a folder outside of --data', '--out', out, `It lies in ${inside}, which is learned from.`);
}

/** Settings of other recipes would change nothing. */
export function checkTaken({ takes = [] }: Recipe, { recipe, settings = {} }: Order): void {
  const idle = SPECIAL.find((name) => settings[name] !== undefined && !takes.includes(name));
  if (idle !== undefined)
    throw expected(`no --${idle}`, `the recipe ${recipe}`, settings[idle], 'It makes no difference there.');
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
      'idx files with labels (...-labels-idx1-ubyte beside each)',
      '--data',
      'pictures without',
      `${name} learns what they show.`,
    );
  return labels.reduce((most, each) => each!.reduce((sofar, label) => Math.max(sofar, label), most), 0) + 1;
}
