// Both halves of the plugin as built, against the bridge that users run: the main half in a sandbox like Figma's, and the
// page in a frame without an origin in Chromium.

import assert from 'node:assert/strict';
import type { Paint } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Browser } from 'playwright-core';
import { CHROMIUM, inChromium, openChromium } from '../fixtures/chromium.js';
import { type FakeFigma, fakeFigma, hashesOf, imageFill } from './fake-figma.js';
import { sizeOfImage, speckledPng } from './images.js';
import { openRealBridge, type RealBridge } from './real-bridge.js';
import { type BuiltPlugin, buildPlugin, type OnRequest, startPlugin, until } from './sandbox.js';
import { addThreeLayers } from './three-layers.js';
import { openWindow, type PluginWindow } from './window.js';

describe('the Figma plugin and the bridge', () => {
  let plugin: BuiltPlugin;
  let bridge: RealBridge;
  let token: string;
  let fake: FakeFigma;

  before(async () => {
    plugin = await buildPlugin();
    bridge = await openRealBridge();
    token = await bridge.pair();
  });
  after(() => bridge.close());
  beforeEach(() => {
    fake = fakeFigma();
    fake.storage.set('token', token);
  });

  const run = async (command: string, onRequest?: OnRequest): Promise<string | undefined> => {
    fake.closed = undefined;
    startPlugin(plugin, fake, { port: bridge.port, command, onRequest });
    await until('the plugin closes', () => fake.closed !== undefined);
    return wordsOf(fake);
  };

  it('draw three layers from the menu, and restore them', async () => {
    const { layers, hashes } = await addThreeLayers(fake);
    const transform = (layers[1].fills as Extract<Paint, { type: 'IMAGE' }>[])[1].imageTransform;
    assert.equal(await run('stylize'), '3 layers drawn.');
    for (const [index, layer] of layers.entries()) {
      const drawn = hashesOf(layer).at(-1) ?? '';
      assert.notEqual(drawn, hashes[index]);
      assert.deepEqual(sizeOfImage(fake.images.get(drawn)!), sizeOfImage(fake.images.get(hashes[index])!));
    }
    assert.deepEqual((layers[1].fills as Extract<Paint, { type: 'IMAGE' }>[])[1].imageTransform, transform);
    assert.equal(fake.undoSteps, 1);
    assert.equal(await run('restore'), '3 layers restored.');
    assert.deepEqual(
      layers.map((layer) => hashesOf(layer).at(-1)),
      hashes,
    );
  });

  it('pass over a layer that is deleted while it is drawn', async () => {
    const { layers } = await addThreeLayers(fake);
    const words = await run('stylize', (_, path) => {
      if (/jobs\/\w/.test(path) && !layers[0].removed) layers[0].remove();
    });
    assert.match(words ?? '', /^2 layers drawn, 1 skipped/);
  });

  it('say what is wrong with an option, in the words of the bridge', async () => {
    await addThreeLayers(fake);
    const handling = { source: 'original', target: 'replace' };
    fake.storage.set('settings', { options: { style: 'inc' }, handling });
    assert.match((await run('stylize')) ?? '', /^0 layers drawn, 1 failed, 2 cancelled\. .*inc/);
  });

  describe('in the window', () => {
    let browser: Browser;
    let window: PluginWindow;

    before(async function () {
      if (CHROMIUM === undefined) return this.skip();
      browser = await openChromium();
    });
    after(() => browser?.close());
    afterEach(async () => {
      await window?.close();
    });

    const open = async (port = bridge.port): Promise<void> => {
      startPlugin(plugin, fake, { port, command: 'open' });
      window = await openWindow(browser, fake);
    };
    const see = (text: string | RegExp): Promise<void> =>
      window.frame.getByText(text).first().waitFor({ state: 'visible', timeout: 20_000 });
    const press = (name: string | RegExp): Promise<void> =>
      window.frame.getByRole('button', { name, exact: true }).click();

    it(inChromium('pair by the six digits, refuse wrong ones, draw and restore'), async () => {
      fake.storage.clear();
      const { layers, hashes } = await addThreeLayers(fake);
      await open();
      await see('Pair with the bridge');
      const code = window.frame.getByLabel('Six digits');
      await code.fill(bridge.code() === '000000' ? '000001' : '000000');
      await code.press('Enter');
      await see(/received another/);
      await code.fill(bridge.code());
      await press('Pair');
      await window.frame.getByRole('radio', { name: /ink/i }).waitFor({ state: 'attached' });
      await press('Stylize 3 layers');
      await see('3 layers drawn.');
      assert.ok(layers.every((layer, index) => hashesOf(layer).at(-1) !== hashes[index]));
      await press('Restore');
      await see('3 layers restored.');
      assert.deepEqual(
        layers.map((layer) => hashesOf(layer).at(-1)),
        hashes,
      );
      assert.deepEqual(window.errors, []);
    });

    it(inChromium('show what the styles draw, and remember what was chosen'), async () => {
      await addThreeLayers(fake);
      await open();
      const picture = window.frame.locator('.tile img').first();
      await picture.waitFor();
      await picture.evaluate('(image) => image.decode()');
      await window.frame.getByLabel('Strength').fill('40');
      await window.frame.getByText('Copy beside').click();
      await until('it is kept', () => JSON.stringify(fake.storage.get('settings')).includes('duplicate'));
      const { options, handling } = fake.storage.get('settings') as { options: object; handling: object };
      assert.deepEqual(
        { options, handling },
        {
          options: { strength: 0.4, style: 'ink' },
          handling: { source: 'original', target: 'duplicate' },
        },
      );
    });

    it(inChromium('stop at Cancel'), async () => {
      const hash = fake.addImage(await speckledPng(2400, 2000));
      const [layer] = fake.add({ name: 'Large', fills: [imageFill(hash)] });
      fake.select(layer);
      await open();
      await press('Stylize 1 layer');
      await press('Cancel');
      await see('0 layers drawn, 1 cancelled.');
      assert.deepEqual(hashesOf(layer), [hash]);
    });

    it(inChromium('ask for the digits again when the token is not good any more'), async () => {
      fake.storage.set('token', 'x'.repeat(43));
      await open();
      await see(/no longer knows/);
    });

    it(inChromium('say what to do when the bridge is down'), async () => {
      const dead = await openRealBridge();
      await dead.close();
      await open(dead.port);
      await see('The bridge does not answer.');
      await see(/start it with “npx @nigaoe\/nigaoe serve”/);
      await press('Try again');
      await see('The bridge does not answer.');
    });
  });
});

function wordsOf({ closed }: FakeFigma): string | undefined {
  return closed?.message;
}
