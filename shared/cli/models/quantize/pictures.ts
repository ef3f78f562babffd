// Pictures of a folder as a network takes them: small ones to calibrate it, larger ones to measure it.

import { stat } from 'node:fs/promises';
import { asFailure, expected, throwIfCancelled } from '../../../errors.js';
import { pack } from '../../../generators/pack.js';
import type { GeneratorIo, Side } from '../../../models/entry.js';
import type { Pictures } from '../../../models/quantize/quantize.js';
import { decodePhoto } from '../../../photo/decode.js';
import type { Photo } from '../../../photo/photo.js';
import type { Tensor } from '../../../tensor.js';
import { cut, squareOf } from '../../../workshop/data/squares.js';
import type { Input } from '../../inputs/input.js';
import { readInput } from '../../inputs/read.js';
import { findInFolder } from '../../inputs/search.js';

export interface CalibrationWishes {
  /** Most pictures that are read. */
  pictures: number;
  /** Side of those that are measured. */
  sizePx: number;
  io: GeneratorIo;
  side: Side;
  signal: AbortSignal;
  onNotice: (sentence: string) => void;
}

/** All maps of such a picture are in memory at once: two hundred megabytes for a network of a million weights. */
const CALIBRATION_PX = 256;
/** One of so many is held back, up to this number. */
const HELD_BACK = { oneOf: 4, most: 8 };

/** Throws `options` for a folder that is not there or has fewer than two pictures that can be read. */
export async function readCalibration(folder: string, wishes: CalibrationWishes): Promise<Pictures> {
  const { io, side, signal } = wishes;
  const found = spread(await photosIn(folder), wishes.pictures);
  const measuredCount = Math.min(HELD_BACK.most, Math.max(1, Math.floor(found.length / HELD_BACK.oneOf)));
  const measuredPx = sideAt(side, wishes.sizePx);
  const [measured, calibration]: Tensor[][] = [[], []];
  for (const [at, input] of found.entries()) {
    throwIfCancelled(signal);
    const photo = await read(input, wishes);
    if (photo === undefined) continue;
    // Spread over all of them, as folders are often sorted by what they show.
    const isHeldBack = Math.floor(((at + 1) * measuredCount) / found.length) > measured.length;
    if (isHeldBack) measured.push(await packed(photo, measuredPx, io));
    else calibration.push(await packed(photo, sideAt(side, CALIBRATION_PX), io));
  }
  if (measured.length > 0 && calibration.length > 0) return { calibration, measured };
  throw expected('a folder with at least 2 photos', '--calibrate', folder, WHAT_IS_READ);
}

const WHAT_IS_READ =
  'nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF: some dozens of what the style is for.';

async function photosIn(folder: string): Promise<Input[]> {
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory()) return findInFolder(folder, undefined);
  const what = there === undefined ? 'There is nothing of this name.' : 'It is a file.';
  throw expected('a folder with photos', '--calibrate', folder, what);
}

function spread<Item>(items: readonly Item[], most: number): Item[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)]);
}

/** What cannot be read is told and left out. */
async function read(input: Input, { signal, onNotice }: CalibrationWishes): Promise<Photo | undefined> {
  try {
    return await decodePhoto(await readInput(input, signal));
  } catch (error) {
    throwIfCancelled(signal);
    onNotice(`Left out: ${input.label}: ${asFailure(error).message}`);
    return undefined;
  }
}

/** The nearest side that the network takes. */
function sideAt({ minPx, maxPx, multipleOf }: Side, wishedPx: number): number {
  return Math.ceil(Math.max(minPx, Math.min(maxPx, wishedPx)) / multipleOf) * multipleOf;
}

/** The middle of the photo. */
async function packed(photo: Photo, sidePx: number, io: GeneratorIo): Promise<Tensor> {
  const shape = { loadPx: sidePx, sizePx: sidePx, channels: 3 } as const;
  const pixels = { dims: [1, 3, sidePx, sidePx], data: cut(await squareOf(photo, shape), shape) };
  return pack(pixels, io, { height: sidePx, width: sidePx });
}
