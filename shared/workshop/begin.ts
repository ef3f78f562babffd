// How a training begins: settings and pictures are settled, the graphs are built, the state is begun or read back.

import { readdir } from 'node:fs/promises';
import { expected, NigaoeError } from '../errors.js';
import { flagOf, parseTable } from '../options.js';
import type { Plan, Recipe, Setting } from '../train/recipes/recipe.js';
import { RECIPES, type RecipeName } from '../train/recipes/table.js';
import { ALTERS, MAY_CHANGE, SETTINGS, type SettingName, type Settings } from '../train/settings.js';
import type { State } from '../train/weights.js';
import { checkpointsIn, type Place, readCheckpoint } from './checkpoint.js';
import { openPictures } from './data/open.js';
import { type Pictures, printOf, split } from './data/pictures.js';
import {
  checkApart,
  checkBase,
  checkClasses,
  checkCounts,
  checkPairs,
  checkPrints,
  checkShape,
  checkTaken,
  classesOf,
  type Order,
  recipeNamed,
  sameDims,
} from './order.js';
import { type Base, openBase } from './origin.js';

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
  await checkApart(order);
  checkTaken(recipe, order);
  const earlier = await newest(order);
  if (earlier && earlier.place.recipe !== name)
    throw expected(`the recipe ${earlier.place.recipe}`, '--resume', name, `${order.out} was begun with it.`);
  const wishes = chosen(order, earlier?.place);
  const base = await openBase(recipe, wishes.from, order);
  try {
    return await prepare({ name, recipe, base, earlier, wishes, order });
  } finally {
    await base?.close();
  }
}

interface Beginning {
  name: RecipeName;
  recipe: Recipe;
  base: Base | undefined;
  earlier: Earlier | undefined;
  wishes: Settings;
  order: Order;
}

async function prepare({ name, recipe, base, earlier, wishes, order }: Beginning): Promise<Training> {
  const settings = withDefaults(recipe, wishes, base);
  checkShape({ ...recipe, sizes: base?.style?.side ?? recipe.sizes }, name, settings);
  const { learned, held } = await readPictures({ recipe, base }, order, settings);
  const picture = sameDims(learned, earlier?.place.picture);
  const counts = learned.map((pictures) => pictures.count);
  checkCounts(counts, earlier?.place.counts);
  if (recipe.pairs?.(settings)) checkPairs(counts);
  const prints = await Promise.all(learned.map(printOf));
  checkBase(base?.print, earlier?.place.base);
  checkPrints(prints, earlier?.place.prints);
  const [channels, side] = picture;
  order.onNotice?.(
    `Learning from ${counts.join(' and ')} pictures, ${side} px, ${channels === 1 ? 'grey' : 'in colour'}`,
  );
  const perEpoch = Math.max(1, Math.floor(Math.max(...counts) / settings.batch));
  const steps = settings.steps > 0 ? settings.steps : settings.epochs * perEpoch;
  const measured = heldBatch(held[0].count || counts[0], settings.batch);
  const setting = { ...settings, total: steps, heldBatch: measured };
  const classes = hearsWords(base) ? 0 : classesOf(recipe, name, [learned[0], held[0]]);
  checkClasses(classes, base?.denoiser?.condition);
  const plan = recipe.plan(picture, setting, { classes, denoiser: base?.denoiser, style: base?.style });
  const state: State = earlier?.state ?? new Map();
  plan.weights.begin(state, settings.seed);
  const step = earlier?.place.step ?? 0;
  const place = { recipe: name, settings, picture, counts, prints, step, ...(base && { base: base.print }) };
  return { recipe, place, setting, steps, perEpoch, learned, held, plan, state };
}

const hearsWords = (base: Base | undefined): boolean => base?.denoiser?.condition.kind === 'words';

/** As many at once as leave none over, unless these are too few to be quick. */
function heldBatch(count: number, batch: number): number {
  const most = Math.min(count, batch) || batch;
  const sizes = Array.from({ length: most }, (_, index) => most - index);
  return sizes.find((size) => count % size === 0 && size * 4 >= most) ?? most;
}

interface Earlier {
  state: State;
  place: Place;
}

/** The newest checkpoint that can be read; older ones stand in for one that was damaged. */
async function newest({ out, resume, onNotice }: Order): Promise<Earlier | undefined> {
  const files = await checkpointsIn(out);
  if (!resume) {
    await checkNew(out, files);
    return undefined;
  }
  for (const file of files.reverse()) {
    try {
      return await readCheckpoint(file);
    } catch (error) {
      if (!(error instanceof NigaoeError)) throw error;
      onNotice?.(`${error.message}; an older one is taken`);
    }
  }
  const hint = `There is nothing to go on from: begin anew, and remove ${out} before where networks lie in it.`;
  throw expected('a training with a checkpoint', '--resume', out, hint);
}

/** Neither checkpoints nor finished networks are written over; a log of steps that left nothing may be. */
async function checkNew(out: string, checkpoints: readonly string[]): Promise<void> {
  const names = await readdir(out).catch(() => []);
  if (checkpoints.length === 0 && !names.some((name) => name.endsWith('.onnx'))) return;
  const way =
    checkpoints.length > 0
      ? 'Go on with --resume, or name another folder.'
      : 'Name another folder, or remove it.';
  throw expected('a folder without a training', '--out', out, way);
}

/** The settings of a training that goes on are those that it was begun with, but for the few that may change. */
function chosen({ settings: given = {}, onNotice }: Order, earlier: Place | undefined): Settings {
  const now = parseTable(SETTINGS, given);
  if (earlier === undefined) return now;
  const { settings } = earlier;
  const wishes = Object.entries(given).filter(([, value]) => value !== undefined) as [SettingName, unknown][];
  for (const [name, value] of wishes.filter(([name, value]) => value !== settings[name])) {
    if (!MAY_CHANGE.includes(name))
      throw expected(`${String(settings[name])}, as it was begun,`, flagOf(name), value);
    if (ALTERS.includes(name))
      onNotice?.(`Goes on with ${flagOf(name)} ${value}, no longer as it was begun with ${settings[name]}`);
  }
  // Epochs count only where steps do not.
  const steps = given.epochs !== undefined && given.steps === undefined ? { steps: 0 } : {};
  const changed = wishes.filter(([name]) => MAY_CHANGE.includes(name));
  return parseTable(SETTINGS, { ...settings, ...steps, ...Object.fromEntries(changed) });
}

/** Of CycleGAN, in its paper. */
const WIDTH = 64;

function withDefaults({ defaults: own }: Recipe, settings: Settings, base: Base | undefined): Settings {
  const defaults = { ...own, ...base?.settings };
  const { epochs, batch, rate, size, blocks, holdBack, width, average } = settings;
  const px = size || defaults.size;
  return {
    ...settings,
    size: px,
    epochs: epochs || defaults.epochs,
    batch: batch || defaults.batch,
    rate: rate || defaults.rate,
    width: width || (defaults.width ?? WIDTH),
    average: average || (defaults.average ?? 0),
    blocks: blocks || (px < 256 ? 6 : 9),
    holdBack: holdBack || (defaults.holdBack ?? 0),
    channels:
      settings.channels === 'auto' ? (`${defaults.channels}` as Settings['channels']) : settings.channels,
  };
}

async function readPictures(
  { recipe, base }: Pick<Beginning, 'recipe' | 'base'>,
  order: Order,
  settings: Settings,
) {
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
    captions: hearsWords(base),
    onNotice: order.onNotice,
    signal: order.signal,
  };
  const both: [Pictures, Pictures][] = [];
  for (const path of order.data) {
    const pictures = await openPictures(path, options);
    both.push(split(base ? await base.prepared(pictures) : pictures, holdBack));
  }
  return { learned: both.map(([some]) => some), held: both.map(([, rest]) => rest) };
}
