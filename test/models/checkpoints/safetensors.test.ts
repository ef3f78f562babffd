// .safetensors files: every number type exactly, and nothing that a damaged or hostile header says is believed.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ByteSource, bytesInMemory, openBytes } from '../../../shared/models/checkpoints/bytes.js';
import { ELEMENT_BYTES, type ElementType } from '../../../shared/models/checkpoints/elements.js';
import { openSafetensors } from '../../../shared/models/checkpoints/safetensors.js';
import {
  encoded,
  safetensorsFile,
  safetensorsOf,
  type TestTensors,
} from '../../fixtures/checkpoint-files.js';
import { MIRROR, titled } from '../../fixtures/mirror.js';

const open = (bytes: Uint8Array) => openSafetensors(bytesInMemory('cat.safetensors', Uint8Array.from(bytes)));

const TENSORS: TestTensors = {
  'model.1.weight': { dims: [2, 3], data: [1, -2, 0.5, 0, 65504, -0.25] },
  'model.1.bias': { dims: [3], data: [4, 5, 6] },
  scale: { dims: [], data: [8] },
  nothing: { dims: [0, 7], data: [] },
};

/** A row of the header for four bytes. */
const row = (change: object = {}) => ({ dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change });
const withRow = (value: unknown) => safetensorsOf(JSON.stringify({ w: value }), new Uint8Array(8));

describe('a .safetensors file', () => {
  it('gives its tensors in their order, with shapes, types and numbers', async () => {
    const checkpoint = await open(safetensorsFile(TENSORS, { metadata: { format: 'pt' } }));
    assert.equal(checkpoint.format, 'safetensors');
    assert.deepEqual({ ...checkpoint.metadata }, { format: 'pt' });
    assert.deepEqual([...checkpoint.tensors.keys()], Object.keys(TENSORS));
    for (const [key, tensor] of checkpoint.tensors) {
      assert.deepEqual(tensor.dims, TENSORS[key].dims);
      assert.equal(tensor.type, 'float32');
      assert.deepEqual(await tensor.read(), Float32Array.from(TENSORS[key].data));
    }
  });

  for (const type of Object.keys(ELEMENT_BYTES) as ElementType[])
    it(`holds numbers as ${type}`, async () => {
      const data = type === 'bool' || type === 'uint8' ? [1, 0, 1] : [1, 0, -1];
      const bytes = safetensorsFile({
        odd: { dims: [1], data: [1], type: 'uint8' },
        w: { dims: [3], data, type },
      });
      const tensor = (await open(bytes)).tensors.get('w');
      assert.equal(tensor?.type, type);
      assert.deepEqual(await tensor?.read(), Float32Array.from(data));
    });

  const EXACT: [string, Uint8Array, readonly number[]][] = [
    [
      'BF16',
      words(0x3f80, 0xc020, 0x4049, 0x0080, 0x7f80, 0xff7f),
      [1, -2.5, 3.140625, 2 ** -126, Number.POSITIVE_INFINITY, -(2 ** 128 - 2 ** 120)],
    ],
    [
      'F16',
      words(0x3c00, 0x7bff, 0x0001, 0x3555, 0xfc00),
      [1, 65504, 2 ** -24, 0.333251953125, Number.NEGATIVE_INFINITY],
    ],
    [
      'F64',
      encoded([0.1, 1e40, -1e-60, 2 ** 24 + 1], 'float64'),
      [Math.fround(0.1), Number.POSITIVE_INFINITY, -0, 2 ** 24],
    ],
    ['I64', encoded([2 ** 24 + 1, -(2 ** 63), 2 ** 53], 'int64'), [2 ** 24, -(2 ** 63), 2 ** 53]],
    ['I16', encoded([-32768, 32767], 'int16'), [-32768, 32767]],
    ['I8', encoded([-128, 127], 'int8'), [-128, 127]],
    ['U8', Uint8Array.of(255, 0), [255, 0]],
    ['BOOL', Uint8Array.of(2, 0), [1, 0]],
  ];
  for (const [dtype, body, numbers] of EXACT)
    it(`of ${dtype} is read to the last bit that float32 has`, async () => {
      const header = { w: { dtype, shape: [numbers.length], data_offsets: [0, body.length] } };
      const { tensors } = await open(safetensorsOf(JSON.stringify(header), body));
      const read = [...((await tensors.get('w')?.read()) ?? [])];
      assert.equal(read.length, numbers.length);
      for (const [i, number] of numbers.entries())
        assert.ok(Object.is(read[i], number), `${read[i]} for ${number}`);
    });

  it('with numbers of an unknown type opens, and refuses only those, by name', async () => {
    const header = { w: row(), odd: row({ dtype: 'F8_E4M3', shape: [4], data_offsets: [4, 8] }) };
    const { tensors } = await open(safetensorsOf(JSON.stringify(header), new Uint8Array(8)));
    assert.deepEqual(await tensors.get('w')?.read(), Float32Array.of(0));
    assert.deepEqual(tensors.get('odd')?.dims, [4]);
    await assert.rejects(async () => tensors.get('odd')?.read(), {
      code: 'model-unsupported',
      message: 'Expected numbers of a known type for "odd" in cat.safetensors but they are "F8_E4M3"',
      hint: 'Save the checkpoint as float32 or float16 where it was trained.',
    });
  });

  it('may name tensors and metadata like parts of JavaScript objects', async () => {
    const text = `{"__metadata__":{"__proto__":"a","n":1},"__proto__":${JSON.stringify(row())},"constructor":${JSON.stringify(row({ data_offsets: [4, 8] }))}}`;
    const { tensors, metadata } = await open(safetensorsOf(text, new Uint8Array(8)));
    assert.deepEqual([...tensors.keys()], ['__proto__', 'constructor']);
    assert.deepEqual(Object.entries(metadata), [['__proto__', 'a']]);
    assert.equal(({} as Record<string, unknown>).dtype, undefined);
  });

  it('with a key that comes twice counts the last', async () => {
    const text = `{"w":${JSON.stringify(row())},"w":${JSON.stringify(row({ shape: [2], data_offsets: [0, 8] }))}}`;
    const { tensors } = await open(safetensorsOf(text, new Uint8Array(8)));
    assert.deepEqual(tensors.get('w')?.dims, [2]);
  });

  const DAMAGED: [string, Uint8Array, RegExp][] = [
    [
      'ends inside its header',
      safetensorsFile(TENSORS).subarray(0, 60),
      /it ends inside its header of \d+ bytes/,
    ],
    [
      'ends inside its numbers',
      safetensorsFile(TENSORS).subarray(0, -1),
      /"scale" lies at 36 to 40, outside/,
    ],
    ['has a header of 200 MB', safetensorsHead(200_000_000), /its header would have 200000000 bytes/],
    ['has a header that is no JSON', safetensorsOf('{"w": '), /its header is no JSON object/],
    [
      'has a header of nothing but brackets',
      safetensorsOf(`{"w":${'['.repeat(5000)}${']'.repeat(5000)}}`),
      /its header is no JSON object/,
    ],
    [
      'has a header that is no UTF-8',
      Buffer.concat([safetensorsHead(8), Buffer.from('{"\xff":0} ', 'latin1')]),
      /no JSON object/,
    ],
    ['says no type', withRow(row({ dtype: 1 })), /no type, shape and place of "w"/],
    ['says no shape', withRow(row({ shape: '1' })), /no type, shape and place of "w"/],
    ['says nothing', withRow(null), /no type, shape and place of "w"/],
    ['says half a place', withRow(row({ data_offsets: [0] })), /no type, shape and place of "w"/],
    [
      'has a shape of fractions',
      withRow(row({ shape: [0.5, 2] })),
      /the shape \[0.5, 2\] of "w" is no shape/,
    ],
    ['has a negative shape', withRow(row({ shape: [-1, -1] })), /the shape \[-1, -1\] of "w" is no shape/],
    ['has a hundred axes', withRow(row({ shape: Array(100).fill(1) })), /"w" has 100 axes/],
    [
      'has a shape beyond all bounds',
      withRow(row({ shape: Array(30).fill(2 ** 50) })),
      /4 bytes are no .* for "w"/,
    ],
    [
      'has more numbers than its shape',
      withRow(row({ data_offsets: [0, 8] })),
      /8 bytes are no \[1\] of float32 for "w"/,
    ],
    ['has half a number', withRow(row({ data_offsets: [0, 6] })), /6 bytes are no/],
    [
      'places numbers before the file',
      withRow(row({ data_offsets: [-4, 0] })),
      /"w" lies at -4 to 0, outside/,
    ],
    ['places numbers backwards', withRow(row({ data_offsets: [4, 0] })), /"w" lies at 4 to 0, outside/],
    ['places numbers at no offset', withRow(row({ data_offsets: [1e300, 1e301] })), /outside of the file/],
    [
      'places two tensors on the same bytes',
      safetensorsOf(JSON.stringify({ a: row(), b: row({ data_offsets: [2, 6] }) }), new Uint8Array(8)),
      /"a" and "b" lie on the same bytes/,
    ],
    [
      'has a key of a thousand characters',
      safetensorsOf(JSON.stringify({ ['k'.repeat(1000)]: 0 })),
      /of "k{80}…"/,
    ],
  ];
  for (const [what, bytes, reason] of DAMAGED)
    it(`that ${what} is refused as damaged`, async () => {
      await assert.rejects(open(bytes), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'model-corrupt');
        assert.match(error.message, /^Expected a whole checkpoint in cat.safetensors but it is damaged: /);
        assert.match(error.message, reason);
        return true;
      });
    });

  it('of gigabytes is opened by reading its header alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nigaoe-safetensors-'));
    try {
      const { source, readBytes } = counted(await openBytes(sparseFile(folder)));
      const checkpoint = await openSafetensors(source);
      assert.deepEqual(await checkpoint.tensors.get('small')?.read(), Float32Array.of(0));
      await checkpoint.close();
      assert.ok(readBytes() < 1000, `${readBytes()} bytes were read`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe(titled('the LoRA files of the mirror', MIRROR), () => {
  const FILES: [string, number, readonly string[]][] = [
    ['analog_svd_rank4.safetensors', 384, ['float16']],
    ['lora_disney.safetensors', 0, ['float32']],
    ['lora_disney_inpainting.safetensors', 0, ['float16', 'float32']],
  ];
  for (const [file, count, types] of FILES)
    it(`${file} opens, and every number in it is one`, async function () {
      if (!MIRROR) return this.skip();
      const checkpoint = await openSafetensors(await openBytes(join(MIRROR, 'lora', file)));
      assert.equal(checkpoint.metadata.text_encoder, '["CLIPAttention"]');
      assert.ok(checkpoint.tensors.size >= Math.max(count, 100));
      for (const [key, tensor] of checkpoint.tensors) {
        const numbers = await tensor.read();
        assert.ok(types.includes(tensor.type), tensor.type);
        assert.ok(numbers.every(Number.isFinite) && Math.max(...numbers) < 100, key);
      }
      await checkpoint.close();
    });
});

function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}

function safetensorsHead(headerBytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(headerBytes));
  return head;
}

/** A file of a large tensor and a small one behind it; nothing of it takes room on the disk but its header. */
function sparseFile(folder: string): string {
  const path = join(folder, 'large.safetensors');
  const largeBytes = 2 ** 31;
  const large = row({ shape: [largeBytes / 4], data_offsets: [0, largeBytes] });
  const small = row({ data_offsets: [largeBytes, largeBytes + 4] });
  const header = safetensorsOf(JSON.stringify({ large, small }));
  writeFileSync(path, header);
  truncateSync(path, header.length + largeBytes + 4);
  return path;
}

/** A source that counts the bytes read from it. */
function counted(source: ByteSource): { source: ByteSource; readBytes: () => number } {
  let bytes = 0;
  const read = (offset: number, length: number) => {
    bytes += length;
    return source.read(offset, length);
  };
  return { source: { ...source, read }, readBytes: () => bytes };
}
