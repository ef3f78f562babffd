// LoRA files: every change that a file has for the networks of a folder, and the keys that nobody knows.

import { NigaoeError } from '../../errors.js';
import { type Tensor, tensor } from '../../tensor.js';
import { openCheckpoint } from '../checkpoints/open.js';
import type { LoraModule } from './delta.js';
import { type LoraKey, type LoraNetwork, parseLoraKey, positionalKey } from './names.js';

export interface Lora {
  /** Changes by network and flat module path. */
  networks: Readonly<Record<LoraNetwork, ReadonlyMap<string, LoraModule>>>;
  /** Keys of no known spelling. */
  unknown: readonly string[];
  /** Learned words, `<s1>` and such: rows for the text encoder's table. */
  words: ReadonlyMap<string, Tensor>;
}

/** Kinds of changes that would come out wrong without these: DoRA, LoKr, full differences. */
const STRANGE = /\.(dora_scale|lora_magnitude_vector|lokr_\w+|hada_t[12]|diff|diff_b)$|lora_magnitude_vector/;
const strange = (path: string, key: string): NigaoeError =>
  new NigaoeError('model-unsupported', `Expected a LoRA or LoHa in ${path} but it has ${key}`, {
    hint: 'DoRA, LoKr and full differences are not merged here.',
  });

const WORD = /^<.+>$/;

/**
 * Reads a LoRA of kohya's, diffusers', PEFT's or cloneofsimo's spelling, as .safetensors or a PyTorch file. Throws what opening a
 * checkpoint throws.
 */
export async function readLora(path: string): Promise<Lora> {
  const checkpoint = await openCheckpoint(path);
  const networks = { unet: new Map(), text_encoder: new Map(), text_encoder_2: new Map() };
  const [unknown, words]: [string[], Map<string, Tensor>] = [[], new Map()];
  try {
    const alphas = peftAlphas(checkpoint.metadata);
    for (const [key, stored] of checkpoint.tensors) {
      const read = async () => tensor(stored.dims, await stored.read());
      const known = positionalKey(key) ?? parseLoraKey(key);
      if (known !== undefined) put(networks, known, await read());
      else if (WORD.test(key)) words.set(key, await read());
      else if (STRANGE.test(key)) throw strange(path, key);
      else unknown.push(key);
    }
    for (const [network, alpha] of Object.entries(alphas))
      for (const module of networks[network as LoraNetwork].values())
        module.alpha ??= tensor([], Float32Array.of(alpha));
  } finally {
    await checkpoint.close();
  }
  return { networks, unknown, words };
}

function put(
  networks: Record<LoraNetwork, Map<string, Partial<Record<string, Tensor>>>>,
  { network, module, part }: LoraKey,
  value: Tensor,
): void {
  const known = networks[network].get(module) ?? {};
  networks[network].set(module, known);
  known[part] = value;
}

/** PEFT keeps one alpha for a network beside the tensors: in `lora_adapter_metadata`, `unet.lora_alpha` and the like. */
function peftAlphas(metadata: Readonly<Record<string, string>>): Partial<Record<LoraNetwork, number>> {
  const alphas: Partial<Record<LoraNetwork, number>> = {};
  try {
    const settings = JSON.parse(metadata.lora_adapter_metadata ?? '{}') as Record<string, unknown>;
    for (const network of ['unet', 'text_encoder', 'text_encoder_2'] as const) {
      const alpha = settings[`${network}.lora_alpha`];
      if (typeof alpha === 'number') alphas[network] = alpha;
    }
  } catch {
    // Words that are no JSON say nothing.
  }
  return alphas;
}
