// `nigaoe stylize`: checks everything that can be checked, fetches the models, then draws photo after photo.

import path from 'node:path';
import { expected } from '../../errors.js';
import { openIsolatedStylizer } from '../../isolated.js';
import type { ModelEntry } from '../../models/entry.js';
import { allEntries } from '../../models/store/installed.js';
import { openStore } from '../../models/store/store.js';
import { isStyleFile, nameOfStyleFile, traitsOf } from '../../models/styles.js';
import { DIFFUSION_NAMES, isDiffusion, OPTION_NAMES, type Options, parseOptions } from '../../options.js';
import type { DrawnScope } from '../../scopes.js';
import type { Stylizer } from '../../stylizer.js';
import { runBatch } from '../batch.js';
import { checkIdle, type FlagValues, tableValues } from '../flags.js';
import { findInputs } from '../inputs/find.js';
import type { Input } from '../inputs/input.js';
import { faceModelsFor, fetchModel, stylesFor } from '../models/fetch.js';
import { type Desk, openDesk } from '../outputs/desk.js';
import { chooseTarget, type Target } from '../outputs/target.js';
import type { Stage } from '../perform.js';
import { drawTask } from './draw.js';

/** Draws the photos; returns the exit code, throws what stops the command before any work. */
export async function runStylize(words: readonly string[], flags: FlagValues, stage: Stage): Promise<number> {
  const out = String(flags.out);
  const given = parseOptions(tableValues(flags, OPTION_NAMES));
  const isToldWishes = [given.style, given.background].some(isDiffusion);
  if (!isToldWishes) checkIdle(flags, DIFFUSION_NAMES, `the style ${given.style}`);
  const acceptLicence = flags.acceptLicence === true;
  const store = openStore();
  const entries = await allEntries(store, (sentence) => stage.terminal.notice(sentence));
  const models = [...(await stylesFor(given, entries)), ...faceModelsFor(given)];
  const scope = await scopeOf(given, entries);
  const inputs = await findInputs(words, { allowUrl: flags.allowUrl === true, without: path.resolve(out) });
  const { json } = stage.terminal;
  const target = await chooseTarget(out, {
    flag: '--out',
    json,
    photos: inputs.length,
    format: given.format,
  });
  const options = target.kind === 'file' ? { ...given, format: target.format } : given;
  const desk = await settle(inputs, target, { options, scope, force: flags.force === true });
  for (const entry of models) await fetchModel(store, entry, { acceptLicence, stage });
  const stylizer = await openIsolatedStylizer({ acceptLicence });
  try {
    return await draw(stylizer, desk, { options, stage });
  } finally {
    await stylizer.close();
  }
}

/** What will be drawn; throws `options` for a background that would never be seen. */
async function scopeOf(
  { style, scope: wish, background }: Options,
  entries: readonly ModelEntry[],
): Promise<DrawnScope> {
  const scope = wish === 'auto' ? (await traitsOf(style, entries)).scope : wish;
  if (background === '' || scope === 'faces') return scope;
  const hint = '--background needs --scope faces: it draws what is not a face.';
  throw expected('scope faces', '--background', scope, hint);
}

function settle(
  inputs: readonly Input[],
  target: Target,
  { options, scope, force }: { options: Options; scope: DrawnScope; force: boolean },
): Promise<Desk> {
  return openDesk(inputs, {
    target,
    force,
    suffix: nameOfStyle(options.style),
    format: options.format,
    severalPictures: scope === 'portrait',
  });
}

/** A style that is a file gives its name without folder and extension. */
function nameOfStyle(style: string): string {
  return isStyleFile(style) ? nameOfStyleFile(style) : style;
}

function draw(
  stylizer: Stylizer,
  desk: Desk,
  { options, stage }: { options: Options; stage: Stage },
): Promise<number> {
  const tasks = desk.planned.map((planned) => drawTask(planned, { stylizer, desk, options, stage }));
  return runBatch(tasks, stage);
}
