// `nigaoe faces`: opens the face networks once, then looks at photo after photo.

import path from 'node:path';
import { openFaceFinder } from '../../faces/finder.js';
import { openStore } from '../../models/store/store.js';
import { type Options, parseOptions } from '../../options.js';
import { runBatch } from '../batch.js';
import { type FlagValues, tableValues } from '../flags.js';
import { findInputs } from '../inputs/find.js';
import type { Input } from '../inputs/input.js';
import { faceModelsFor, fetchModel } from '../models/fetch.js';
import { type DeskOptions, openDesk } from '../outputs/desk.js';
import { chooseTarget, type TargetOptions } from '../outputs/target.js';
import type { Stage } from '../perform.js';
import { type LookJob, lookTask } from './look.js';
import { FACE_OPTIONS } from './options.js';

/** Looks at the photos; returns the exit code, throws what stops the command before any work. */
export async function runFaces(words: readonly string[], flags: FlagValues, stage: Stage): Promise<number> {
  const draw = typeof flags.draw === 'string' ? flags.draw : undefined;
  const given = parseOptions(tableValues(flags, FACE_OPTIONS));
  const models = faceModelsFor(given);
  const without = draw === undefined ? undefined : path.resolve(draw);
  const inputs = await findInputs(words, { allowUrl: flags.allowUrl === true, without });
  const target =
    draw === undefined ? undefined : await chooseTarget(draw, targetOptions(inputs, given, stage));
  const options = target?.kind === 'file' ? { ...given, format: target.format } : given;
  const store = openStore();
  const acceptLicence = flags.acceptLicence === true;
  const desk = target && (await openDesk(inputs, { target, ...deskOptions(options, flags) }));
  for (const entry of models) await fetchModel(store, entry, { acceptLicence, stage });
  const { detector, landmarker } = options;
  const onNotice = (sentence: string) => stage.terminal.notice(sentence);
  const finder = await openFaceFinder({ store, detector, landmarker, onNotice, signal: stage.signal });
  try {
    return await lookAtAll(inputs, { desk, finder, options, stage });
  } finally {
    await finder.close();
  }
}

function targetOptions(
  { length: photos }: readonly Input[],
  { format }: Options,
  { terminal: { json } }: Stage,
): TargetOptions {
  return { flag: '--draw', json, photos, format };
}

function deskOptions({ format }: Options, { force }: FlagValues): Omit<DeskOptions, 'target'> {
  return { suffix: 'faces', format, force: force === true, severalPictures: false };
}

function lookAtAll(inputs: readonly Input[], job: LookJob): Promise<number> {
  const planned = job.desk?.planned ?? inputs.map((input) => ({ input, format: undefined }));
  return runBatch(
    planned.map((plan) => lookTask(plan, job)),
    job.stage,
  );
}
