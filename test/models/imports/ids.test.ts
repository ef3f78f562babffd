// Ids of imported styles.

import assert from 'node:assert/strict';
import { checkId, idOfFile } from '../../../shared/models/imports/ids.js';

describe('the id of an import', () => {
  it('is made of the name of its file or folder', () => {
    const ids: [string, string][] = [
      ['/weights/Face Sketch_v2.pt', 'face-sketch-v2'],
      ['wave/', 'wave'],
      ['./Été à la mer.safetensors', 'ete-a-la-mer'],
      ['latest_net_G.pth', 'latest-net-g'],
      ['checkpoint.pth.tar', 'checkpoint'],
      ['--x--.onnx', 'x'],
      ['best.model.v3.ckpt', 'best-model-v3'],
      [`${'long'.repeat(50)}.onnx`, 'long'.repeat(15)],
    ];
    for (const [path, id] of ids) assert.equal(idOfFile(path), id, path);
  });

  it('has to be given where the name makes none', () => {
    assert.throws(() => idOfFile('似顔絵.onnx'), {
      code: 'options',
      hint: 'The name 似顔絵.onnx makes none.',
    });
  });

  it('cannot be a path, the name of a file, or a lock', () => {
    for (const id of ['../x', 'a/b', '', '.x', 'x.onnx', 'x.pt', 'x.lock', 'two words', 'x'.repeat(124)])
      assert.throws(() => checkId(id), {
        code: 'options',
        message: /an id of letters, digits, dots and dashes/,
      });
    assert.throws(() => checkId('My Style'), { hint: 'Take my-style, for example.' });
    assert.throws(() => checkId('x'.repeat(124)), { hint: 'Take a shorter one.' });
    assert.equal(checkId('x'.repeat(123)).length, 123);
  });

  it('cannot be one of the catalogue, in any letter case', () => {
    for (const id of ['hayao', 'Hayao', 'yunet', 'ink'])
      assert.throws(() => checkId(id), { code: 'options', message: /an id of your own/ });
    assert.throws(() => idOfFile('Hayao.onnx'), { hint: /Take another, such as my-hayao/ });
    assert.equal(checkId('Mine.2_b-c'), 'Mine.2_b-c');
  });
});
