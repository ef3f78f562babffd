// Folders of raw variables: what the manifest names is read and nothing else, above all nothing outside of the folder.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRawFolder } from '../../../shared/models/checkpoints/raw-folder.js';
import { sizeOf } from '../../../shared/tensor.js';
import { rawFolder, type TestTensors } from '../../fixtures/checkpoint-files.js';
import { MIRROR, titled } from '../../fixtures/mirror.js';

const TENSORS: TestTensors = {
  Variable: { dims: [1, 1, 3, 2], data: [1, 2, 3, 4, 5, 6] },
  Variable_1: { dims: [2], data: [-0.5, 0.1] },
  'scope/scale': { dims: [], data: [7] },
};

describe('a folder of raw variables', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nigaoe-raw-'));
    rawFolder(folder, TENSORS);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const writeManifest = (manifest: unknown) =>
    writeFileSync(
      join(folder, 'manifest.json'),
      typeof manifest === 'string' ? manifest : JSON.stringify(manifest),
    );

  it('gives the variables of its manifest, with shapes and numbers', async () => {
    const checkpoint = await openRawFolder(folder);
    assert.equal(checkpoint.format, 'raw-folder');
    assert.deepEqual([...checkpoint.tensors.keys()], Object.keys(TENSORS));
    for (const [key, tensor] of checkpoint.tensors) {
      assert.deepEqual(tensor.dims, TENSORS[key].dims);
      assert.equal(tensor.type, 'float32');
      assert.deepEqual(await tensor.read(), Float32Array.from(TENSORS[key].data));
    }
    await checkpoint.close();
  });

  it('without a manifest is refused with what a manifest is', async () => {
    rmSync(join(folder, 'manifest.json'));
    await assert.rejects(openRawFolder(folder), {
      code: 'model-missing',
      message: `Expected a manifest.json in the folder ${folder} but there is none`,
      hint: 'A folder is read as raw float32 variables: its manifest.json gives {"filename", "shape"} for each name. Otherwise name a file.',
    });
  });

  it('that lacks a file of its manifest is refused, by name', async () => {
    rmSync(join(folder, 'Variable_1'));
    await assert.rejects(openRawFolder(folder), {
      code: 'model-missing',
      message: `Expected the numbers of "Variable_1" in ${join(folder, 'Variable_1')} but there is none`,
      hint: 'Fetch the whole folder, with every file that its manifest names.',
    });
  });

  it('whose file vanishes or shrinks after it was opened says so when it is read', async () => {
    const { tensors } = await openRawFolder(folder);
    rmSync(join(folder, 'Variable_1'));
    truncateSync(join(folder, 'Variable'), 8);
    await assert.rejects(async () => tensors.get('Variable_1')?.read(), { code: 'model-missing' });
    await assert.rejects(async () => tensors.get('Variable')?.read(), { code: 'model-corrupt' });
  });

  it('does not let its manifest name files elsewhere', async () => {
    writeFileSync(join(folder, '..', 'nigaoe-outside'), Buffer.alloc(4));
    const names = [
      '../nigaoe-outside',
      '..',
      '.',
      '',
      '...',
      'a/b',
      'a\\b',
      'C:a',
      'a:stream',
      '/etc/passwd',
      'a\0b',
    ];
    for (const filename of names) {
      writeManifest({ v: { filename, shape: [1] } });
      await assert.rejects(openRawFolder(folder), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'model-corrupt', filename);
        assert.match(error.message, /for "v" is no name of a file beside it$/);
        return true;
      });
    }
    rmSync(join(folder, '..', 'nigaoe-outside'));
  });

  it('does not take a folder for a variable', async () => {
    mkdirSync(join(folder, 'inner'));
    writeManifest({ v: { filename: 'inner', shape: [1024] } });
    await assert.rejects(openRawFolder(folder), { code: 'model-missing' });
  });

  const DAMAGED: [string, unknown, RegExp][] = [
    ['that is no JSON', '{"Variable":', /it is no JSON object of variables/],
    ['that is a list', [], /it is no JSON object of variables/],
    ['without a filename', { v: { shape: [1] } }, /it gives no filename and shape for "v"/],
    ['without a shape', { v: { filename: 'Variable' } }, /it gives no filename and shape for "v"/],
    ['with a row that is null', { v: null }, /it gives no filename and shape for "v"/],
    [
      'with a shape of texts',
      { v: { filename: 'Variable', shape: ['6'] } },
      /the shape \[6\] of "v" is no shape/,
    ],
    ['with another shape', { v: { filename: 'Variable', shape: [7] } }, /24 bytes are no \[7\] of float32/],
    [
      'with a shape beyond all bounds',
      { v: { filename: 'Variable', shape: [2 ** 52, 2 ** 52] } },
      /24 bytes are no/,
    ],
    ['of two megabytes', ' '.repeat(2_000_000), /no manifest has 2000000 bytes/],
  ];
  for (const [what, manifest, reason] of DAMAGED)
    it(`with a manifest ${what} is refused as damaged`, async () => {
      writeManifest(manifest);
      await assert.rejects(openRawFolder(folder), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'model-corrupt');
        assert.match(error.message, reason);
        return true;
      });
    });

  it('may name a variable like a part of JavaScript objects', async () => {
    writeManifest('{"__proto__": {"filename": "Variable", "shape": [6]}}');
    assert.deepEqual([...(await openRawFolder(folder)).tensors.keys()], ['__proto__']);
  });
});

describe(titled('the wave style of the mirror', MIRROR), () => {
  it('opens, and every number in it is one', async function () {
    if (!MIRROR) return this.skip();
    const { tensors } = await openRawFolder(join(MIRROR, 'fast-style', 'wave'));
    assert.equal(tensors.size, 48);
    assert.deepEqual(tensors.get('Variable')?.dims, [9, 9, 3, 32]);
    for (const [key, { dims, read }] of tensors) {
      const numbers = await read();
      assert.equal(numbers.length, sizeOf(dims), key);
      assert.ok(
        numbers.every((number) => Math.abs(number) < 100),
        key,
      );
    }
  });
});
