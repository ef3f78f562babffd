// The user's own networks as styles: ONNX files by their path, entries in the store, and what their limits mean for a photo.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { GanEntry } from '../shared/models/entry.js';
import { GraphBuilder } from '../shared/models/onnx/builder.js';
import { writeOnnx } from '../shared/models/onnx/file.js';
import type { PartialOptions } from '../shared/options.js';
import { decodePhoto } from '../shared/photo/decode.js';
import { encodePhoto } from '../shared/photo/encode.js';
import type { Photo } from '../shared/photo/photo.js';
import { openStylizer, type Stylizer } from '../shared/stylizer.js';
import { levelsAt, readSample } from './fixtures/photos.js';

const QUICK: PartialOptions = {
  device: 'cpu',
  size: 96,
  detector: 'embedded',
  landmarker: 'embedded',
  format: 'png',
};

/** A network that turns light into dark. */
function negative(sides: readonly [number | string, number | string]): Uint8Array {
  const graph = new GraphBuilder('negative');
  graph.output('y', graph.op('Neg', [graph.input('x', [1, 3, ...sides])]), [1, 3, ...sides]);
  return writeOnnx(graph.model());
}

describe('a style of the user', () => {
  const home = mkdtempSync(join(tmpdir(), 'nigaoe-own-'));
  let stylizer: Stylizer;
  let people: Photo;
  let bytes: Uint8Array;
  before(async () => {
    mkdirSync(join(home, 'secret-folder'));
    writeFileSync(join(home, 'secret-folder', 'free.onnx'), negative(['height', 'width']));
    writeFileSync(join(home, 'secret-folder', 'fixed.onnx'), negative([128, 128]));
    install('my-style', {});
    install('my-large-faces', { minFacePx: 4000 });
    stylizer = await openStylizer({ store: { home, offline: true } });
    people = await readSample(1, 480);
    bytes = (await encodePhoto(people, { format: 'png' })).bytes;
  });
  after(async () => {
    await stylizer.close();
    rmSync(home, { recursive: true });
  });

  /** An entry in the store, with its file in place. */
  function install(id: string, side: Partial<GanEntry['side']>): void {
    const file = negative(['height', 'width']);
    const sha256 = createHash('sha256').update(file).digest('hex');
    const entry: GanEntry = {
      id,
      title: 'Light into dark',
      files: [{ name: `${id}.onnx`, urls: [], sha256, bytes: file.length }],
      licence: { name: 'MIT', commercial: true, notice: 'Made by a test.' },
      source: 'a test',
      kind: 'gan',
      side: { multipleOf: 8, minPx: 32, maxPx: 512, ...side },
      scope: 'photo',
      io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] },
    };
    mkdirSync(join(home, 'styles'), { recursive: true });
    mkdirSync(join(home, 'models', id), { recursive: true });
    writeFileSync(join(home, 'styles', `${id}.json`), JSON.stringify(entry));
    writeFileSync(join(home, 'models', id, `${id}.onnx`), file);
  }

  const draw = (options: PartialOptions) => stylizer.stylize(bytes, { ...QUICK, ...options });
  const onDisk = (name: string) => join(home, 'secret-folder', name);

  it('in the store is drawn with by its id', async () => {
    const result = await draw({ style: 'my-style' });
    assert.equal(result.model, 'my-style');
    const [shown, drawn] = [people, await decodePhoto(result.bytes)];
    for (const [channel, level] of levelsAt(shown, 20, 20).entries())
      assert.ok(Math.abs(levelsAt(drawn, 20, 20)[channel] - (255 - level)) <= 1);
  });

  it('in a file is drawn with by its path, and the path stays out of the picture', async () => {
    const { model, bytes: drawn } = await draw({ style: onDisk('free.onnx'), scope: 'photo' });
    assert.equal(model, 'free');
    const { xmp } = await sharp(drawn).metadata();
    assert.match(String(xmp), /free/);
    assert.doesNotMatch(String(xmp), /secret-folder/);
  });

  for (const scope of ['photo', 'portrait'] as const)
    it(`of one fixed size draws scope ${scope} at that size, whatever was asked for`, async () => {
      const { width } = await draw({ style: onDisk('fixed.onnx'), scope, size: 300, maxSide: 300 });
      assert.equal(width, scope === 'photo' ? people.width : 128);
    });

  it('that cannot draw small faces leaves them as they are and says so', async () => {
    const { notices, bytes: drawn, faces } = await draw({ style: 'my-large-faces', scope: 'faces' });
    assert.deepEqual(notices, [
      `${faces.length} of ${faces.length} faces stay as they are: my-large-faces draws faces from 4000 px on`,
    ]);
    assert.deepEqual((await decodePhoto(drawn)).data, people.data);
  });

  it('with a second style for the background is for scope faces only', async () => {
    await assert.rejects(draw({ style: 'my-style', scope: 'photo', background: 'ink' }), {
      code: 'options',
      message: 'Expected scope faces for --background but received "photo"',
    });
  });

  it('leaves a photo without faces to the background', async () => {
    const flat = { create: { width: 64, height: 64, channels: 3, background: '#406080' } } as const;
    const empty = await sharp(flat).png().toBuffer();
    const options = {
      ...QUICK,
      style: 'my-style',
      scope: 'faces',
      background: 'ink',
      noFace: 'photo',
    } as const;
    const { model, scope } = await stylizer.stylize(empty, options);
    assert.deepEqual([model, scope], ['ink', 'photo']);
  });

  it('does not show in a portrait what lies hidden under transparent pixels', async () => {
    const hidden: Photo = {
      ...people,
      data: Uint8Array.from(people.data),
      alpha: new Uint8Array(people.width * people.height).fill(255),
    };
    const rows = people.width * 40;
    hidden.alpha?.fill(0, 0, rows);
    for (let at = 0; at < rows; at++) hidden.data.set([0, 255, 0], at * 3);
    const cutOut = (await encodePhoto(hidden, { format: 'png' })).bytes;
    const wide = { ...QUICK, style: 'my-style', scope: 'portrait', expand: 3 } as const;
    const { pictures } = await stylizer.stylize(cutOut, wide);
    for (const { bytes: picture } of pictures) assert.equal(magentaIn(await decodePhoto(picture)), 0);
  });
});

/** How many pixels are what the negative makes of green. */
function magentaIn({ data, width, height }: Photo): number {
  const isMagenta = (at: number) => data[at] > 200 && data[at + 1] < 60 && data[at + 2] > 200;
  return Array.from({ length: width * height }, (_, pixel) => pixel * 3).filter(isMagenta).length;
}
