// What the main half tells its window: what can be drawn of the selection and how, and how a batch ended.

import assert from 'node:assert/strict';
import type { Handling, LayerProgress, SelectionSummary } from '../../figma-plugin/messages.js';
import { imageFill, MIXED } from './fake-figma.js';
import { flatPng } from './images.js';
import { until } from './sandbox.js';
import { setStage } from './stage.js';

describe('the window of the plugin', () => {
  const stage = setStage();
  const last = <Message>(type: string): Message | undefined =>
    stage.fake.posted.filter((message) => message.type === type).at(-1) as Message | undefined;
  const summary = (): SelectionSummary | undefined =>
    last<{ summary: SelectionSummary }>('selection')?.summary;
  const handle = async (source: Handling['source'], target: Handling['target']): Promise<void> => {
    const before = stage.fake.posted.length;
    stage.fake.receive({ type: 'settings', settings: { options: {}, handling: { source, target } } });
    await until('the window is told', () => stage.fake.posted.length > before);
  };
  const open = async (): Promise<void> => {
    stage.start('open');
    stage.fake.receive({ type: 'ready' });
    await until('the window is told', () => summary() !== undefined);
  };

  it('counts locked layers where nothing of them changes', async () => {
    const hash = stage.fake.addImage(await flatPng(8, 8));
    stage.fake.select(
      ...stage.fake.add({ fills: [imageFill(hash)] }, { locked: true, fills: [imageFill(hash)] }),
    );
    await open();
    const counts = (): unknown[] => [summary()?.layers, summary()?.roots, summary()?.problems.length];
    assert.deepEqual(counts(), [1, 1, 1]);
    await handle('original', 'duplicate');
    assert.deepEqual(counts(), [2, 2, 0]);
    await handle('seen', 'replace');
    assert.deepEqual(counts(), [1, 1, 1]);
    await handle('seen', 'duplicate');
    assert.deepEqual(counts(), [2, 2, 0]);
  });

  it('says nothing of text of several colours', async () => {
    const text = (name: string): object => ({ type: 'TEXT', name, fills: MIXED, parts: [[]] });
    const hash = stage.fake.addImage(await flatPng(8, 8));
    stage.fake.select(...stage.fake.add({ fills: [imageFill(hash)] }, text('Title'), text('Price')));
    await open();
    assert.deepEqual(summary()?.problems, []);
  });

  it('still shows how a batch ended when that has selected the copies', async () => {
    const hash = stage.fake.addImage(await flatPng(8, 8));
    const [layer] = stage.fake.add({ fills: [imageFill(hash)] });
    stage.fake.select(layer);
    await open();
    const handling = { source: 'original', target: 'duplicate' };
    stage.fake.receive({ type: 'stylize', settings: { options: {}, handling } });
    const layers = (): LayerProgress[] => last<{ layers: LayerProgress[] }>('layers')?.layers ?? [];
    const told = (): string | undefined => last<{ sentence: string }>('sentence')?.sentence;
    await until('it is drawn', () => told() === '1 layer drawn.');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([layers().length, told(), summary()?.layers], [1, '1 layer drawn.', 1]);
    assert.notEqual(stage.fake.page.selection?.[0], layer);
    stage.fake.select(layer);
    assert.deepEqual([layers().length, told()], [0, '']);
  });

  it('says what happens in the words of the page', async () => {
    stage.bridge.drawMs = 400;
    const hash = stage.fake.addImage(await flatPng(8, 8));
    stage.fake.select(...stage.fake.add({ fills: [imageFill(hash)] }));
    await open();
    stage.fake.receive({
      type: 'stylize',
      settings: { options: {}, handling: { source: 'original', target: 'replace' } },
    });
    await until('it is drawn', () => last<{ sentence: string }>('sentence')?.sentence === '1 layer drawn.');
    const words = stage.fake.posted.flatMap((message) =>
      'layers' in message ? (message.layers as LayerProgress[]).map(({ sentence }) => sentence) : [],
    );
    assert.ok(
      words.some((word) => /^Drawing/.test(word ?? '')) && !words.some((word) => /Generate/.test(word ?? '')),
    );
  });
});
