// What is wrong with a wish, told before LoRAs are merged and networks are opened.

import { expected, NigaoeError } from '../../errors.js';
import { checkSides } from './fixed.js';
import type { DiffusionFolder } from './folder.js';
import { LATENT_CHANNELS } from './latents.js';
import { checkSampler, chooseSampler } from './samplers/choose.js';
import { checkStrength } from './start.js';
import type { Wish } from './wish.js';

/** What is known of a drawing before there is a picture to draw over. */
export interface Plan extends Pick<Wish, 'sampler' | 'steps'> {
  /** Left out: what the folder draws. */
  widthPx?: number | undefined;
  heightPx?: number | undefined;
  /** Where a picture is drawn over: how far. */
  strength?: number | undefined;
}

/**
 * Throws `options` for samplers, steps, sizes and strengths that do not go with the folder, `model-missing` where it
 * lacks the encoder.
 */
export function checkPlan(plan: Plan, folder: DiffusionFolder): void {
  const { sampler, steps, strength } = plan;
  checkSampler(sampler);
  checkSides(plan, folder);
  if (strength !== undefined) {
    checkEncoder(folder);
    checkStrength({ steps, strength });
  }
  // Samplers know themselves which numbers of steps they have.
  chooseSampler(folder, sampler, { steps, strength, noise: (count) => new Float32Array(count) });
}

/** The same for a whole wish, and for its canvas. */
export function checkWish(wish: Wish, folder: DiffusionFolder): void {
  const { widthPx, heightPx, seed, canvas } = wish;
  checkPlan({ ...wish, strength: canvas?.strength }, folder);
  if (!Number.isSafeInteger(seed) || seed < 0) throw expected('a whole number from 0', '--seed', seed);
  if (fillsIn(folder) && canvas?.mask === undefined) throw needsMask(folder);
  const [, , height, width] = canvas?.picture.dims ?? [1, 3, heightPx, widthPx];
  if (height !== heightPx || width !== widthPx)
    throw new Error(`internal: a canvas of ${width} x ${height} for a picture of ${widthPx} x ${heightPx}`);
}

/** Throws `model-missing` for a folder that cannot make latents of pictures, which `purpose` takes. */
export function checkEncoder({ root, has }: DiffusionFolder, purpose = 'drawing over a picture'): void {
  if (has.has('vae_encoder')) return;
  throw new NigaoeError(
    'model-missing',
    `Expected vae_encoder/model.onnx in ${root}, which ${purpose} takes`,
    {
      hint: 'Fetch it, or draw from nothing with `nigaoe imagine`.',
    },
  );
}

/** Whether the network was trained to fill in. Throws `model-unsupported` for networks of other kinds. */
export function fillsIn(folder: DiffusionFolder): boolean {
  if (folder.unetChannels === LATENT_CHANNELS) return false;
  if (folder.unetChannels === FILLER_CHANNELS) return true;
  throw strangeChannels(folder);
}
/** Latents, a mask, and the latents of what it leaves. */
const FILLER_CHANNELS = 2 * LATENT_CHANNELS + 1;

const strangeChannels = ({ root, unetChannels }: DiffusionFolder): NigaoeError =>
  new NigaoeError(
    'model-unsupported',
    `Expected a UNet of 4 or 9 channels in ${root} but it takes ${unetChannels}`,
    {
      hint: 'Networks that enlarge, follow depth or edit by instruction are not drawn here.',
    },
  );

const needsMask = ({ root }: DiffusionFolder): NigaoeError =>
  new NigaoeError('options', `Expected a picture and a mask for ${root}, which was trained to fill in`, {
    hint: 'Give both, or take a folder that draws from nothing.',
  });
