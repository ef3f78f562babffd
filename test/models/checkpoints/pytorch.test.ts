// PyTorch checkpoints that torch itself saved: read number for number, or refused with the reason and what to do.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ByteSource, bytesInMemory, openBytes } from '../../../shared/models/checkpoints/bytes.js';
import type { Checkpoint, StoredTensor } from '../../../shared/models/checkpoints/checkpoint.js';
import { isPytorch, openPytorch } from '../../../shared/models/checkpoints/pytorch/open.js';
import { op, pickled, type TorchTensors, torchArchive, torchFile } from '../../fixtures/torch-file.js';

const FOLDER = fileURLToPath(new URL('../../../../test/fixtures/checkpoints/', import.meta.url));
const EXPECTED = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<
  string,
  Record<string, { dims: number[]; type: string; float32: string }>
>;

describe('a checkpoint that torch saved', () => {
  for (const [name, expected] of Object.entries(EXPECTED))
    it(`is read number for number: ${name}`, async () => {
      const checkpoint = await openPytorch(await openBytes(join(FOLDER, name)));
      try {
        assert.deepEqual(await contentOf(checkpoint), expected);
        assert.deepEqual([...checkpoint.tensors.keys()], Object.keys(expected));
        assert.equal(checkpoint.format, name.includes('legacy') ? 'pytorch-legacy' : 'pytorch');
      } finally {
        await checkpoint.close();
      }
    });

  it('is known by its first bytes', () => {
    for (const name of Object.keys(EXPECTED))
      assert.ok(isPytorch(readFileSync(join(FOLDER, name)).subarray(0, 4)), name);
    assert.ok(!isPytorch(Buffer.from('\x08\x07\x12\x04')));
    assert.ok(!isPytorch(new Uint8Array()));
  });

  it('gives a tensor twice when it is read twice, also at once', async () => {
    const { tensors } = await openPytorch(await openBytes(join(FOLDER, 'repacked.pt')));
    const tensor = tensorOf(tensors, 'conv.weight');
    const [one, two] = await Promise.all([tensor.read(), tensor.read()]);
    one[0] = 99;
    assert.notEqual(two[0], 99);
    assert.deepEqual(await tensor.read(), two);
  });
});

describe('a checkpoint', () => {
  const TENSORS: TorchTensors = new Map([
    ['conv.weight', { dims: [2, 1, 1, 1], data: Float32Array.of(0.5, -2) }],
    ['scale', { dims: [], data: Float32Array.of(3) }],
  ]);

  for (const legacy of [false, true])
    for (const half of [false, true])
      it(`of the tests is one to nigaoe as well${legacy ? ', legacy' : ''}${half ? ', half' : ''}`, async () => {
        const bytes = torchFile(TENSORS, { legacy, half, wrap: 'state_dict', prefix: 'module.' });
        const { tensors } = await openPytorch(bytesInMemory('made.pt', bytes));
        assert.deepEqual([...tensors.keys()], ['conv.weight', 'scale']);
        assert.deepEqual(await tensorOf(tensors, 'conv.weight').read(), Float32Array.of(0.5, -2));
        assert.equal(tensorOf(tensors, 'scale').type, half ? 'float16' : 'float32');
      });

  it('is closed with its source', async () => {
    let isClosed = false;
    const source = bytesInMemory('made.pt', torchFile(TENSORS));
    const close = async () => {
      isClosed = true;
    };
    await (await openPytorch({ ...source, close })).close();
    assert.ok(isClosed);
  });

  for (const legacy of [false, true])
    it(`of 64 MB is not swallowed to read a small tensor${legacy ? ', legacy' : ''}`, async () => {
      const large = { dims: [2 ** 24], data: new Float32Array(2 ** 24) };
      const bytes = torchFile(new Map([['large', large], ...TENSORS]), { legacy });
      const counted = counting(bytesInMemory('large.pt', bytes));
      const { tensors } = await openPytorch(counted.source);
      assert.deepEqual(await tensorOf(tensors, 'conv.weight').read(), Float32Array.of(0.5, -2));
      assert.ok(counted.bytes() < 2 ** 20, `${counted.bytes()} bytes were read`);
    });
});

describe('the weights in a checkpoint', () => {
  const at = (index: number) => op.tensor({ dims: [1], elements: 4, offset: index });
  const lone = op.tensor({ dims: [], elements: 4 });
  const CASES: Readonly<Record<string, [Uint8Array, Record<string, number>]>> = {
    'are those of the averaged network': [
      op.dict(op.text('params'), state('w', at(0)), op.text('params_ema'), state('w', at(1))),
      { w: 1 },
    ],
    'are found under keys that trainers use, some levels deep': [
      op.dict(op.text('model'), op.dict(op.text('generator'), op.dict(op.text('net'), state('w', at(2))))),
      { w: 2 },
    ],
    'are found under a key of the own choice': [
      op.dict(op.text('my_network'), state('w', at(1)), op.text('best'), lone),
      { w: 1 },
    ],
    'of an average that is only a counter are passed over': [
      op.dict(op.text('ema'), op.dict(op.text('updates'), lone), op.text('model'), state('w', at(3))),
      { w: 3 },
    ],
    'of several networks keep the name of each': [
      op.dict(op.text('genA2B'), state('w', at(0)), op.text('genB2A'), state('w', at(1))),
      { 'genA2B.w': 0, 'genB2A.w': 1 },
    ],
    'are not those of an optimizer': [
      op.dict(
        op.text('g_optim'),
        op.dict(op.text('state'), state('w', at(0))),
        op.text('x'),
        state('w', at(1)),
      ),
      { w: 1 },
    ],
    'lose the names of wrappers': [
      state('_orig_mod.module.a._orig_mod.w', at(0), 'module.b', at(1), 'n_averaged', lone),
      { 'a.w': 0, b: 1, n_averaged: 0 },
    ],
    'keep a module of that name': [
      state('module.a', at(0), 'other.b', at(1)),
      { 'module.a': 0, 'other.b': 1 },
    ],
    'may have keys that mean something to JavaScript': [
      state('__proto__', at(0), 'constructor', at(1)),
      Object.fromEntries([
        ['__proto__', 0],
        ['constructor', 1],
      ]),
    ],
    'may be one number': [
      op.dict(op.text('scale'), op.tensor({ dims: [], elements: 4, offset: 3 })),
      { scale: 3 },
    ],
    'are written in the order of the file': [state('z', at(0), 'a', at(1)), { z: 0, a: 1 }],
    'may have been saved on a GPU by an old torch': [
      state('w', op.tensor({ dims: [1], elements: 4, type: 'cuda.FloatStorage', offset: 2 })),
      { w: 2 },
    ],
  };

  for (const [title, [value, expected]] of Object.entries(CASES))
    it(title, async () => {
      const bytes = torchArchive(pickled(value), [Buffer.from(Float32Array.of(0, 1, 2, 3).buffer)]);
      const { tensors } = await openPytorch(bytesInMemory('made.pt', bytes));
      const numbers = await Promise.all([...tensors.values()].map((tensor) => tensor.read()));
      const found = [...tensors.keys()].map((key, i): [string, number] => [key, numbers[i][0]]);
      assert.deepEqual(found, Object.entries(expected));
    });
});

describe('a file of torch that is no checkpoint of tensors', () => {
  const STATE_DICT = /torch\.save\(net\.state_dict\(\)/;
  const REASONS: Readonly<Record<string, RegExp>> = {
    'module.pt': /asks for __main__\.Generator, which nigaoe does not run$/,
    'module-legacy.pt': /asks for __main__\.Generator, which nigaoe does not run$/,
    'sequential.pt': /asks for torch\.nn\.modules\.container\.Sequential, which/,
    'hostile.pt': /asks for posix\.system, which nigaoe does not run$/,
    'hostile-legacy.pt': /asks for posix\.system, which nigaoe does not run$/,
    'hostile.pkl': /asks for posix\.system, which nigaoe does not run$/,
    'settings.pt': /but it holds no tensors$/,
  };

  for (const [name, reason] of Object.entries(REASONS))
    it(`is refused by name: ${name}`, async () => {
      const source = await openBytes(join(FOLDER, 'refused', name));
      try {
        await assert.rejects(openPytorch(source), {
          code: 'model-unsupported',
          message: reason,
          hint: name.startsWith('hostile') ? /tries to run a program.*Throw it away/ : STATE_DICT,
        });
      } finally {
        await source.close();
      }
    });

  it('is refused by name for each file that lies here', () => {
    const rest = readdirSync(join(FOLDER, 'refused')).filter((name) => !(name in REASONS));
    assert.deepEqual(rest, ['complex.pt']);
  });

  it('keeps what is readable beside complex numbers', async () => {
    const { tensors, close } = await openPytorch(await openBytes(join(FOLDER, 'refused', 'complex.pt')));
    assert.deepEqual(await tensorOf(tensors, 'weight').read(), Float32Array.of(1, 1));
    assert.deepEqual(tensorOf(tensors, 'phase').dims, [2]);
    await assert.rejects(tensorOf(tensors, 'phase').read(), {
      code: 'model-unsupported',
      message: /"phase".*"ComplexFloatStorage"/,
    });
    await close();
  });
});

function state(...rows: readonly (string | Uint8Array)[]): Buffer {
  return op.ordered(...rows.map((each) => (typeof each === 'string' ? op.text(each) : each)));
}

async function contentOf({ tensors }: Checkpoint): Promise<Record<string, unknown>> {
  const rows: [string, unknown][] = [];
  for (const [key, tensor] of tensors) {
    const float32 = Buffer.from((await tensor.read()).buffer).toString('base64');
    rows.push([key, { dims: tensor.dims, type: tensor.type, float32 }]);
  }
  return Object.fromEntries(rows);
}

function tensorOf(tensors: ReadonlyMap<string, StoredTensor>, key: string): StoredTensor {
  const tensor = tensors.get(key);
  assert.ok(tensor, `there is no ${key}`);
  return tensor;
}

/** The source, and the bytes that were read of it. */
function counting(inner: ByteSource): { source: ByteSource; bytes(): number } {
  let bytes = 0;
  const read = (offset: number, length: number) => {
    bytes += length;
    return inner.read(offset, length);
  };
  return { source: { ...inner, read }, bytes: () => bytes };
}
