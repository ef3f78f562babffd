// Checkpoints: the whole state of a training between two steps, as a .safetensors file. All chance is drawn from the seed and
// the step, so that nothing else is needed to go on as if nothing had happened.

import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError } from '../errors.js';
import { openCheckpoint } from '../models/checkpoints/open.js';
import { writeSafetensors } from '../models/checkpoints/write-safetensors.js';
import { TRAINING_KEY as KEY } from '../models/imports/style-network.js';
import { tensor } from '../tensor.js';
import type { PictureDims } from '../train/nets/small.js';
import type { RecipeName } from '../train/recipes/table.js';
import type { PartialSettings } from '../train/settings.js';
import type { State } from '../train/weights.js';
import { VERSION } from '../version.js';

/** What was trained how far. */
export interface Place {
  recipe: RecipeName;
  settings: PartialSettings;
  picture: PictureDims;
  /** Pictures to learn from, for each of the recipe's inputs. */
  counts: readonly number[];
  /** What tells their pictures from others. */
  prints: readonly string[];
  /** What tells the network that it goes on from, where there is one. */
  origin?: string;
  /** Steps that are done. */
  step: number;
}

const FOLDER = 'checkpoints';
const SUM = 'nigaoe.sha256';
const NAME = /^step-(\d+)\.safetensors$/;

export const checkpointPath = (out: string, step: number): string =>
  path.join(out, FOLDER, `step-${String(step).padStart(7, '0')}.safetensors`);

export const checkpointBytes = (state: State, place: Place): Uint8Array =>
  writeSafetensors(state, {
    ...{ [KEY]: JSON.stringify({ version: VERSION, ...place }), format: 'pt' },
    [SUM]: sumOf(state),
  });

/** What tells numbers from damaged ones. */
function sumOf(state: State): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of state) hash.update(name).update(data);
  return hash.digest('hex');
}

/** The checkpoints of a training up to that step, oldest first. */
export async function checkpointsIn(out: string, upTo = Number.POSITIVE_INFINITY): Promise<string[]> {
  const names = await readdir(path.join(out, FOLDER)).catch(() => []);
  return names
    .flatMap((name) => {
      const step = Number(NAME.exec(name)?.[1] ?? Number.NaN);
      return step <= upTo ? [{ step, file: path.join(out, FOLDER, name) }] : [];
    })
    .sort((one, other) => one.step - other.step)
    .map(({ file }) => file);
}

/** Throws `model-corrupt` for a file that is no checkpoint of a training. */
export async function readCheckpoint(file: string): Promise<{ state: State; place: Place }> {
  const checkpoint = await openCheckpoint(file);
  try {
    const place = parse(checkpoint.metadata[KEY]);
    if (place === undefined)
      throw new NigaoeError(
        'model-corrupt',
        `Expected a checkpoint of a training in ${file} but it holds none`,
        {
          hint: 'Remove it: an older one is taken then.',
        },
      );
    const state: State = new Map();
    for (const [name, stored] of checkpoint.tensors)
      state.set(name, tensor(stored.dims, await stored.read()));
    const sum = checkpoint.metadata[SUM];
    if (sum !== undefined && sum !== sumOf(state))
      throw new NigaoeError(
        'model-corrupt',
        `Expected ${file} as it was written but its numbers are damaged`,
        {
          hint: 'Remove it: an older one is taken then.',
        },
      );
    return { state, place };
  } finally {
    await checkpoint.close();
  }
}

function parse(text = 'null'): Place | undefined {
  try {
    const place = JSON.parse(text) as Partial<Place> | null;
    return typeof place?.recipe === 'string' && Number.isSafeInteger(place.step)
      ? (place as Place)
      : undefined;
  } catch {
    return undefined;
  }
}
