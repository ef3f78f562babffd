// `nigaoe stylize`: checks everything that can be checked, fetches the models, then draws photo after photo.

import path from 'node:path';
import type { Options } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import { runBatch } from '../batch.js';
import type { FlagValues } from '../flags.js';
import { findInputs } from '../inputs/find.js';
import { type Desk, openDesk } from '../outputs/desk.js';
import { chooseTarget } from '../outputs/target.js';
import type { Stage } from '../perform.js';
import { drawTask } from './draw.js';
import { prepare } from './prepare.js';

/** Draws the photos; returns the exit code, throws what stops the command before any work. */
export async function runStylize(words: readonly string[], flags: FlagValues, stage: Stage): Promise<number> {
  const out = String(flags.out);
  const { options: given, scope, suffix, open } = await prepare(flags, stage);
  const { format } = given;
  const inputs = await findInputs(words, { allowUrl: flags.allowUrl === true, without: path.resolve(out) });
  const { json } = stage.terminal;
  const target = await chooseTarget(out, { flag: '--out', json, photos: inputs.length, format });
  const options = target.kind === 'file' ? { ...given, format: target.format } : given;
  const desk = await openDesk(inputs, {
    target,
    force: flags.force === true,
    suffix,
    format: options.format,
    severalPictures: scope === 'portrait',
  });
  const stylizer = await open();
  try {
    return await draw(stylizer, desk, { options, stage });
  } finally {
    await stylizer.close();
  }
}

function draw(
  stylizer: Stylizer,
  desk: Desk,
  { options, stage }: { options: Options; stage: Stage },
): Promise<number> {
  const tasks = desk.planned.map((planned) => drawTask(planned, { stylizer, desk, options, stage }));
  return runBatch(tasks, stage);
}
