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
      message: /a file name with letters a to z or digits to make an id of but received 似顔絵\.onnx$/,
      hint: /^Give an id with --id/,
    });
  });

  it('cannot be a path, the name of a file, or a lock', () => {
    for (const id of ['../x', 'a/b', '', '.x', 'x.onnx', 'x.pt', 'x.lock', 'two words', 'x'.repeat(124)])
      assert.throws(() => checkId(id), {
        code: 'options',
        message: /an id of letters, digits, dots, dashes and underscores .* at most 123 characters/,
      });
    assert.throws(() => checkId('x.onnx'), {
      hint: 'It must not have the ending of a model file. Take x, for example.',
    });
    assert.throws(() => checkId('My Style'), { hint: 'Take my-style, for example.' });
    assert.throws(() => checkId('x'.repeat(124)), { hint: 'Take a shorter one.' });
    assert.equal(checkId('x'.repeat(123)).length, 123);
  });

  it('cannot be a name that Windows keeps for a device', () => {
    for (const id of ['con', 'NUL', 'aux', 'prn', 'com1', 'LPT9', 'con.1', 'nul.style'])
      assert.throws(() => checkId(id), { code: 'options', hint: /^Windows keeps the name/ }, id);
    assert.throws(() => idOfFile('con.onnx'), {
      message: /for the id that con\.onnx gives \(--id gives another\) but received "con"/,
      hint: 'Windows keeps the name con for a device. Take my-con, for example.',
    });
    for (const id of ['console', 'com10', 'lpt', 'icon']) assert.equal(checkId(id), id);
  });

  it('cannot end in a dot or have two in a row, which folders on some systems cannot', () => {
    for (const id of ['x.', 'x..', 'a..b'])
      assert.throws(() => checkId(id), { code: 'options', hint: /neither end in a dot/ }, id);
  });

  it('cannot be a word that options have for something else', () => {
    for (const id of ['auto', 'Embedded', 'none'])
      assert.throws(() => checkId(id), { code: 'options', hint: /something else/ }, id);
    assert.throws(() => idOfFile('auto.pt'), { hint: /Take my-auto, for example/ });
  });

  it('cannot be one of the catalogue, in any letter case', () => {
    for (const id of ['hayao', 'Hayao', 'yunet', 'ink'])
      assert.throws(() => checkId(id), { code: 'options', message: /an id of your own/ });
    assert.throws(() => idOfFile('Hayao.onnx'), { hint: /Take another, such as my-hayao/ });
    assert.equal(checkId('Mine.2_b-c'), 'Mine.2_b-c');
  });
});
