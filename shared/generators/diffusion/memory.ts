// How much memory a picture will take, told before minutes are spent on it.

import { freemem, totalmem } from 'node:os';
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

/** What a system says of its memory. */
export interface Memory {
  platform: string;
  totalBytes: number;
  /** What it would give away. */
  freeBytes: number;
}

/**
 * Linux counts what it holds for later as available, a container's limit included, and so does Windows. Elsewhere the system
 * calls free only what it has no use for at all, which is next to nothing on a Mac with gigabytes to spare: there all of the
 * memory is the bound.
 */
const HONEST: ReadonlySet<string> = new Set(['linux', 'win32']);

function systemMemory(): Memory {
  const { availableMemory } = process as { availableMemory?: () => number };
  return {
    ...{ platform: process.platform, totalBytes: totalmem() },
    freeBytes: availableMemory?.() ?? freemem(),
  };
}

/**
 * Throws `options` where more is needed than there can be. Where it is more than half of the memory and nobody knows how much
 * is free, it is a notice: other programs may have to be moved to the disk.
 */
export function checkMemory(
  needed: number,
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
  {
    onNotice,
    memory = systemMemory(),
  }: { onNotice?: ((sentence: string) => void) | undefined; memory?: Memory } = {},
): void {
  const { platform, totalBytes, freeBytes } = memory;
  const isHonest = HONEST.has(platform);
  const there = isHonest
    ? `${gigabytes(freeBytes)} are free`
    : `this computer has ${gigabytes(totalBytes)} in all`;
  const sentence = `Expected ${gigabytes(needed)} of memory for ${widthPx} x ${heightPx} px but ${there}`;
  if (needed > (isHonest ? freeBytes : totalBytes))
    throw new NigaoeError('options', sentence, {
      hint: 'Draw smaller, close other programs, or take a float16 folder.',
    });
  if (!isHonest && needed > totalBytes / 2)
    onNotice?.(
      `This picture takes ${gigabytes(needed)} of the ${gigabytes(totalBytes)} of memory: close other programs`,
    );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
