// The recipes by name.

import { DCGAN, GAN, LSGAN } from './adversaries.js';
import { AUTOENCODER, CONV_AUTOENCODER, VAE } from './autoencoders.js';
import { CLASSIFIER } from './classifier.js';
import { CYCLEGAN } from './cyclegan.js';
import { DIFFUSION } from './diffusion.js';
import { FINETUNE } from './finetune.js';
import { LORA_RECIPE } from './lora.js';
import type { Recipe } from './recipe.js';

export const RECIPES = {
  autoencoder: AUTOENCODER,
  'conv-autoencoder': CONV_AUTOENCODER,
  vae: VAE,
  gan: GAN,
  lsgan: LSGAN,
  dcgan: DCGAN,
  cyclegan: CYCLEGAN,
  classifier: CLASSIFIER,
  diffusion: DIFFUSION,
  lora: LORA_RECIPE,
  finetune: FINETUNE,
} as const satisfies Record<string, Recipe>;

export type RecipeName = keyof typeof RECIPES;
