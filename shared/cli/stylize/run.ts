// `nigaoe stylize`: checks everything that can be checked, fetches the models, then draws photo after photo.

import path from 'node:path';
import { openIsolatedStylizer } from '../../isolated.js';
import { openStore } from '../../models/store/store.js';
import { isStyleFile, traitsOf } from '../../models/styles.js';
import { OPTION_NAMES, type Options, parseOptions } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import { runBatch } from '../batch.js';
import { type FlagValues, tableValues } from '../flags.js';
import { findInputs } from '../inputs/find.js';
import type { Input } from '../inputs/input.js';
import { faceModelsFor, fetchModel, modelsFor } from '../models/fetch.js';
import { type Desk, openDesk } from '../outputs/desk.js';
import { chooseTarget, type Target } from '../outputs/target.js';
import type { Stage } from '../perform.js';
import { drawTask } from './draw.js';

/** Draws the photos; returns the exit code, throws what stops the command before any work. */
export async function runStylize(words: readonly string[], flags: FlagValues, stage: Stage): Promise<number> {
  const out = String(flags.out);
  const given = parseOptions(tableValues(flags, OPTION_NAMES));
  const acceptLicence = flags.acceptLicence === true;
  const models = [...(await modelsFor(given)), ...faceModelsFor(given)];
  const inputs = await findInputs(words, { allowUrl: flags.allowUrl === true, without: path.resolve(out) });
  const { json } = stage.terminal;
  const target = await chooseTarget(out, {
    flag: '--out',
    json,
    photos: inputs.length,
    format: given.format,
  });
  const options = target.kind === 'file' ? { ...given, format: target.format } : given;
  const store = openStore();
  for (const entry of models) await fetchModel(store, entry, { acceptLicence, stage });
  const desk = await settle(inputs, target, { options, force: flags.force === true });
  const stylizer = await openIsolatedStylizer({ acceptLicence });
  try {
    return await draw(stylizer, desk, { options, stage });
  } finally {
    await stylizer.close();
  }
}

function settle(
  inputs: readonly Input[],
  target: Target,
  { options, force }: { options: Options; force: boolean },
): Promise<Desk> {
  const scope = options.scope === 'auto' ? traitsOf(options.style).scope : options.scope;
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
  return isStyleFile(style) ? path.parse(style).name : style;
}

function draw(
  stylizer: Stylizer,
  desk: Desk,
  { options, stage }: { options: Options; stage: Stage },
): Promise<number> {
  const tasks = desk.planned.map((planned) => drawTask(planned, { stylizer, desk, options, stage }));
  return runBatch(tasks, stage);
}
