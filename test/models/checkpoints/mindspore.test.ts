// MindSpore checkpoints: parameters whole or in slices, found without reading the numbers, damage named.

import assert from 'node:assert/strict';
import { bytesInMemory } from '../../../shared/models/checkpoints/bytes.js';
import { ELEMENT_BYTES, type ElementType } from '../../../shared/models/checkpoints/elements.js';
import { isMindspore, openMindspore } from '../../../shared/models/checkpoints/mindspore.js';
import {
  bytesField,
  encoded,
  mindsporeFile,
  mindsporeRecord,
  type TestTensors,
  varint,
} from '../../fixtures/checkpoint-files.js';

const open = (bytes: Uint8Array) => openMindspore(bytesInMemory('cat.ckpt', Uint8Array.from(bytes)));

const TENSORS: TestTensors = {
  'generator.conv.weight': { dims: [2, 2, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] },
  'generator.norm.moving_mean': { dims: [2], data: [0.5, -0.5] },
  epoch_num: { dims: [1], data: [200], type: 'int32' },
  learning_rate: { dims: [], data: [0.25] },
};

const record = { tag: 'w', dims: [2], type: 'Float32', content: new Uint8Array(8) };

async function assertHolds(bytes: Uint8Array, expected: TestTensors): Promise<void> {
  const { tensors } = await open(bytes);
  assert.deepEqual([...tensors.keys()], Object.keys(expected));
  for (const [key, tensor] of tensors) {
    assert.deepEqual(tensor.dims, expected[key].dims, key);
    assert.deepEqual(await tensor.read(), Float32Array.from(expected[key].data), key);
  }
}

describe('a MindSpore checkpoint', () => {
  it('gives its parameters in their order, with shapes, types and numbers', async () => {
    const bytes = mindsporeFile(TENSORS);
    assert.ok(isMindspore(bytes));
    await assertHolds(bytes, TENSORS);
    const checkpoint = await open(bytes);
    assert.equal(checkpoint.format, 'mindspore');
    assert.deepEqual(checkpoint.metadata, {});
    assert.equal(checkpoint.tensors.get('epoch_num')?.type, 'int32');
  });

  it('may hold its shapes packed', () => assertHolds(mindsporeFile(TENSORS, { packed: true }), TENSORS));

  it('may hold a parameter in slices', async () => {
    const sliced = mindsporeFile(TENSORS, { sliceBytes: 20 });
    assert.ok(sliced.length > mindsporeFile(TENSORS).length);
    await assertHolds(sliced, TENSORS);
  });

  it('may end in a checksum', () => assertHolds(mindsporeFile(TENSORS, { checksum: true }), TENSORS));

  it('may hold many parameters of every size', async () => {
    const sizes = Array.from({ length: 300 }, (_, i) => (i * i) % 1999);
    const many = sizes.map((size, i) => [
      `layer.${i}.weight`,
      { dims: [size + 1], data: Float32Array.from({ length: size + 1 }, (_, j) => i + j) },
    ]);
    await assertHolds(mindsporeFile(Object.fromEntries(many)), Object.fromEntries(many));
  });

  for (const type of Object.keys(ELEMENT_BYTES) as ElementType[])
    it(`holds numbers as ${type}`, async () => {
      const data = type === 'bool' || type === 'uint8' ? [1, 0, 1] : [1, 0, -1];
      await assertHolds(mindsporeFile({ w: { dims: [3], data } }, { type }), { w: { dims: [3], data } });
    });

  it('is read the same where another framework wrote it through an adapter', async () => {
    for (const type of ['mindspore.float32', 'float32', 'mindspore.Float32'])
      await assertHolds(mindsporeRecord({ ...record, type }), { w: { dims: [2], data: [0, 0] } });
    await assertHolds(mindsporeRecord({ ...record, type: 'mindspore.bool_', content: Uint8Array.of(3, 0) }), {
      w: { dims: [2], data: [1, 0] },
    });
  });

  it('counts the last of parameters that are saved twice', async () => {
    const later = mindsporeRecord({ ...record, content: encoded([7, 8], 'float32') });
    const between = mindsporeRecord({ ...record, tag: 'b' });
    const { tensors } = await open(Buffer.concat([mindsporeRecord(record), between, later]));
    assert.deepEqual(await tensors.get('w')?.read(), Float32Array.of(7, 8));
  });

  it('is read past what is no parameter of a network', async () => {
    const random = mindsporeRecord({
      tag: 'random_op',
      dims: [],
      type: 'random_op',
      content: Buffer.from('seed'),
    });
    const text = mindsporeRecord({ tag: 'note', dims: [0], type: 'str', content: Buffer.from('h\0\0\0') });
    const map = bytesField(
      1,
      Buffer.concat([bytesField(1, Buffer.from('table')), bytesField(3, Buffer.from('?'))]),
    );
    const later = Buffer.concat([
      varint((15 << 3) | 0),
      varint(7),
      varint((16 << 3) | 5),
      Buffer.alloc(4),
      varint((17 << 3) | 1),
      Buffer.alloc(8),
    ]);
    for (const first of [random, text, map]) {
      assert.ok(isMindspore(first));
      await assertHolds(Buffer.concat([first, mindsporeRecord(record), later]), {
        w: { dims: [2], data: [0, 0] },
      });
    }
  });

  it('with numbers of an unknown type opens, and refuses only those, by name', async () => {
    const { tensors } = await open(
      Buffer.concat([mindsporeRecord(record), mindsporeRecord({ ...record, tag: 'q', type: 'Int4' })]),
    );
    assert.deepEqual(tensors.get('q')?.dims, [2]);
    await assert.rejects(async () => tensors.get('q')?.read(), {
      code: 'model-unsupported',
      message: 'Expected numbers of a known type for "q" in cat.ckpt but they are "Int4"',
    });
  });

  const value = (...fields: Buffer[]) => bytesField(1, Buffer.concat(fields));
  const tagged = (tensor: Buffer) => value(bytesField(1, Buffer.from('w')), bytesField(2, tensor));
  const DAMAGED: [string, Uint8Array, RegExp][] = [
    ['is cut', mindsporeFile(TENSORS).subarray(0, -1), /at byte \d+ a field does not fit into its message/],
    ['is cut in its first parameter', mindsporeFile(TENSORS).subarray(0, 50), /a field does not fit/],
    [
      'has fewer numbers than a shape says',
      mindsporeRecord({ ...record, dims: [3] }),
      /8 bytes are no \[3\] of float32 for "w"/,
    ],
    [
      'has a negative shape',
      mindsporeRecord({ ...record, dims: [-2] }),
      /the shape \[18446744073709552000\] of "w" is no shape/,
    ],
    [
      'has a shape beyond all bounds',
      mindsporeRecord({ ...record, dims: [2 ** 40, 2 ** 40] }),
      /8 bytes are no/,
    ],
    ['has forty axes', mindsporeRecord({ ...record, dims: Array(40).fill(1) }), /"w" has 40 axes/],
    ['has a thousand axes', mindsporeRecord({ ...record, dims: Array(1000).fill(1) }), /more than 64 fields/],
    [
      'has a thousand packed axes',
      mindsporeRecord({ ...record, dims: Array(1000).fill(1) }, true),
      /has 1000 bytes/,
    ],
    ['has a cut shape', tagged(bytesField(1, Uint8Array.of(0x80))), /a shape at byte \d+ is cut/],
    [
      'has a tag that is no text',
      value(bytesField(1, Uint8Array.of(0xff)), bytesField(2, Buffer.alloc(0))),
      /no text/,
    ],
    ['has a tag of megabytes', mindsporeRecord({ ...record, tag: 'k'.repeat(2 ** 21) }), /has 2097152 bytes/],
    [
      'has a record without a tag',
      value(bytesField(2, Buffer.alloc(0))),
      /the record at byte 2 holds no named tensor/,
    ],
    ['has a record without a tensor', value(bytesField(1, Buffer.from('w'))), /holds no named tensor/],
    [
      'has slices of two shapes',
      Buffer.concat([
        mindsporeRecord({ ...record, dims: [4] }),
        mindsporeRecord({ ...record, dims: [2, 2] }),
      ]),
      /the slices of "w" differ/,
    ],
    [
      'has slices that cut a number',
      Buffer.concat([6, 2].map((bytes) => mindsporeRecord({ ...record, content: new Uint8Array(bytes) }))),
      /8 bytes are no/,
    ],
    ['has a field of an unknown kind', Uint8Array.of(0x0b, 0, 0), /does not fit/],
    ['has a field without a number', Uint8Array.of(0x02, 0, 0), /does not fit/],
    ['has a length of 2 ** 64', Buffer.concat([varint(10), varint(-1), Buffer.alloc(9)]), /does not fit/],
    ['has a varint without an end', Buffer.alloc(30, 0xff), /at byte 0 a field has no number/],
  ];
  for (const [what, bytes, reason] of DAMAGED)
    it(`that ${what} is refused as damaged`, async () => {
      await assert.rejects(open(bytes), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'model-corrupt');
        assert.match(error.message, /^Expected a whole checkpoint in cat.ckpt but it is damaged: /);
        assert.match(error.message, reason);
        return true;
      });
    });

  it('is told from other protobuf files', () => {
    const node = bytesField(
      1,
      Buffer.concat([bytesField(1, Buffer.from('conv')), bytesField(2, Buffer.from('Const'))]),
    );
    assert.equal(isMindspore(node), false, 'a TensorFlow graph');
    assert.equal(isMindspore(Buffer.from('\x08\x07\x12\x07pytorch')), false, 'an ONNX model');
    assert.equal(isMindspore(bytesField(1, Buffer.from('0.1.1'))), false, 'a MindIR model');
  });
});
