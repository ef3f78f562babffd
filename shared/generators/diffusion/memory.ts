// How much memory a picture will take, told before minutes are spent on it.

import { freemem } from 'node:os';
import { NigaoeError } from '../../errors.js';
import type { DiffusionFolder } from './folder.js';
import { isGuided } from './guidance.js';
import { PIXELS_A_LATENT } from './latents.js';
import { bytesOf } from './networks.js';

/** Networks of less are toys, whose attention has few heads. */
const REAL_BYTES = 100e6;
/** Heads of the uppermost attention of Stable Diffusion 1, float32, logits and their softmax; for each prompt. */
const ATTENTION_BYTES = 8 * 4 * 2;

/** Bytes for the largest network and for what it computes in between, about. */
export async function bytesFor(
  folder: DiffusionFolder,
  { widthPx, heightPx, guidance }: { widthPx: number; heightPx: number; guidance: number },
): Promise<number> {
  const sizes = await Promise.all([...folder.has].map((name) => bytesOf(folder, [name])));
  const weights = Math.max(0, ...sizes);
  if (weights < REAL_BYTES) return weights;
  const places = (widthPx * heightPx) / PIXELS_A_LATENT ** 2;
  return weights + ATTENTION_BYTES * (isGuided(guidance) ? 2 : 1) * places ** 2;
}

/**
 * Throws `options` where that is more than there is. Elsewhere than on Linux the system counts as free only what it has no use for at
 * all: there it is a notice.
 */
export function checkMemory(
  needed: number,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
  onNotice?: (sentence: string) => void,
): void {
  const { availableMemory } = process as { availableMemory?: () => number };
  const available = availableMemory?.() ?? freemem();
  if (needed <= available) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const sentence = `Expected ${gigabytes(needed)} of memory for ${widthPx} x ${heightPx} px but ${gigabytes(available)} are free`;
  if (process.platform !== 'linux') onNotice?.(sentence);
  else
    throw new NigaoeError('options', sentence, {
      hint: 'Draw smaller, close other programs, or take a float16 folder.',
    });
}
