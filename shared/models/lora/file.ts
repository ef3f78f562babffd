// LoRA files: every change that a file has for the networks of a folder, and the keys that nobody knows.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
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
const strange = (file: string, key: string): NigaoeError =>
  new NigaoeError('model-unsupported', `Expected a LoRA or LoHa in ${file} but it has ${key}`, {
    hint: 'DoRA, LoKr and full differences are not merged here.',
  });

const WORD = /^<.+>$/;

/**
 * Reads a LoRA of kohya's, diffusers', PEFT's or cloneofsimo's spelling, as .safetensors or a PyTorch file. Throws what opening a
 * checkpoint throws.
 */
export async function readLora(file: string): Promise<Lora> {
  const checkpoint = await openCheckpoint(file);
  const networks = { unet: new Map(), text_encoder: new Map(), text_encoder_2: new Map() };
  const [unknown, words]: [string[], Map<string, Tensor>] = [[], new Map()];
  try {
    const settings = await peftSettings(file, checkpoint.metadata);
    for (const [key, stored] of checkpoint.tensors) {
      const read = async () => tensor(stored.dims, await stored.read());
      const known = positionalKey(key) ?? parseLoraKey(key);
      if (known !== undefined) put(networks, known, await read());
      else if (WORD.test(key)) words.set(key, await read());
      else if (STRANGE.test(key)) throw strange(file, key);
      else unknown.push(key);
    }
    for (const [network, { alpha, isRooted }] of Object.entries(settings))
      for (const module of networks[network as LoraNetwork].values()) {
        const rank = (module.down as Tensor | undefined)?.dims[0] ?? 1;
        module.alpha ??= tensor([], Float32Array.of(isRooted ? alpha * Math.sqrt(rank) : alpha));
      }
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

/** What PEFT keeps beside the tensors: one alpha for a network, divided by the rank or, as rsLoRA has it, by its root. */
interface PeftSettings {
  alpha: number;
  isRooted: boolean;
}

/** In `lora_adapter_metadata`, `unet.lora_alpha` and the like; or in adapter_config.json beside a file of PEFT's own. */
async function peftSettings(
  file: string,
  metadata: Readonly<Record<string, string>>,
): Promise<Partial<Record<LoraNetwork, PeftSettings>>> {
  const beside = await readFile(path.join(path.dirname(file), 'adapter_config.json'), 'utf8').catch(
    () => '{}',
  );
  const isOwn = path.basename(file).startsWith('adapter_model');
  const [own, shared] = [isOwn ? beside : '{}', metadata.lora_adapter_metadata ?? '{}'].map(parse);
  const found: Partial<Record<LoraNetwork, PeftSettings>> = {};
  for (const network of ['unet', 'text_encoder', 'text_encoder_2'] as const) {
    const alpha = shared[`${network}.lora_alpha`] ?? own.lora_alpha;
    const isRooted = (shared[`${network}.use_rslora`] ?? own.use_rslora) === true;
    if (typeof alpha === 'number') found[network] = { alpha, isRooted };
  }
  return found;
}

/** Words that are no JSON say nothing. */
function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
