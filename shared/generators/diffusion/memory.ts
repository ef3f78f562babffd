// How much memory a picture will take, told before minutes are spent on it.

import { freemem } from 'node:os';
import { NigaoeError } from '../../errors.js';
import type { DiffusionFolder } from './folder.js';
import { bytesOf } from './networks.js';
import { PIXELS_A_LATENT } from './vae.js';

/** Networks of less are toys, whose attention has few heads. */
const REAL_BYTES = 100e6;
/** Heads of the uppermost attention of Stable Diffusion 1, both prompts, float32, logits and their softmax. */
const ATTENTION_BYTES = 8 * 2 * 4 * 2;

/** Bytes for the largest network and for what it computes in between, about. */
export async function bytesFor(
  folder: DiffusionFolder,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): Promise<number> {
  const sizes = await Promise.all([...folder.has].map((name) => bytesOf(folder, [name])));
  const weights = Math.max(0, ...sizes);
  if (weights < REAL_BYTES) return weights;
  const places = (widthPx * heightPx) / PIXELS_A_LATENT ** 2;
  return weights + ATTENTION_BYTES * places ** 2;
}

/** Throws `options` where that is more than there is. */
export function checkMemory(
  needed: number,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
): void {
  const { availableMemory } = process as { availableMemory?: () => number };
  const available = availableMemory?.() ?? freemem();
  if (needed <= available) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new NigaoeError(
    'options',
    `Expected ${gigabytes(needed)} of memory for ${widthPx} x ${heightPx} px but ${gigabytes(available)} are free`,
    { hint: 'Draw smaller, close other programs, or take a float16 folder.' },
  );
}
