// Numbers in 16 bits, and small files of every format with what they hold.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { float32ToBfloat16 } from '../../shared/models/checkpoints/elements.js';
import { openCheckpoint } from '../../shared/models/checkpoints/open.js';
import { float32ToFloat16 } from '../../shared/models/onnx/tensor-proto.js';
import { type Check, same } from './check.js';

type Rows = readonly { value: number; bits: string }[];

export function checkFormats({ float16, bfloat16 }: { float16: Rows; bfloat16: Rows }): Check[] {
  const of = (name: string, rows: Rows, encode: (floats: Float32Array) => Uint16Array) =>
    rows.map(({ value, bits }) => ({
      id: `${name} ${value}`,
      run: () => same('bits', encode(Float32Array.of(value))[0], Number(bits)),
    }));
  return [...of('float16', float16, float32ToFloat16), ...of('bfloat16', bfloat16, float32ToBfloat16)];
}

/** Values, with a shape where they have more than one axis; a word `= f32` for those of another tensor. */
type Wanted = number[] | { shape?: number[]; values?: number[] } | string;

export function checkFixtures(fixtures: Readonly<Record<string, unknown>>): Check[] {
  return Object.entries(fixtures).flatMap(([name, fixture]) => {
    const { b64, expect } = fixture as { b64?: string; expect?: Record<string, Wanted> };
    if (b64 === undefined || expect === undefined) return [];
    return [{ id: name, run: () => checkFile(Buffer.from(b64, 'base64'), expect) }];
  });
}

async function checkFile(bytes: Uint8Array, expect: Readonly<Record<string, Wanted>>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-vectors-'));
  try {
    const file = path.join(folder, 'file');
    await writeFile(file, bytes);
    const checkpoint = await openCheckpoint(file);
    for (const [key, wanted] of Object.entries(expect)) {
      if (key === '__metadata__') {
        same(key, checkpoint.metadata, wanted);
        continue;
      }
      const stored = checkpoint.tensors.get(key);
      if (stored === undefined) throw new Error(`${key} is missing`);
      const meant = typeof wanted === 'string' ? expect[wanted.replace('= ', '')] : wanted;
      const { shape, values } = Array.isArray(meant)
        ? { shape: [meant.length], values: meant }
        : (meant as { shape?: number[]; values?: number[] });
      if (shape !== undefined) same(`the shape of ${key}`, stored.dims, shape);
      if (values !== undefined) same(key, [...(await stored.read())], values);
    }
    await checkpoint.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
