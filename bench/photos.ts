// Where benches and visual checks find real photos: beside the mirror that NIGAOE_MIRROR names.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NigaoeError } from '../shared/errors.js';

/** The folder `photos` beside the mirror; throws `options` when there is none. */
export function photosFolder(): string {
  const mirror = process.env.NIGAOE_MIRROR;
  const folder = mirror === undefined ? undefined : resolve(mirror, '..', 'photos');
  if (folder !== undefined && existsSync(folder)) return folder;
  throw new NigaoeError(
    'options',
    'Expected a folder `photos` beside the folder that NIGAOE_MIRROR names but there is none',
    {
      hint: 'Set NIGAOE_MIRROR to a folder of models with test photos beside it.',
    },
  );
}

export const photoPath = (...parts: string[]): string => join(photosFolder(), ...parts);

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** PSNR of two drawings in -1..1: 20 dB is a difference of a tenth of the range, 40 dB of a hundredth. */
export function decibels(a: Float32Array, b: Float32Array): number {
  let squares = 0;
  for (let at = 0; at < a.length; at++) squares += (a[at] - b[at]) ** 2;
  return 10 * Math.log10(4 / (squares / a.length));
}
