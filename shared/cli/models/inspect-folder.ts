// `nigaoe models inspect` of a Stable Diffusion folder: which parts are there, and whether they make a picture.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { asFailure, type NigaoeError } from '../../errors.js';
import { type FixedSides, isOpen, sidesWords } from '../../generators/diffusion/fixed.js';
import { type FoundPart, lookInto, readDiffusionFolder } from '../../generators/diffusion/folder.js';
import { size } from '../terminal/wording.js';
import { rowLines } from './rows.js';

/** Whether a path is a folder that is laid out as Stable Diffusion's are, whole or not. */
export async function isDiffusionFolder(word: string): Promise<boolean> {
  const marks = ['model_index.json', 'unet', 'text_encoder'].map((name) => path.join(word, name));
  const found = await Promise.all(marks.map((mark) => stat(mark).catch(() => undefined)));
  return found.some((each) => each !== undefined);
}

/** Lines for people, an object for programs, and why it does not draw, where it does not. */
export async function inspectFolder(
  root: string,
): Promise<{ lines: string[]; told: object; failure?: NigaoeError }> {
  const parts = await lookInto(root);
  const whole = await readDiffusionFolder(root).catch(asFailure);
  const failure = 'code' in whole ? whole : undefined;
  const { scheduler, fixed } = 'scheduler' in whole ? whole : {};
  const rows = [['sampler', scheduler?.class] as const, ['draws', fixed && drawsWords(fixed)] as const];
  const lines = [root, ...rowLines([...parts.map(rowOf), ...rows])];
  const told = {
    ...{ id: root, format: 'diffusion-folder', parts, scheduler: scheduler?.class, fixed },
    isWhole: failure === undefined,
  };
  return { lines, told, ...(failure && { failure }) };
}

const drawsWords = (fixed: FixedSides): string =>
  isOpen(fixed) ? 'sides that are multiples of 8' : `${sidesWords(fixed)} only`;

const rowOf = ({ name, file, isThere, isNeeded, use, bytes }: FoundPart): readonly [string, string] => {
  const state = isThere ? size(bytes) : isNeeded ? 'missing' : 'not there, and not needed';
  return [name, `${state}: ${file}, ${use}`];
};
