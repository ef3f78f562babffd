// The plugin's main half as built, in a sandbox like Figma's, against a bridge.

import assert from 'node:assert/strict';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import { type FakeFigma, fakeFigma, hashesOf, imageFill, MIXED } from './fake-figma.js';
import { flatPng, sizeOfImage } from './images.js';
import { type BuiltPlugin, buildPlugin, type StartOptions, startPlugin, until } from './sandbox.js';
import { openStandIn, type StandIn } from './stand-in.js';
import { addThreeLayers } from './three-layers.js';

describe('the Figma plugin', () => {
  let plugin: BuiltPlugin;
  let bridge: StandIn;
  let fake: FakeFigma;

  before(async () => {
    plugin = await buildPlugin();
  });
  beforeEach(async () => {
    bridge = await openStandIn();
    fake = fakeFigma();
    fake.storage.set('token', bridge.token);
  });
  afterEach(() => bridge.close());

  const start = (command: string, more: Partial<StartOptions> = {}): void =>
    startPlugin(plugin, fake, { port: bridge.port, command, ...more });
  /** Runs a command to its end and returns its last words. */
  const run = async (command: string, more: Partial<StartOptions> = {}): Promise<string> => {
    fake.closed = undefined;
    start(command, more);
    await until('the plugin closes', () => fake.closed !== undefined);
    return lastWords(fake);
  };

  it('asks Figma for one address on this computer, says why, and names commands that exist', () => {
    const { networkAccess, menu, relaunchButtons, documentAccess } = plugin.manifest;
    assert.deepEqual(networkAccess.allowedDomains, ['http://localhost:8826']);
    assert.match(networkAccess.reasoning, /your own computer/);
    assert.equal(documentAccess, 'dynamic-page');
    const commands = menu.flatMap(({ command }) => command ?? []);
    assert.deepEqual(commands, ['stylize', 'open', 'restore', 'connect']);
    assert.deepEqual(
      relaunchButtons.map(({ command }) => command),
      ['stylize', 'restore'],
    );
  });

  it('is a script without modules', () => {
    assert.doesNotMatch(plugin.code, /^\s*(import|export)\b/m);
    assert.doesNotMatch(plugin.html, /(src|href)="http/);
  });

  it('draws three layers in one undo step and changes nothing but the image', async () => {
    const { layers, hashes } = await addThreeLayers(fake);
    const before = layers.map(({ fills }) => fills as Paint[]);
    const words = await run('stylize');
    assert.equal(words, '3 layers drawn.');
    assert.equal(fake.undoSteps, 1);
    for (const [index, layer] of layers.entries()) {
      const drawn = hashesOf(layer).at(-1);
      assert.ok(drawn !== null && drawn !== undefined && drawn !== hashes[index] && fake.images.has(drawn));
      assert.deepEqual(withoutHashes(layer.fills as Paint[]), withoutHashes(before[index]));
      assert.deepEqual(sizeOfImage(fake.images.get(drawn)!), sizeOfImage(fake.images.get(hashes[index])!));
    }
  });

  it('draws an image once that several layers show', async () => {
    const hash = fake.addImage(await flatPng(40, 30));
    const layers = fake.add(...[1, 2, 3].map(() => ({ fills: [imageFill(hash)] })));
    fake.select(...layers);
    assert.equal(await run('stylize'), '3 layers drawn.');
    assert.equal(bridge.jobs.length, 1);
    assert.equal(new Set(layers.flatMap(hashesOf)).size, 1);
  });

  it('brings the originals back after the file was opened again, with their style', async () => {
    const { layers, hashes } = await addThreeLayers(fake);
    layers[0].setFillStyle('S:1');
    await run('stylize');
    assert.equal(layers[0].fillStyleId, '');
    assert.deepEqual(Object.keys(layers[0].relaunchData), ['stylize', 'restore']);
    assert.equal(await run('restore'), '3 layers restored.');
    assert.deepEqual(
      layers.map((layer) => hashesOf(layer).at(-1)),
      hashes,
    );
    assert.equal(layers[0].fillStyleId, 'S:1');
    assert.deepEqual(layers[0].relaunchData, {});
    assert.equal(fake.undoSteps, 2);
    assert.equal(await run('restore'), 'Nothing that nigaoe drew is selected.');
  });

  it('draws again from the original, not from the drawing', async () => {
    const { layers, hashes } = await addThreeLayers(fake);
    await run('stylize');
    const first = layers.map(hashesOf);
    await run('stylize');
    assert.deepEqual(layers.map(hashesOf), first);
    await run('restore');
    assert.deepEqual(
      layers.map((layer) => hashesOf(layer).at(-1)),
      hashes,
    );
  });

  it('draws in the style and strength of the quick actions and remembers them', async () => {
    await addThreeLayers(fake);
    await run('stylize', { parameters: { style: 'ink', strength: '40' } });
    assert.equal(bridge.jobs[0].options.style, 'ink');
    assert.equal(bridge.jobs[0].options.strength, '0.4');
    assert.equal(bridge.jobs[0].options.format, 'png');
    await run('stylize');
    assert.equal(bridge.jobs.at(-1)?.options.strength, '0.4');
    assert.match(await run('stylize', { parameters: { strength: 'much' } }), /from 0 to 100.*much/);
  });

  it('suggests the styles of the bridge while the user types', async () => {
    startPlugin(plugin, fake, { port: bridge.port });
    const { suggestions } = await fake.typeParameter('style', 'in');
    assert.deepEqual(
      (suggestions as { data: string }[]).map(({ data }) => data),
      ['ink'],
    );
    fake.storage.clear();
    assert.match((await fake.typeParameter('style', '')).error ?? '', /Connect to bridge/);
  });

  it('stops at Cancel, tells the bridge, and leaves the rest as it was', async () => {
    const { layers, hashes } = await addThreeLayers(fake);
    bridge.drawMs = 60_000;
    start('stylize');
    await until('a job runs', () => bridge.jobs.length > 0 && fake.notices.length > 0);
    fake.notices.at(-1)?.options.button?.action();
    await until('the plugin closes', () => fake.closed !== undefined);
    assert.equal(fake.closed?.message, '0 layers drawn, 3 cancelled.');
    assert.equal(bridge.jobs[0].state, 'cancelled');
    assert.deepEqual(
      layers.map((layer) => hashesOf(layer).at(-1)),
      hashes,
    );
    assert.ok(
      fake.notices.every(({ cancelled }) => cancelled),
      'a notice stays behind',
    );
  });

  it('goes on when a layer is deleted while it is drawn', async () => {
    const { layers } = await addThreeLayers(fake);
    const onRequest = (method: string): void => {
      if (method === 'GET' && bridge.jobs.length === 1 && !layers[0].removed) layers[0].remove();
    };
    assert.match(await run('stylize', { onRequest }), /^2 layers drawn, 1 skipped\. The layer was deleted/);
  });

  it('leaves a fill alone that somebody changed while it was drawn', async () => {
    const { layers } = await addThreeLayers(fake);
    const other = fake.addImage(await flatPng(9, 9, 3));
    const onRequest = (method: string): void => {
      if (method === 'GET' && bridge.jobs.length === 1) layers[0].fills = [imageFill(other)];
    };
    assert.match(await run('stylize', { onRequest }), /^2 layers drawn, 1 skipped\. .*changed meanwhile/);
    assert.deepEqual(hashesOf(layers[0]), [other]);
  });

  it('opens its window for pairing when the bridge does not know it', async () => {
    await addThreeLayers(fake);
    fake.storage.set('token', 'wrong');
    start('stylize');
    await until('the window is open', () => fake.html !== undefined);
    fake.receive({ type: 'ready' });
    await until('it knows', () => connection(fake)?.state === 'unpaired');
    assert.match(connection(fake)?.sentence ?? '', /no longer knows/);
    fake.receive({ type: 'pair', code: '000000' });
    await until('the wrong code is refused', () => fake.posted.some(({ type }) => type === 'sentence'));
    fake.receive({ type: 'pair', code: bridge.code });
    await until('it is connected', () => connection(fake)?.state === 'connected');
    assert.equal(fake.storage.get('token'), bridge.token);
  });

  it('names three causes when the bridge is down, and the next step of each', async () => {
    await bridge.close();
    start('open');
    fake.receive({ type: 'ready' });
    await until('it knows', () => connection(fake)?.state === 'unreachable');
    const { steps = [] } = connection(fake) ?? {};
    assert.match(steps.join('\n'), /npx @nigaoe\/nigaoe serve[\s\S]*port 8826[\s\S]*Local network/);
  });

  it('says which side is outdated', async () => {
    bridge.apiVersion = 2;
    start('open');
    fake.receive({ type: 'ready' });
    await until('it knows', () => connection(fake)?.state === 'unreachable');
    assert.match((connection(fake)?.steps ?? []).join(), /Update the plugin/);
  });

  it('does not try the other layers when the bridge goes away', async () => {
    await addThreeLayers(fake);
    let gone = false;
    const onRequest = async (method: string): Promise<void> => {
      if (method === 'POST' && !gone) await bridge.close();
      gone = gone || method === 'POST';
    };
    assert.match(await run('stylize', { onRequest }), /^0 layers drawn, 1 failed, 2 cancelled\. .*reached/);
  });

  it('has a sentence for each thing that it cannot draw', async () => {
    assert.match(await run('stylize'), /Nothing is selected/);
    const hash = fake.addImage(await flatPng(8, 8));
    const video = { type: 'VIDEO', scaleMode: 'FILL', videoHash: 'v' } as Paint;
    const cases: [RegExp, Parameters<FakeFigma['add']>[0]][] = [
      [/no image fill/, { fills: [] }],
      [/video fill/, { fills: [video] }],
      [/locked/, { fills: [imageFill(hash)], locked: true }],
      [/different fills/, { type: 'TEXT', fills: MIXED, parts: [[], [imageFill(hash)]] }],
      [/no image fill/, { type: 'TEXT', fills: MIXED, parts: [[], []] }],
      [/locked/, { type: 'GROUP', locked: true, children: [{ fills: [imageFill(hash)] }] }],
    ];
    for (const [sentence, spec] of cases) {
      fake.select(...fake.add(spec));
      assert.match(await run('stylize'), sentence);
    }
    assert.equal(fake.undoSteps, 0);
  });

  it('draws in copies beside the selection on request, and takes back those that stay as they were', async () => {
    const { layers, hashes } = await addThreeLayers(fake);
    const { children: before = [] } = fake.page;
    const count = before.length;
    fake.storage.set('settings', { options: {}, handling: { source: 'original', target: 'duplicate' } });
    assert.equal(await run('stylize'), '3 layers drawn.');
    assert.deepEqual(
      layers.map((layer) => hashesOf(layer).at(-1)),
      hashes,
    );
    const copies = (fake.page.children ?? []).slice(count);
    assert.equal(copies.length, 2);
    assert.ok(copies.every(({ x, width }) => x >= width));
    await bridge.close();
    await run('restore');
  });

  it('draws a layer as it looks into a picture over it, and Restore takes that away', async () => {
    const [layer] = fake.add({
      type: 'FRAME',
      name: 'Card',
      width: 60,
      height: 40,
      x: 5,
      y: 7,
      children: [{ fills: [] }],
    });
    fake.select(layer);
    fake.storage.set('settings', { options: {}, handling: { source: 'seen', target: 'replace' } });
    assert.equal(await run('stylize'), '1 layer drawn.');
    const picture = fake.page.children?.at(-1);
    assert.ok(picture !== undefined && picture !== layer && !layer.visible);
    assert.deepEqual([picture.name, picture.x, picture.y, picture.width], ['Card (drawn)', 5, 7, 60]);
    assert.equal(sizeOfImage(fake.images.get(hashesOf(picture)[0] ?? '')!)?.width, 120);
    fake.select(picture);
    assert.equal(await run('restore'), '1 layer restored.');
    assert.ok(layer.visible && picture.removed);
  });

  it('fits an image that Figma would not take back, and keeps the tiles of its fill as large', async () => {
    const bytes = await flatPng(8192, 16);
    fake.images.set('large', bytes);
    const fills = [imageFill('large', { scaleMode: 'TILE', scalingFactor: 0.5 })];
    const [layer] = fake.add({ fills });
    fake.select(layer);
    assert.equal(await run('stylize'), '1 layer drawn.');
    const [paint] = layer.fills as Extract<Paint, { type: 'IMAGE' }>[];
    assert.equal(paint.scalingFactor, 1);
    assert.equal(sizeOfImage(fake.images.get(paint.imageHash ?? '')!)?.width, 4096);
    await run('restore');
    assert.deepEqual((layer.fills as typeof fills)[0], fills[0]);
  });
});

function lastWords({ closed }: FakeFigma): string {
  return closed?.message ?? '';
}

function withoutHashes(fills: readonly Paint[]): object[] {
  return fills.map((paint) => ({ ...paint, imageHash: undefined }));
}

interface Connection {
  state: string;
  sentence?: string;
  steps?: string[];
}
function connection(fake: FakeFigma): Connection | undefined {
  const told = fake.posted.filter(({ type }) => type === 'connection') as unknown as {
    connection: Connection;
  }[];
  return told.at(-1)?.connection;
}
