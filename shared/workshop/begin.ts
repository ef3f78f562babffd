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
  checkAlike,
  checkApart,
  checkClasses,
  checkCounts,
  checkFolders,
  checkOrigin,
  checkPairs,
  checkPrints,
  checkShape,
  checkTaken,
  classesOf,
  type Order,
  recipeNamed,
  sameDims,
} from './order.js';
import { openOrigin } from './origins/open.js';
import { checkOnly, type Origin } from './origins/origin.js';

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
  const origin = await openOrigin(recipe, {
    settings: wishes,
    signal: order.signal,
    onNotice: order.onNotice,
  });
  try {
    return await prepare({
      name,
      recipe,
      origin,
      earlier,
      order,
      settings: withDefaults(recipe, wishes, origin),
    });
  } finally {
    await origin?.close?.();
  }
}

interface Beginning {
  name: RecipeName;
  recipe: Recipe;
  origin: Origin | undefined;
  earlier: Earlier | undefined;
  order: Order;
  settings: Settings;
}

async function prepare(beginning: Beginning): Promise<Training> {
  const { name, recipe, origin, earlier, settings } = beginning;
  checkBefore(beginning);
  const { learned, held, prints, counts } = await readPictures(beginning);
  const picture = sameDims(learned, earlier?.place.picture);
  const perEpoch = Math.max(1, Math.floor(Math.max(...counts) / settings.batch));
  const steps = settings.steps > 0 ? settings.steps : settings.epochs * perEpoch;
  const measured = heldBatch(held[0].count || counts[0], settings.batch);
  const setting = { ...settings, total: steps, heldBatch: measured };
  const classes = hearsWords(origin) ? 0 : classesOf(recipe, name, [learned[0], held[0]]);
  checkClasses(classes, origin?.denoiser?.condition);
  // Encoders have done their work, and the graph takes memory.
  await origin?.close?.();
  const plan = recipe.plan(picture, setting, { classes, denoiser: origin?.denoiser, style: origin?.style });
  const state: State = earlier?.state ?? new Map();
  plan.weights.begin(state, settings.seed);
  const step = earlier?.place.step ?? 0;
  const from = origin && { origin: origin.print };
  const place = { recipe: name, settings, picture, counts, prints, step, ...from };
  return { recipe, place, setting, steps, perEpoch, learned, held, plan, state };
}

/** All that can be told before pictures are read. */
function checkBefore({ name, recipe, origin, earlier, order, settings }: Beginning): void {
  checkFolders(recipe, order);
  checkShape({ ...recipe, sizes: origin?.style?.side ?? recipe.sizes }, name, settings);
  if (recipe.pairs?.(settings)) checkAlike(settings);
  if (origin === undefined) return;
  checkOrigin(origin.print, earlier?.place.origin);
  checkOnly(origin, settings);
  recipe.check?.(settings, origin);
}

const hearsWords = (origin: Origin | undefined): boolean => origin?.denoiser?.condition.kind === 'words';

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

/** Names of what comes out of trainings. */
const PRODUCT = /(\.onnx|^lora\.safetensors)$/;

/** Neither checkpoints nor finished networks are written over; a log of steps that left nothing may be. */
async function checkNew(out: string, checkpoints: readonly string[]): Promise<void> {
  const names = await readdir(out).catch(() => []);
  if (checkpoints.length === 0 && !names.some((name) => PRODUCT.test(name))) return;
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

function withDefaults({ defaults: own }: Recipe, settings: Settings, origin: Origin | undefined): Settings {
  const defaults = { ...own, ...origin?.defaults };
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

/** What is learned from and what is held back, of each of the recipe's inputs. */
interface Data {
  learned: readonly Pictures[];
  held: readonly Pictures[];
  /** What tells the pictures to learn from from others, as they were read. */
  prints: readonly string[];
  counts: readonly number[];
}

/** Opens the pictures, holds them against those that the training was begun with, and has them prepared for the network. */
async function readPictures({ recipe, origin, earlier, order, settings }: Beginning): Promise<Data> {
  const { onNotice, signal } = order;
  const options = {
    ...{
      sizePx: settings.size,
      alignFaces: settings.alignFaces,
      channels: Number(settings.channels) as 1 | 3,
    },
    ...{ augment: recipe.augments === true, captions: hearsWords(origin), onNotice, signal },
    isWhole: recipe.pairs?.(settings) === true,
  };
  const both: (readonly [Pictures, Pictures])[] = [];
  for (const path of order.data) both.push(split(await openPictures(path, options), settings.holdBack));
  const counts = both.map(([{ count }]) => count);
  checkCounts(counts, earlier?.place.counts);
  if (recipe.pairs?.(settings)) checkPairs(counts);
  const prints = await Promise.all(both.map(([learned]) => printOf(learned)));
  checkPrints(prints, earlier?.place.prints);
  const colours = settings.channels === '1' ? 'grey' : 'in colour';
  onNotice?.(`Learning from ${counts.join(' and ')} pictures, ${both[0][0].dims[1]} px, ${colours}`);
  const prepared = (pictures: Pictures) =>
    pictures.count === 0 || origin?.prepared === undefined ? pictures : origin.prepared(pictures);
  const learned: Pictures[] = [];
  const held: Pictures[] = [];
  for (const [some, rest] of both) {
    learned.push(await prepared(some));
    held.push(await prepared(rest));
  }
  return { learned, held, prints, counts };
}
