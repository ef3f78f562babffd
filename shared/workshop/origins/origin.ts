// What a training goes on from: the network of an earlier one, or an exported one.

import { createHash } from 'node:crypto';
import { expected } from '../../errors.js';
import { flagOf } from '../../options.js';
import type { DenoiserBase, StyleBase } from '../../train/recipes/recipe.js';
import type { Settings } from '../../train/settings.js';
import type { Pictures } from '../data/pictures.js';

/** An open network to go on from. */
export interface Origin {
  denoiser?: DenoiserBase;
  style?: StyleBase;
  /** What is taken where nothing is said. */
  defaults: Partial<Settings>;
  /** What it knows, and nothing else. */
  only: Partial<Pick<Settings, 'size' | 'channels'>>;
  /** Tells it from others. */
  print: string;
  /** Pictures as its network takes them; left out where that is as they are. */
  prepared?: (pictures: Pictures) => Promise<Pictures>;
  /** Gives back what only preparing takes. */
  close?: () => Promise<void>;
}

/** What opening one is told. */
export interface OriginOptions {
  settings: Settings;
  signal?: AbortSignal | undefined;
  onNotice?: ((sentence: string) => void) | undefined;
}

/** Throws `options` for a size or channels that the network was not made for. */
export function checkOnly({ only }: Origin, { from, ...settings }: Settings): void {
  for (const [name, value] of Object.entries(only) as ['size' | 'channels', Settings['size' | 'channels']][])
    if (settings[name] !== value)
      throw expected(`${value}, as ${from} has it,`, flagOf(name), settings[name]);
}

/** Tells bytes from others. */
export const printOfBytes = (...parts: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
};
