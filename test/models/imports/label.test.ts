// What an ONNX file of nigaoe says of itself.

import assert from 'node:assert/strict';
import { type Label, labelled, labelOf, metadataOf } from '../../../shared/models/imports/label.js';
import { readLabel } from '../../../shared/models/imports/read-label.js';
import { readOnnx, writeOnnx } from '../../../shared/models/onnx/file.js';
import { EVERY_IO, TINY_SIDE, tinyGan } from '../../fixtures/tiny-gan.js';
import { ImportWorld } from './world.js';

const LABEL: Label = {
  architecture: 'animeganv2',
  form: '32 channels, corners not aligned',
  parameters: 2_143_552,
  format: 'pytorch',
  io: { layout: 'nhwc', channels: 'bgr', range: [0, 255] },
  side: TINY_SIDE.random,
  scope: 'faces',
  licence: { name: 'Toy-1.0', commercial: false, notice: 'Toys are for play only — 遊び.' },
  title: 'A toy',
  source: 'https://example.org/toy',
};

describe('the label of a model', () => {
  const model = () => tinyGan({ io: EVERY_IO[0], kind: 'random' });
  let world: ImportWorld;
  beforeEach(() => {
    world = new ImportWorld();
  });
  afterEach(() => world.close());

  it('comes back from the file as it was written', () => {
    const written = readOnnx(writeOnnx(labelled(model(), LABEL)));
    assert.deepEqual(labelOf(metadataOf(written)), LABEL);
    assert.equal(written.producerName, 'nigaoe');
  });

  it('keeps what else the metadata says, and takes the place of an older label', () => {
    const older = {
      ...model(),
      metadataProps: [
        { key: 'author', value: 'me' },
        { key: 'title', value: 'old' },
      ],
    };
    const { author, title } = metadataOf(labelled(older, LABEL));
    assert.deepEqual([author, title], ['me', 'A toy']);
  });

  it('names the licence for programs that know nothing of nigaoe', () => {
    const { licence, licence_notice: notice } = metadataOf(labelled(model(), LABEL));
    assert.deepEqual([licence, notice], ['Toy-1.0', LABEL.licence?.notice]);
  });

  it('is not believed where it calls a licence free that is named as non-commercial', () => {
    const notice = 'Do as you like.';
    for (const name of ['CC-BY-NC-4.0', 'Toy non-commercial', 'Noncommercial 1.0']) {
      const { licence } = labelOf(
        metadataOf(labelled(model(), { licence: { name, commercial: true, notice } })),
      );
      assert.deepEqual(licence, { name, commercial: false, notice });
    }
  });

  it('is read without the weights', async () => {
    assert.deepEqual(await readLabel(world.file('toy.onnx', labelled(model(), LABEL))), LABEL);
  });

  it('is empty for a file without one, for a checkpoint, and for what cannot be read', async () => {
    const paths = [
      world.gan(),
      world.file('x.pt', 'text'),
      world.file('bad.onnx', 'text'),
      world.path('no.onnx'),
    ];
    for (const path of paths) assert.deepEqual(await readLabel(path), {}, path);
  });

  it('is empty for a file whose metadata has a line of more than key and value', async () => {
    const field = [0x0a, 1, 0x6b];
    const line = [0x72, 9 * field.length, ...Array.from({ length: 9 }, () => field).flat()];
    const file = Buffer.concat([writeOnnx(labelled(model(), LABEL)), Buffer.from(line)]);
    assert.deepEqual(await readLabel(world.file('lines.onnx', file)), {});
  });

  it('is made of single lines without what a terminal would obey', () => {
    const licence = { name: 'Toy\u001b[2J', commercial: true, notice: 'a\nb' };
    const metadata = {
      title: ' \u001b]0;x\u0007A\r\ntoy ',
      source: 'x'.repeat(9000),
      'nigaoe.licence': JSON.stringify(licence),
    };
    const label = labelOf(metadata);
    assert.equal(label.title, ']0;x A toy');
    assert.equal(label.source?.length, 500);
    assert.deepEqual(label.licence, { name: 'Toy [2J', commercial: true, notice: 'a b' });
  });

  it('loses what is not as it should be', () => {
    const metadata = {
      'nigaoe.io': '{"layout":"nchw"}',
      'nigaoe.side': '{"multipleOf":1000000000,"minPx":64,"maxPx":512}',
      'nigaoe.scope': '"sideways"',
      'nigaoe.licence': '"MIT"',
    };
    assert.deepEqual(labelOf(metadata), {});
  });
});
