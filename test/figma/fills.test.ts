// Drawings in the fills of layers: which are drawn, what happens when some fail, and what the user is told.

import assert from 'node:assert/strict';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import sharp from 'sharp';
import { type FakeLayer, hashesOf, imageFill, type LayerSpec, MIXED } from './fake-figma.js';
import { flatJpeg, flatPng } from './images.js';
import { until } from './sandbox.js';
import { setStage } from './stage.js';

const VIDEO = { type: 'VIDEO', scaleMode: 'FILL', videoHash: 'v' } as Paint;

describe('the images of fills', () => {
  const stage = setStage();
  const image = async (level: number): Promise<string> => stage.fake.addImage(await flatPng(20, 10, level));
  const select = (...specs: LayerSpec[]): FakeLayer[] => {
    const layers = stage.fake.add(...specs);
    stage.fake.select(...layers);
    return layers;
  };

  it('count as drawn in an instance that follows its component', async () => {
    const [component] = select({ type: 'COMPONENT', fills: [imageFill(await image(1))] });
    const instance = component.createInstance();
    stage.fake.select(component, instance);
    for (const _ of ['once', 'again']) assert.equal(await stage.run('stylize'), '2 layers drawn.');
    assert.deepEqual(hashesOf(instance), hashesOf(component));
    assert.deepEqual(instance.pluginData, {});
  });

  it('of one layer are written together or not at all', async () => {
    const hashes = [await image(1), await image(2)];
    const [layer] = select({ fills: hashes.map((hash) => imageFill(hash)) });
    const onRequest = (method: string): void => {
      if (method === 'POST' && stage.bridge.jobs.length === 1) stage.bridge.drawMs = 60_000;
    };
    stage.start('stylize', { onRequest });
    await until('the second is drawn', () => stage.bridge.jobs.length === 2);
    stage.fake.notices.at(-1)?.options.button?.action();
    await until('the plugin closes', () => stage.fake.closed !== undefined);
    assert.deepEqual(hashesOf(layer), hashes);
    assert.deepEqual(Object.values(layer.pluginData).join(''), '');
    stage.bridge.drawMs = 0;
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.deepEqual(hashesOf(layer), hashes);
  });

  it('are not drawn where nobody sees them', async () => {
    const [shown, off] = [await image(1), await image(2)];
    const [layer] = select(
      { fills: [imageFill(off, { visible: false }), imageFill(shown)] },
      { type: 'FRAME', children: [{ visible: false, fills: [imageFill(off)] }] },
    );
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    assert.equal(stage.bridge.jobs.length, 1);
    assert.equal(hashesOf(layer)[0], off);
    select({ name: 'Under', visible: false, fills: [imageFill(off)] });
    assert.match(await stage.run('stylize'), /“Under” is hidden/);
  });

  it('can be restored after the user has switched the drawn fill off', async () => {
    const hash = await image(1);
    const [layer] = select({ fills: [imageFill(hash)] });
    await stage.run('stylize');
    layer.fills = (layer.fills as Paint[]).map((paint) => ({ ...paint, visible: false }));
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.deepEqual(hashesOf(layer), [hash]);
  });

  it('can be restored in an instance that has hidden them, which is not looked through otherwise', async () => {
    const hash = await image(1);
    const [component] = select({ type: 'COMPONENT', children: [{ fills: [imageFill(hash)] }] });
    const instance = component.createInstance();
    stage.fake.select(instance);
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    const [inside] = instance.children ?? [];
    inside.visible = false;
    assert.match(await stage.run('stylize'), /no image fill/);
    stage.fake.select(inside);
    assert.match(await stage.run('stylize'), /nothing that is seen/);
    stage.fake.select(instance);
    assert.equal(await stage.run('restore'), '1 layer restored.');
    inside.visible = true;
    assert.deepEqual(hashesOf(inside), [hash]);
  });

  it('stay JPEG where they were, unless the user chose otherwise', async () => {
    const formats = async (options: object): Promise<(string | undefined)[]> => {
      stage.choose('original', 'replace', options);
      select(
        { fills: [imageFill(stage.fake.addImage(await flatJpeg(30, 20)))] },
        { fills: [imageFill(await image(9))] },
      );
      stage.bridge.jobs.length = 0;
      assert.equal(await stage.run('stylize'), '2 layers drawn.');
      return stage.bridge.jobs.map(({ options: { format } }) => format);
    };
    assert.deepEqual(await formats({}), ['jpeg', 'png']);
    assert.deepEqual(await formats({ format: 'same' }), ['jpeg', 'png']);
    assert.deepEqual(await formats({ format: 'png' }), ['png', 'png']);
  });

  it('keep the size of their tiles when the camera had turned the photo', async () => {
    const photo = sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } });
    const bytes = await photo.jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const hash = stage.fake.addImage(new Uint8Array(bytes));
    const [layer] = select({ fills: [imageFill(hash, { scaleMode: 'TILE', scalingFactor: 0.5 })] });
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    assert.equal((layer.fills as { scalingFactor?: number }[])[0].scalingFactor, 0.5);
  });

  it('are drawn as faces in the photo in a style that draws squares of faces', async () => {
    stage.bridge.styles.push({ ...stage.bridge.styles[0], id: 'faces-only', scope: 'portrait' });
    stage.choose('original', 'replace', { style: 'faces-only' });
    select({ fills: [imageFill(await image(1))] });
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    assert.equal(stage.bridge.jobs[0].options.scope, 'faces');
  });

  it('stop the batch where all would fail alike, and send no further image', async () => {
    for (const code of ['options', 'model-missing', 'licence-not-accepted']) {
      select(...[1, 2, 3].map((level) => ({ name: `${code} ${level}`, fills: [] })));
      const hashes = [await image(1), await image(2), await image(3)];
      select(...hashes.map((hash) => ({ fills: [imageFill(hash)] })));
      let sent = 0;
      stage.bridge.refusal = {
        code,
        message: `Expected another style, ${'and that is a long story, '.repeat(9)}`,
      };
      const onRequest = (method: string): void => {
        if (method === 'POST') sent += 1;
      };
      const words = await stage.run('stylize', { onRequest });
      assert.match(words, /^0 layers drawn, 1 failed, 2 cancelled\. Expected another style, .*…$/);
      assert.ok(sent === 1 && words.length <= 100);
    }
  });

  it('go on after a failure of one layer', async () => {
    select({ fills: [imageFill(await image(1))] }, { fills: [imageFill(await image(2))] });
    stage.bridge.refusal = { code: 'photo-refused', message: 'Expected a photo' };
    const onRequest = (method: string, path: string): void => {
      if (method === 'POST' && path === '/v1/jobs') setTimeout(() => (stage.bridge.refusal = undefined), 20);
    };
    assert.match(
      await stage.run('stylize', { onRequest }),
      /^\d layers? drawn, \d failed\. Expected a photo\.$/,
    );
  });

  it('that are left out are named at the end', async () => {
    const hash = await image(1);
    select(
      { name: 'A', fills: [imageFill(hash)] },
      { name: 'B', locked: true, fills: [imageFill(hash)] },
      { name: 'V', fills: [VIDEO] },
    );
    assert.equal(
      await stage.run('stylize'),
      '1 layer drawn. 2 left out: “B” is locked: unlock it to have it drawn.',
    );
  });

  it('are not missed in text of several colours', async () => {
    const texts = ['Title', 'Body'].map(
      (name) => ({ type: 'TEXT', name, fills: MIXED, parts: [[]] }) as const,
    );
    select({ type: 'FRAME', children: [{ fills: [imageFill(await image(1))] }, ...texts] });
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
  });

  it('are said to stand still when they moved before', async () => {
    const frames = await Promise.all(
      [0, 120, 240].map((r) =>
        sharp({ create: { width: 8, height: 8, channels: 3, background: { r, g: 0, b: 0 } } })
          .png()
          .toBuffer(),
      ),
    );
    const moving = await sharp(frames, { join: { animated: true } })
      .gif({ delay: [90, 90, 90] })
      .toBuffer();
    const still = await sharp(frames[1]).gif().toBuffer();
    select({ fills: [imageFill(stage.fake.addImage(new Uint8Array(moving)))] });
    assert.match(await stage.run('stylize'), /^1 layer drawn\. It was an animated GIF/);
    select({ fills: [imageFill(stage.fake.addImage(new Uint8Array(still)))] });
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
  });

  it('are named in the notice together with what happens to them, however long the name', async () => {
    stage.bridge.drawMs = 400;
    select({ name: 'photo-'.repeat(40), fills: [imageFill(await image(1))] });
    await stage.run('stylize');
    const texts = stage.fake.notices.map(({ text }) => text);
    assert.ok(
      texts.some((text) => /^“photo-.*…”: drawing.*, 50 %$/.test(text)),
      texts.join('\n'),
    );
  });
});
