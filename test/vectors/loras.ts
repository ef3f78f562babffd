// LoRA: keys and the modules that they mean, merges, and the numbers of a real file.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { type LoraModule, loraDelta } from '../../shared/models/lora/delta.js';
import { readLora } from '../../shared/models/lora/file.js';
import { flatModule, parseLoraKey, positionalKey } from '../../shared/models/lora/names.js';
import { sizeOf, type Tensor, tensor } from '../../shared/tensor.js';
import { type Check, nearly, same } from './check.js';

export function checkKeys(
  rows: readonly { kohya: string; module: string; peft?: string; onnx_node_path?: string }[],
): Check[] {
  return rows.map(({ kohya, module, peft, onnx_node_path: node }) => ({
    id: kohya,
    run: () => {
      same('kohya', parseLoraKey(`${kohya}.lora_down.weight`)?.module, flatModule(module));
      if (peft) same('peft', parseLoraKey(peft)?.module, flatModule(module));
      if (node) same('the node', flatModule(node.slice(1).replaceAll('/', '.')), flatModule(module));
    },
  }));
}

export function checkOriginalKeys(rows: readonly { ldm: string; module: string }[]): Check[] {
  return rows.map(({ ldm, module }) => ({
    id: ldm,
    run: () => same('the module', parseLoraKey(`${ldm}.lora_up.weight`)?.module, flatModule(module)),
  }));
}

export function checkPlaces(rows: readonly { key: string; module: string }[]): Check[] {
  return rows.flatMap(({ key, module }) => {
    const [, , first, last] = /^(\w+):(\d+)(?:\.\.(\d+))?$/.exec(key) ?? [];
    const names = /^(.*)\{(.*)\}$/.exec(module.replace(/ \(.*$/, ''));
    const modules = names ? names[2].split(',').map((each) => names[1] + each) : [module];
    const network = key.split(':')[0];
    return modules.map((each, at) => ({
      id: `${network}:${Number(first) + at}`,
      run: () => {
        same('how many', modules.length, last === undefined ? 1 : Number(last) - Number(first) + 1);
        same('the module', positionalKey(`${network}:${Number(first) + at}:up`)?.module, flatModule(each));
      },
    }));
  });
}

type Nested = number | readonly Nested[];
type Merge = Readonly<Record<string, Nested | string | null>>;

/** Nested lists as a tensor; `zeros[2,2]` in words. */
function numbersOf(given: Nested | string): Tensor {
  if (typeof given === 'string') return tensor(given.slice(6, -1).split(',').map(Number));
  const dims: number[] = [];
  for (let part: Nested = given; Array.isArray(part); part = part[0]) dims.push(part.length);
  return tensor(dims, Float32Array.from([given].flat(8) as number[]));
}

export function checkMerges(rows: readonly Merge[]): Check[] {
  return rows.map((row) => ({
    id: String(row.id),
    run: () => {
      const module: Record<string, Tensor> = {};
      for (const part of ['down', 'up', 'mid', 'w1_a', 'w1_b', 'w2_a', 'w2_b'])
        if (row[part] !== undefined) module[part] = numbersOf(row[part] as Nested);
      if (typeof row.alpha === 'number') module.alpha = tensor([], Float32Array.of(row.alpha));
      const wanted = numbersOf((row.merged ?? row.delta) as Nested);
      const before = row.W === undefined ? tensor(wanted.dims) : numbersOf(row.W as Nested);
      const strength = row.strength as number;
      const delta = loraDelta(module as LoraModule, wanted.dims, { strength, name: 'W' });
      const merged = [...before.data].map((value, at) => value + delta[at]);
      nearly('merged', merged, [...wanted.data], { absolute: 1e-6 });
    },
  }));
}

interface RealFile {
  file: string;
  tensors: number;
  unet_pairs: number;
  text_encoder_pairs: number;
  embeddings: string[];
  samples: Record<string, number[]>;
}

export function checkRealFile(real: RealFile): Check[] {
  const name = path.basename(real.file.split(' ')[1]);
  const mirror = process.env.NIGAOE_MIRROR;
  const file = mirror && path.join(mirror, 'lora', name);
  const isThere = file !== undefined && existsSync(file);
  return [
    {
      id: name,
      skip: isThere ? undefined : 'the file does not lie in the mirror',
      run: async () => {
        const { networks, unknown, words } = await readLora(file as string);
        same('pairs of the UNet', networks.unet.size, real.unet_pairs);
        same('pairs of the text encoder', networks.text_encoder.size, real.text_encoder_pairs);
        same('words', [...words.keys()], real.embeddings);
        same('keys that are not known', unknown, []);
        for (const [sample, numbers] of Object.entries(real.samples)) {
          const key = sample.replace(/\[.*$/, '');
          const known = positionalKey(key);
          const found = known ? networks[known.network].get(known.module)?.[known.part] : words.get(key);
          nearly(key, [...(found as Tensor).data.slice(0, numbers.length)], numbers, { relative: 1e-6 });
        }
        const pair = networks.unet.get(
          flatModule('down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q'),
        );
        same(
          'the shape of a change',
          loraDelta(pair as LoraModule, [320, 320], { strength: 1, name: 'to_q' }).length,
          sizeOf([320, 320]),
        );
      },
    },
  ];
}
