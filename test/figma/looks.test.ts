// “As it looks”: pictures that lie over layers, in every kind of container, and the way back.

import assert from 'node:assert/strict';
import type { Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type FakeLayer, hashesOf, imageFill, type LayerSpec } from './fake-figma.js';
import { flatPng, sizeOfImage } from './images.js';
import { until } from './sandbox.js';
import { setStage } from './stage.js';

const CARD: LayerSpec = { type: 'FRAME', name: 'Card', width: 60, height: 40, x: 10, y: 5, children: [] };

describe('a layer that is drawn as it looks', () => {
  const stage = setStage();

  /** Puts a layer on the page, draws it, and returns it with its drawing. */
  const drawn = async (spec: LayerSpec, at = (root: FakeLayer): FakeLayer => root) => {
    stage.choose('seen', 'replace');
    const [root] = stage.fake.add(spec);
    const layer = at(root);
    stage.fake.select(layer);
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    const [sheet] = stage.fake.page.selection ?? [];
    assert.ok(sheet !== undefined && sheet !== layer, 'the drawing is selected');
    return { root, layer, sheet };
  };

  it('is drawn again from the layer, not from the drawing, and stays restorable', async () => {
    const { layer, sheet } = await drawn(CARD);
    const before = stage.fake.page.children?.length;
    stage.fake.select(sheet);
    assert.equal(await stage.run('stylize', { parameters: { strength: '50' } }), '1 layer drawn.');
    assert.deepEqual(stage.fake.exported, ['Card', 'Card']);
    assert.equal(stage.fake.page.children?.length, before);
    assert.ok(!layer.visible && sheet.visible);
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.ok(layer.visible && sheet.removed);
  });

  it('is left alone when the images of fills are drawn, and so is its drawing', async () => {
    const { layer, sheet } = await drawn(CARD);
    layer.fills = [imageFill(stage.fake.addImage(await flatPng(8, 8)))];
    const [before] = hashesOf(sheet);
    stage.choose('original', 'replace');
    for (const selection of [[sheet], [layer, sheet]]) {
      stage.fake.select(...selection);
      assert.match(await stage.run('stylize'), /As it looks|under its drawing/);
    }
    assert.deepEqual(hashesOf(sheet), [before]);
    assert.equal(stage.bridge.jobs.length, 1);
  });

  it('is drawn once when it is selected together with its drawing', async () => {
    const { layer, sheet } = await drawn(CARD);
    stage.fake.select(layer, sheet);
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    stage.fake.select(layer);
    assert.match(await stage.run('stylize'), /under its drawing/);
  });

  it('is hidden again when drawing it again fails', async () => {
    const { layer, sheet } = await drawn(CARD);
    stage.bridge.refusal = { code: 'options', message: 'Expected something else' };
    stage.fake.select(sheet);
    assert.match(await stage.run('stylize'), /1 failed/);
    assert.ok(!layer.visible);
  });

  it('is found by its drawing in a duplicated frame', async () => {
    const { root, layer, sheet } = await drawn({ type: 'FRAME', name: 'Outer', children: [CARD] }, inside);
    const copy = root.clone();
    const [layerCopy, sheetCopy] = copy.children ?? [];
    stage.fake.select(copy);
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.ok(layerCopy.visible && sheetCopy.removed);
    assert.ok(!layer.visible && !sheet.removed);
  });

  it('is found by its drawing after that was moved, but not by a copy of the drawing', async () => {
    const { root, layer, sheet } = await drawn({ type: 'FRAME', name: 'Outer', children: [CARD] }, inside);
    const copy = sheet.clone();
    stage.fake.select(copy);
    assert.match(await stage.run('restore'), /no longer there/);
    assert.ok(!layer.visible && !copy.removed);
    copy.remove();
    stage.fake.page.appendChild(sheet);
    stage.fake.select(sheet);
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.ok(layer.visible && root.children?.length === 1);
  });

  it('keeps its drawing when it is gone itself', async () => {
    const { layer, sheet } = await drawn(CARD);
    layer.remove();
    stage.fake.select(sheet);
    assert.match(await stage.run('restore'), /no longer there/);
    assert.ok(!sheet.removed);
  });

  it('keeps its place in auto layout, and gets its opacity back', async () => {
    const row: LayerSpec = {
      type: 'FRAME',
      layoutMode: 'HORIZONTAL',
      children: [{ ...CARD, opacity: 0.5 }, { name: 'After' }],
    };
    const { root, layer, sheet } = await drawn(row, inside);
    assert.deepEqual([root.width, root.children?.[2].x], [160, 60]);
    assert.deepEqual([layer.visible, layer.opacity, sheet.parent], [true, 0, root]);
    stage.fake.select(sheet);
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    assert.equal(layer.opacity, 0);
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.equal(layer.opacity, 0.5);
  });

  it('keeps the shape of a boolean operation, and is reachable inside an instance', async () => {
    const union: LayerSpec = { type: 'BOOLEAN_OPERATION', children: [CARD] };
    assert.ok((await drawn(union, inside)).layer.visible);
    const [component] = stage.fake.add({ type: 'COMPONENT', children: [CARD] });
    const instance = component.createInstance();
    stage.fake.select(inside(instance));
    assert.equal(await stage.run('stylize'), '1 layer drawn.');
    assert.equal(inside(instance).opacity, 0);
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.equal(inside(instance).opacity, 1);
  });

  it('is shown again in an instance, of which nothing can be removed', async () => {
    const { root } = await drawn({ type: 'COMPONENT', children: [CARD] }, inside);
    const instance = root.createInstance();
    const parts = instance.children ?? [];
    for (const [index, child] of parts.entries())
      Object.assign(child.pluginData, root.children?.[index].pluginData);
    stage.fake.select(instance);
    assert.equal(await stage.run('restore'), '1 layer restored.');
    assert.deepEqual(
      parts.map(({ visible }) => visible),
      [true, false],
    );
    assert.equal(await stage.run('restore'), 'Nothing that nigaoe drew is selected.');
  });

  it('lies exactly under its drawing, also in mirrored and turned frames', async () => {
    const turned: Transform[] = [
      [
        [-1, 0, 200],
        [0, 1, 0],
      ],
      [
        [-1, 0, 50],
        [0, -1, 70],
      ],
      [
        [0.8, -0.6, 30],
        [0.6, 0.8, 10],
      ],
    ];
    for (const relativeTransform of turned) {
      const frame: LayerSpec = { type: 'FRAME', relativeTransform, children: [CARD] };
      const { root, layer, sheet } = await drawn(frame, inside);
      assert.equal(sheet.parent, root);
      assertNear(sheet.absoluteBoundingBox, layer.absoluteBoundingBox);
      assertNear(sheet.absoluteTransform[0], [1, 0, layer.absoluteBoundingBox?.x ?? 0]);
    }
  });

  it('may not come back in another shape', async () => {
    stage.choose('seen', 'replace');
    stage.bridge.square = true;
    const [layer] = stage.fake.add(CARD);
    stage.fake.select(layer);
    assert.match(await stage.run('stylize'), /1 failed\. The drawing has another shape/);
    assert.ok(layer.visible);
  });

  it('is skipped where it is hidden, a mask, or locked, unless the picture goes beside it', async () => {
    const cases: [RegExp, LayerSpec][] = [
      [/is hidden: show it/, { ...CARD, visible: false }],
      [/is a mask/, { ...CARD, isMask: true }],
      [/is locked/, { ...CARD, locked: true }],
    ];
    for (const [sentence, spec] of cases) {
      stage.choose('seen', 'replace');
      stage.fake.select(...stage.fake.add(spec));
      assert.match(await stage.run('stylize'), sentence);
      stage.choose('seen', 'duplicate');
      if (spec.visible !== false) assert.equal(await stage.run('stylize'), '1 layer drawn.');
    }
  });

  it('is skipped when somebody hides it while it is drawn', async () => {
    stage.choose('seen', 'replace');
    const [layer] = stage.fake.add(CARD);
    stage.fake.select(layer);
    const onRequest = (method: string): void => {
      if (method === 'POST') layer.visible = false;
    };
    assert.match(await stage.run('stylize', { onRequest }), /^0 layers drawn, 1 skipped\. .*is hidden/);
  });

  it('gets its picture on its own page when the user has turned to another', async () => {
    stage.choose('seen', 'duplicate');
    stage.fake.select(...stage.fake.add({ ...CARD, x: 500 }));
    let other: FakeLayer | undefined;
    const onRequest = (method: string): void => {
      if (method === 'POST') other ??= stage.fake.turnToNewPage();
    };
    assert.equal(await stage.run('stylize', { onRequest }), '1 layer drawn.');
    assert.deepEqual([other?.children?.length, other?.selection], [0, []]);
    const picture = stage.fake.page.children?.at(-1);
    assert.deepEqual([picture?.name, picture?.x], ['Card (drawn)', 600]);
    assert.equal(sizeOfImage(stage.fake.images.get(hashesOf(picture!)[0] ?? '')!)?.width, 120);
  });

  it('is hidden when the plugin is closed while Figma looks at it', async () => {
    const { layer, sheet } = await drawn(CARD);
    Object.assign(layer, { exportAsync: () => new Promise(() => undefined) });
    stage.fake.select(sheet);
    stage.start('stylize');
    await until('the layer is shown', () => layer.visible);
    stage.fake.close();
    assert.ok(!layer.visible);
  });
});

function inside(root: FakeLayer): FakeLayer {
  const [child] = root.children ?? [];
  assert.ok(child !== undefined);
  return child;
}

function assertNear(actual: object | null, expected: object | null): void {
  const [a, b] = [actual, expected].map((numbers) => Object.values(numbers ?? {}) as number[]);
  assert.ok(a.length > 0 && a.every((value, index) => Math.abs(value - b[index]) < 1e-6), `${a} is not ${b}`);
}
