// `--from` -> the network that a training goes on from.

import { stat } from 'node:fs/promises';
import { expected } from '../../errors.js';
import type { Recipe } from '../../train/recipes/recipe.js';
import { denoiserOrigin } from './denoiser.js';
import type { Origin, OriginOptions } from './origin.js';
import { folderOrigin } from './stable-diffusion.js';
import { styleOrigin } from './style.js';

/**
 * Opens what `--from` names, where the recipe wants that. Throws `options` where nothing is named, and what reading it
 * throws.
 */
export async function openOrigin(
  { from: kind }: Recipe,
  options: OriginOptions,
): Promise<Origin | undefined> {
  if (kind === undefined) return undefined;
  const { from } = options.settings;
  if (from === '') throw expected('a network to go on from', '--from', 'none', KINDS[kind]);
  if (kind === 'style') return styleOrigin(from, options);
  const found = await stat(from).catch(() => undefined);
  return found?.isDirectory() ? folderOrigin(from, options) : denoiserOrigin(from, options);
}

const KINDS = {
  denoiser: 'denoiser.onnx of `nigaoe train diffusion`, or a Stable Diffusion folder.',
  style: 'A style by its id, an .onnx file, or a checkpoint.',
} as const;
