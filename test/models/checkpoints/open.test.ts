// Opening checkpoints by what their bytes say, and telling people what else they hold in their hands.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NigaoeError } from '../../../shared/errors.js';
import { isCheckpointPath, openCheckpoint } from '../../../shared/models/checkpoints/open.js';
import { writeOnnx } from '../../../shared/models/onnx/file.js';
import {
  bytesField,
  mindsporeFile,
  rawFolder,
  safetensorsFile,
  type TestTensors,
} from '../../fixtures/checkpoint-files.js';
import { EVERY_IO, tinyGan } from '../../fixtures/tiny-gan.js';

const TENSORS: TestTensors = { weight: { dims: [2, 2], data: [1, 2, 3, 4] } };

/** What people take for a checkpoint; how the sentence goes on after "but it is". */
const FOREIGN: [string, string | Uint8Array, NigaoeError['code'], string, RegExp][] = [
  ['a.pt', '', 'model-corrupt', 'empty', /Download the file again/],
  ['a.pt', '<!DOCTYPE html>\n<html>', 'model-corrupt', 'a web page', /Download raw file/],
  ['a.pth', '\ufeff\n <HTML lang="en">', 'model-corrupt', 'a web page', /the link of the file itself/],
  ['a.ckpt', '<?xml version="1.0"?><Error>', 'model-corrupt', 'a web page', /the link of the file itself/],
  [
    'a.pt',
    'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 8\n',
    'model-corrupt',
    'a git-LFS pointer, which names the file but is not it',
    /git lfs pull/,
  ],
  ['a.pt', '404: Not Found', 'model-corrupt', 'a text: "404: Not Found"', /Download the file again/],
  [
    'a.pt',
    `Entry not found\n${'and so on '.repeat(20)}`,
    'model-corrupt',
    'a text: "Entry not found"',
    /Download/,
  ],
  [
    'a.json',
    '{"metadata": {}, "weight_map": {}}',
    'model-unsupported',
    'a JSON text',
    /the file of the weights itself/,
  ],
  [
    'a.h5',
    binary('\x89HDF\r\n\x1a\n\0\0'),
    'model-unsupported',
    'an HDF5 file, such as Keras writes (.h5)',
    /\.onnx/,
  ],
  ['a.keras', zipNaming('config.json'), 'model-unsupported', 'a Keras archive (.keras)', /\.onnx/],
  ['a.npz', zipNaming('arr_0.npy'), 'model-unsupported', 'a NumPy file (.npy, .npz)', /torch\.save/],
  ['a.npy', binary('\x93NUMPY\x01\0'), 'model-unsupported', 'a NumPy file (.npy, .npz)', /torch\.save/],
  [
    'a.gguf',
    binary('GGUF\x03\0\0\0'),
    'model-unsupported',
    'a GGUF or GGML file, made for language models',
    /torch\.save/,
  ],
  ['a.tflite', binary('\x1c\0\0\0TFL3'), 'model-unsupported', 'a TensorFlow Lite model', /\.onnx/],
  [
    'a.ckpt.index',
    binary(`${'\0'.repeat(40)}\x57\xfb\x80\x8b\x24\x75\x47\xdb`),
    'model-unsupported',
    'a TensorFlow checkpoint',
    /tf2onnx/,
  ],
  [
    'a.ckpt.data-00000-of-00001',
    binary('\x9a\x99\x19\x3e'),
    'model-unsupported',
    'part of a TensorFlow checkpoint',
    /tf2onnx/,
  ],
  [
    'a.pb',
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from('x')), bytesField(2, Buffer.from('Const'))])),
    'model-unsupported',
    'a TensorFlow graph (.pb)',
    /tf2onnx/,
  ],
  ['a.mlmodel', binary('\x08\x04\x12\x02'), 'model-unsupported', 'a Core ML model', /\.onnx/],
  [
    'a.pt',
    writeOnnx(tinyGan({ io: EVERY_IO[0], kind: 'random' })),
    'model-unsupported',
    'an ONNX model',
    /the ending \.onnx/,
  ],
  [
    'a.ckpt',
    binary('\xd8\x5e\x3a\x7f\0\0'),
    'model-unsupported',
    'a MindSpore checkpoint that is encrypted',
    /enc_key/,
  ],
  ['a.pt.gz', binary('\x1f\x8b\x08\0'), 'model-unsupported', 'a packed archive', /Unpack/],
  [
    'a.tar',
    binary(`${'\0'.repeat(257)}ustar`),
    'model-unsupported',
    'a tar archive, a packed folder or a checkpoint of PyTorch before 0.2',
    /Unpack/,
  ],
  [
    'a.pt',
    binary('\x01\x02\x03\x04\xff'),
    'model-unsupported',
    'of a format that nigaoe does not know',
    /\.safetensors, MindSpore \(\.ckpt\)/,
  ],
];

describe('openCheckpoint', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nigaoe-open-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const written = (name: string, bytes: string | Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  for (const [format, bytes] of [
    ['safetensors', safetensorsFile(TENSORS)],
    ['mindspore', mindsporeFile(TENSORS)],
  ] as const)
    it(`knows ${format} by its bytes, whatever the name`, async () => {
      for (const name of ['a.pt', 'a.ckpt', 'a.safetensors', 'a']) {
        const checkpoint = await openCheckpoint(written(name, bytes));
        assert.equal(checkpoint.format, format);
        assert.deepEqual(await checkpoint.tensors.get('weight')?.read(), Float32Array.of(1, 2, 3, 4));
        await checkpoint.close();
      }
    });

  it('opens a folder of raw variables', async () => {
    rawFolder(join(folder, 'wave'), TENSORS);
    const checkpoint = await openCheckpoint(join(folder, 'wave'));
    assert.equal(checkpoint.format, 'raw-folder');
    assert.deepEqual(await checkpoint.tensors.get('weight')?.read(), Float32Array.of(1, 2, 3, 4));
  });

  for (const [name, bytes, code, is, hint] of FOREIGN)
    it(`says of ${name} when it is ${is}`, async () => {
      const path = written(name, bytes);
      await assert.rejects(openCheckpoint(path), (error: NigaoeError) => {
        assert.equal(error.message, `Expected a checkpoint in ${path} but it is ${is}`);
        assert.equal(error.code, code);
        assert.match(error.hint ?? '', hint);
        return true;
      });
    });

  it('refuses what is not there, is no file, or is a folder of something else', async () => {
    const nothing = join(folder, 'nothing.pt');
    await assert.rejects(openCheckpoint(nothing), {
      code: 'model-missing',
      message: `Expected a model file at ${nothing} but there is none`,
    });
    if (process.platform !== 'win32')
      await assert.rejects(openCheckpoint('/dev/null'), {
        code: 'model-missing',
        message: /neither a file nor a folder/,
      });
    mkdirSync(join(folder, 'empty'));
    await assert.rejects(openCheckpoint(join(folder, 'empty')), {
      code: 'model-missing',
      message: /Expected a manifest\.json/,
    });
  });
});

describe('a style that is named by a path', () => {
  it('is a checkpoint by its ending, in capitals too', () => {
    for (const path of ['a.pt', 'B/a.PTH', 'a.b.ckpt', 'a.safetensors', 'a.pkl', 'a.bin', 'a.pth.tar'])
      assert.equal(isCheckpointPath(path), true, path);
    for (const path of ['ink', 'a.onnx', 'pt', 'a.pt/b', 'a.tar', 'a.ptx', ''])
      assert.equal(isCheckpointPath(path), false, path);
  });
});

function binary(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The beginning of a zip archive whose first file has this name. */
function zipNaming(name: string): Buffer {
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(name.length, 26);
  return Buffer.concat([head, Buffer.from(name), Buffer.alloc(20)]);
}
