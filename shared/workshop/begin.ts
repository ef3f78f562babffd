// How a training begins: settings and pictures are settled, the graphs are built, the state is begun or read back.

import path from 'node:path';
import { expected, NigaoeError } from '../errors.js';
import { nearest, parseTable } from '../options.js';
import type { PictureDims } from '../train/nets/small.js';
import type { Plan, Recipe, Setting } from '../train/recipes/recipe.js';
import { RECIPES, type RecipeName } from '../train/recipes/table.js';
import {
  MAY_CHANGE,
  type PartialSettings,
  SETTINGS,
  type SettingName,
  type Settings,
} from '../train/settings.js';
import type { State } from '../train/weights.js';
import { checkpointsIn, type Place, readCheckpoint } from './checkpoint.js';
import { openPictures } from './data/open.js';
import { type Pictures, split } from './data/pictures.js';

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

/** A training that can be run. */
export interface Training {
  recipe: Recipe;
  place: Place;
  setting: Setting;
  /** Steps in all, and in an epoch. */
  steps: number;
  perEpoch: number;
  /** To learn from and to measure with, for each of the recipe's inputs. */
  learned: readonly Pictures[];
  held: readonly Pictures[];
  plan: Plan;
  state: State;
}

/** Throws `options` for what does not go together, and what reading pictures and checkpoints throws. */
export async function begin(order: Order): Promise<Training> {
  const name = recipeNamed(order.recipe);
  const recipe: Recipe = RECIPES[name];
  checkApart(order);
  const earlier = await newest(order);
  if (earlier && earlier.place.recipe !== name)
    throw expected(`the recipe ${earlier.place.recipe}`, '--resume', name, `${order.out} was begun with it.`);
  const settings = withDefaults(recipe, chosen(order.settings ?? {}, earlier?.place));
  const { learned, held } = await readPictures(recipe, order, settings);
  const picture = sameDims(learned, earlier?.place.picture);
  checkSize(recipe, order.recipe, picture);
  const count = Math.max(...learned.map((pictures) => pictures.count));
  const perEpoch = Math.max(1, Math.floor(count / settings.batch));
  const steps = settings.steps > 0 ? settings.steps : settings.epochs * perEpoch;
  const setting = { ...settings, total: steps, heldBatch: heldBatch(held[0].count, settings.batch) };
  const plan = recipe.plan(picture, setting, classesOf(recipe, order.recipe, learned));
  const state: State = earlier?.state ?? new Map();
  plan.weights.begin(state, settings.seed);
  const place = { recipe: name, settings, picture, step: earlier?.place.step ?? 0 };
  return { recipe, place, setting, steps, perEpoch, learned, held, plan, state };
}

/** Samples and plots among the pictures would be learned from when the training goes on. */
function checkApart({ data, out }: Order): void {
  const inside = data.find(
    (folder) => !path.relative(path.resolve(folder), path.resolve(out)).startsWith('..'),
  );
  if (inside !== undefined)
    throw expected(
      'a folder outside of --data',
      '--out',
      out,
      `It lies in ${inside}, which is learned from.`,
    );
}

/** As many at once as leave none over, unless these are too few to be quick. */
function heldBatch(count: number, batch: number): number {
  const most = Math.min(count, batch) || batch;
  const sizes = Array.from({ length: most }, (_, index) => most - index);
  return sizes.find((size) => count % size === 0 && size * 4 >= most) ?? most;
}

/** Throws `options` with the nearest name. */
export function recipeNamed(name: string): RecipeName {
  if (Object.hasOwn(RECIPES, name)) return name as RecipeName;
  const names = Object.keys(RECIPES);
  const guess = nearest(name, names);
  throw expected(`one of ${names.join(', ')}`, 'the recipe', name, guess && `Did you mean ${guess}?`);
}

/** The newest checkpoint that can be read; older ones stand in for one that was damaged. */
async function newest({ out, resume, onNotice }: Order): Promise<{ state: State; place: Place } | undefined> {
  const files = await checkpointsIn(out);
  if (!resume && files.length === 0) return undefined;
  if (!resume)
    throw expected(
      'a folder without a training',
      '--out',
      out,
      'Go on with --resume, or name another folder.',
    );
  for (const file of files.reverse()) {
    try {
      return await readCheckpoint(file);
    } catch (error) {
      if (!(error instanceof NigaoeError)) throw error;
      onNotice?.(`${error.message}; an older one is taken`);
    }
  }
  throw expected('a training with a checkpoint', '--resume', out, 'Leave --resume out to begin one.');
}

/** The settings of a training that goes on are those that it was begun with, but for the few that may change. */
function chosen(given: PartialSettings, earlier: Place | undefined): Settings {
  const now = parseTable(SETTINGS, given);
  if (earlier === undefined) return now;
  for (const [name, value] of Object.entries(given) as [SettingName, unknown][])
    if (value !== undefined && !MAY_CHANGE.includes(name) && value !== earlier.settings[name])
      throw expected(`${String(earlier.settings[name])}, as it was begun`, `the setting ${name}`, value);
  const changed = MAY_CHANGE.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]);
  return parseTable(SETTINGS, { ...earlier.settings, ...Object.fromEntries(changed) });
}

function withDefaults({ defaults }: Recipe, settings: Settings): Settings {
  const { epochs, batch, rate, size, blocks, holdBack } = settings;
  const px = size || defaults.size;
  return {
    ...settings,
    size: px,
    epochs: epochs || defaults.epochs,
    batch: batch || defaults.batch,
    rate: rate || defaults.rate,
    blocks: blocks || (px < 256 ? 6 : 9),
    holdBack: holdBack || (defaults.holdBack ?? 0),
    channels: settings.channels === 'auto' ? (`${defaults.channels}` as const) : settings.channels,
  };
}

async function readPictures(recipe: Recipe, order: Order, settings: Settings) {
  if (order.data.length !== recipe.inputs.length)
    throw expected(
      recipe.inputs.length === 1 ? 'one folder' : `${recipe.inputs.length} folders`,
      '--data',
      order.data.length === 0 ? 'none' : order.data.join(' '),
    );
  const { size: sizePx, alignFaces, holdBack } = settings;
  const options = {
    sizePx,
    alignFaces,
    channels: Number(settings.channels) as 1 | 3,
    augment: recipe.augments === true,
    onNotice: order.onNotice,
    signal: order.signal,
  };
  const both: [Pictures, Pictures][] = [];
  for (const path of order.data) both.push(split(await openPictures(path, options), holdBack));
  return { learned: both.map(([some]) => some), held: both.map(([, rest]) => rest) };
}

function sameDims(sets: readonly Pictures[], begun: PictureDims | undefined): PictureDims {
  const [{ dims }] = sets;
  for (const other of [...sets.slice(1).map((set) => set.dims), ...(begun ? [begun] : [])])
    if (other.join() !== dims.join())
      throw expected(`pictures of ${other.join(' x ')}`, '--data', `${dims.join(' x ')}`);
  return dims;
}

function checkSize({ sizes }: Recipe, name: string, [, height]: PictureDims): void {
  if (sizes === undefined) return;
  const { multipleOf, minPx, maxPx } = sizes;
  if (height % multipleOf === 0 && height >= minPx && height <= maxPx) return;
  const range = minPx === maxPx ? `${minPx}` : `a multiple of ${multipleOf} from ${minPx} to ${maxPx}`;
  throw expected(`${range} px`, `--size of ${name}`, height);
}

/** One more than the largest label; labels are part of idx files only. */
function classesOf({ takesLabels }: Recipe, name: string, [{ labels }]: readonly Pictures[]): number {
  if (!takesLabels) return 0;
  if (labels === undefined)
    throw expected('idx files with labels', '--data', 'pictures without', `${name} learns what they show.`);
  return labels.reduce((most, label) => Math.max(most, label), 0) + 1;
}
