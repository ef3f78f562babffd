// “Copy beside”: drawings in copies of the selection, and what is left when the plugin is closed meanwhile.

import assert from 'node:assert/strict';
import { type FakeLayer, hashesOf, imageFill } from './fake-figma.js';
import { flatPng } from './images.js';
import { until } from './sandbox.js';
import { setStage } from './stage.js';

describe('copies beside the selection', () => {
  const stage = setStage();
  const images = (count: number): Promise<string[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => stage.fake.addImage(await flatPng(20 + index, 20))),
    );
  const onPage = (): FakeLayer[] => stage.fake.page.children ?? [];
  beforeEach(() => stage.choose('original', 'duplicate'));

  it('lie as the layers do, beside all of them, and are selected', async () => {
    const hashes = await images(3);
    const layers = stage.fake.add(
      ...hashes.map((hash, index) => ({ x: index * 120, fills: [imageFill(hash)] })),
    );
    stage.fake.select(...layers);
    assert.equal(await stage.run('stylize'), '3 layers drawn.');
    const copies = onPage().slice(3);
    assert.deepEqual(
      copies.map(({ x }) => x),
      [380, 500, 620],
    );
    assert.ok(copies.every((copy, index) => copy === stage.fake.page.selection?.[index]));
    assert.deepEqual(layers.flatMap(hashesOf), hashes);
  });

  it('keep the turn of the frame that they come out of', async () => {
    const [hash] = await images(1);
    const [frame] = stage.fake.add({
      type: 'FRAME',
      relativeTransform: [
        [0, -1, 300],
        [1, 0, 20],
      ],
      children: [{ type: 'GROUP', children: [{ x: 5, fills: [imageFill(hash)] }] }],
    });
    const group = frame.children?.[0] as FakeLayer;
    stage.fake.select(group);
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    const copy = onPage().at(-1)?.children?.[0];
    const { x = 0, ...rest } = group.children?.[0].absoluteBoundingBox ?? {};
    assert.deepEqual(copy?.absoluteBoundingBox, { x: x + 140, ...rest });
    assert.deepEqual(copy?.absoluteTransform[0].slice(0, 2), [0, -1]);
  });

  it('of a main component are instances, and draw from the original that it remembers', async () => {
    const [hash] = await images(1);
    const [component] = stage.fake.add({ type: 'COMPONENT', fills: [imageFill(hash)] });
    stage.fake.select(component);
    stage.choose('original', 'replace');
    await stage.run('stylize');
    const shown = hashesOf(component);
    stage.choose('original', 'duplicate');
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    const [copy] = stage.fake.page.selection ?? [];
    assert.equal(copy.type, 'INSTANCE');
    assert.deepEqual(hashesOf(copy), shown);
    await stage.run('restore');
    assert.deepEqual(hashesOf(copy), [hash]);
  });

  it('are made one by one: closing the plugin leaves none undrawn', async () => {
    const hashes = await images(3);
    stage.fake.select(...stage.fake.add(...hashes.map((hash) => ({ fills: [imageFill(hash)] }))));
    const onRequest = (method: string): void => {
      if (method === 'POST' && stage.bridge.jobs.length === 1) stage.bridge.drawMs = 60_000;
    };
    stage.start('stylize', { onRequest });
    await until('the second is drawn', () => /2 of 3, .*drawing/.test(stage.fake.notices.at(-1)?.text ?? ''));
    assert.equal(onPage().length, 5);
    stage.fake.close();
    assert.equal(onPage().length, 4);
    assert.ok(!hashes.includes(hashesOf(onPage()[3])[0] ?? ''));
    await until('the bridge knows', () => stage.bridge.jobs[1].state === 'cancelled');
  });

  it('go away when drawing fails or is cancelled', async () => {
    const [hash] = await images(1);
    stage.fake.select(...stage.fake.add({ fills: [imageFill(hash)] }));
    stage.bridge.refusal = { code: 'photo-refused', message: 'Expected a photo' };
    assert.match(await stage.run('stylize'), /1 failed/);
    assert.equal(onPage().length, 1);
  });

  it('are made of locked layers too, as nothing of those changes', async () => {
    const [hash] = await images(1);
    stage.fake.select(...stage.fake.add({ locked: true, fills: [imageFill(hash)] }));
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
  });
});
