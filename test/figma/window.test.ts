// The plugin's window as its user meets it, in Chromium, against a bridge that can be held back.

import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { CHROMIUM, inChromium, openChromium } from '../fixtures/chromium.js';
import { type FakeFigma, fakeFigma, imageFill } from './fake-figma.js';
import { flatPng } from './images.js';
import { type BuiltPlugin, buildPlugin, type OnRequest, startPlugin, until } from './sandbox.js';
import { openStandIn, type StandIn } from './stand-in.js';
import { openWindow, type PluginWindow } from './window.js';

const KEPT = {
  options: { style: 'ink', strength: 0.4, scope: 'photo' },
  handling: { source: 'original', target: 'duplicate' },
};

describe(inChromium("the plugin's window"), () => {
  if (CHROMIUM === undefined) return void it.skip('is tried in a real browser');

  let plugin: BuiltPlugin;
  let browser: Browser;
  let bridge: StandIn;
  let fake: FakeFigma;
  let window: PluginWindow;

  before(async () => {
    [plugin, browser, bridge] = await Promise.all([buildPlugin(), openChromium(), openStandIn()]);
  });
  after(async () => {
    await browser.close();
    await bridge.close();
  });
  beforeEach(async () => {
    fake = fakeFigma();
    fake.storage.set('token', bridge.token);
    fake.storage.set('settings', KEPT);
    bridge.drawMs = 0;
    const layers = [];
    for (const name of ['Hero', 'Team', 'Footer'])
      layers.push({ name, fills: [imageFill(fake.addImage(await flatPng(40, 30 + layers.length)))] });
    fake.select(...fake.add(...layers));
  });
  afterEach(async () => {
    await window.close();
    assert.deepEqual(window.errors, []);
  });

  const open = async (onRequest?: OnRequest): Promise<void> => {
    startPlugin(plugin, fake, { port: bridge.port, command: 'open', onRequest });
    window = await openWindow(browser, fake);
  };
  const at = (css: string) => window.frame.locator(css);
  const see = (text: string | RegExp) => window.frame.getByText(text).first().waitFor();
  const go = () => window.frame.getByRole('button', { name: /^Stylize/ });
  /** In the window itself. */
  const run = (expression: string): Promise<unknown> => at('body').evaluate(expression);
  /** What the main half would say, from the moment on at which the window is there. */
  const tell = async (message: object): Promise<void> => {
    await at('#options').waitFor();
    (fake.onPost as (message: object) => void)(message);
  };
  const layers = (...changes: object[]) =>
    changes.map((change, id) => ({ id: String(id), name: `Layer ${id}`, fraction: 0, ...change }));

  for (const pasted of ['123 456', ' 123-456 ', '123456'])
    it(`takes the code pasted as ${JSON.stringify(pasted)}`, async () => {
      fake.storage.clear();
      await open();
      await at('#code').waitFor();
      await at('#code').focus();
      await run(`document.execCommand('insertText', false, '${pasted}')`);
      await window.frame.getByRole('button', { name: 'Pair', exact: true }).click();
      await go().waitFor();
      assert.equal(fake.storage.get('token'), bridge.token);
    });

  it('sends no code that is not six digits, and says so at once', async () => {
    fake.storage.clear();
    await open();
    await at('#code').fill('12 34');
    await at('#code').press('Enter');
    await see('Type all six digits of the code.');
    assert.equal(await at('#code').getAttribute('aria-invalid'), 'true');
  });

  it('waits for the styles before anything can be drawn or kept', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await open(async (_, path) => {
      if (path === '/v1/options') await held;
    });
    await see('Loading styles…');
    assert.equal(await go().isDisabled(), true);
    assert.equal(await at('#options').isVisible(), false);
    release();
    await at('#options').waitFor();
    assert.equal(await go().isEnabled(), true);
    assert.equal(await window.frame.getByLabel('Strength').inputValue(), '40');
    assert.equal(await window.frame.getByLabel('Copy beside').isChecked(), true);
    assert.deepEqual(fake.storage.get('settings'), KEPT);
  });

  it('offers ids as choices, with names that people know', async () => {
    fake.storage.set('settings', { ...KEPT, options: { ...KEPT.options, background: 'gone' } });
    await open();
    await window.frame.getByText('More options').click();
    const choices = (label: string) =>
      window.frame.getByLabel(label, { exact: true }).locator('option').allTextContents();
    const backgrounds = await choices('Background');
    assert.deepEqual(backgrounds.slice(0, 2), ['None', 'Ink']);
    assert.ok(!backgrounds.some((name) => name.includes('Paprika')), 'no style that was not fetched');
    assert.deepEqual(await choices('Face detector'), ['Auto', 'Built in']);
    assert.deepEqual(await choices('Landmark model'), ['Auto', 'Built in']);
    assert.deepEqual(await choices('Format'), ['As the photo', 'PNG', 'JPEG']);
    assert.equal(await at('#options input[type=text]').count(), 0);
    await window.frame.getByLabel('Without a face').selectOption('Leave as it is');
    await until('it is kept', () => JSON.stringify(fake.storage.get('settings')).includes('skip'));
    const { options } = fake.storage.get('settings') as typeof KEPT;
    assert.deepEqual(options, { ...KEPT.options, noFace: 'skip' });
  });

  it('says what a style may not be used for, under the gallery and with the command that fetches it', async () => {
    await open();
    const licence = { name: 'Nobody sells', commercial: false, notice: '' };
    const style = { title: 'Rice: grains of it', kind: 'gan', scope: 'photo', licence, yours: false };
    await tell({
      type: 'catalogue',
      styles: [
        { ...style, id: 'rice', state: 'ready' },
        { ...style, id: 'oats', title: 'Oats: rolled', state: 'absent' },
      ],
      options: [],
      settings: KEPT,
    });
    await at('#licence').getByText('Not for commercial use (Nobody sells).').waitFor();
    assert.equal(await at('.tile .name').textContent(), 'Rice');
    assert.match((await at('.tile input').getAttribute('aria-description')) ?? '', /^Grains of it\. Not for/);
    await window.frame.getByText('One more style').click();
    await see('npx @nigaoe/nigaoe models pull oats --accept-licence');
  });

  it('keeps the rows of a batch while they change, and says which layer is drawn', async () => {
    await open();
    const running = (fraction: number) => ({
      type: 'layers',
      layers: layers(
        { state: 'done' },
        { state: 'drawing', fraction, sentence: 'Drawing' },
        { state: 'waiting' },
      ),
      running: true,
    });
    await tell(running(0.1));
    await see('Drawing 10%');
    await run(`document.querySelector('progress[aria-label="Layer 1"]').dataset.seen = 'yes'`);
    assert.equal(await at('#spoken').textContent(), 'Layer 2 of 3: Layer 1');
    assert.equal(await at(':focus').getAttribute('id'), 'cancel');
    await tell(running(0.6));
    await see('Drawing 60%');
    const bar = window.frame.getByRole('progressbar', { name: 'Layer 1', exact: true });
    assert.equal(await bar.getAttribute('data-seen'), 'yes');
  });

  it('says once what several layers failed of, with the names that the form uses', async () => {
    await open();
    const failed = { state: 'failed', sentence: 'No face. A lower minFace finds more.' };
    await tell({ type: 'layers', layers: layers(failed, { state: 'done' }, failed), running: false });
    await see('No face. A lower “Smallest face” finds more.');
    assert.equal(await window.frame.getByText('No face.').count(), 1);
    const why = await at('#layers li').nth(2).getAttribute('aria-describedby');
    assert.equal(await at(`#${why}`).textContent(), 'No face. A lower “Smallest face” finds more.');
  });

  it('tells screen readers how a batch ended, in a region that was there before', async () => {
    await open();
    await at('#options').waitFor();
    assert.equal(await at('#spoken').getAttribute('aria-live'), 'polite');
    await go().click();
    await see('3 layers drawn.');
    assert.equal(await at('#spoken').textContent(), '3 layers drawn.');
  });

  it('describes each option to those who do not see it', async () => {
    await open();
    const strength = window.frame.getByLabel('Strength');
    const id = await strength.getAttribute('aria-describedby');
    assert.match((await at(`#${id}`).textContent()) ?? '', /^Mix with the original/);
  });

  it('raises its voice when the bridge does not answer', async () => {
    startPlugin(plugin, fake, { port: 1, command: 'open' });
    window = await openWindow(browser, fake);
    await window.frame.getByRole('alert').getByText('The bridge does not answer.').waitFor();
    const command = at('#unreachable-steps code').first();
    assert.equal(await command.textContent(), 'npx @nigaoe/nigaoe serve');
  });

  it('shows all settings beside many styles', async () => {
    await open();
    const licence = { name: 'MIT', commercial: true, notice: '' };
    const styles = Array.from({ length: 13 }, (_, index) => {
      const number = { id: `s${index}`, title: `Style ${index}: one of many` };
      return { ...number, kind: 'gan', scope: 'photo', licence, state: 'ready', yours: true };
    });
    await until('the options came', () => fake.posted.some(({ type }) => type === 'catalogue'));
    const { options } = fake.posted.find(({ type }) => type === 'catalogue') as unknown as {
      options: object;
    };
    await tell({ type: 'catalogue', styles, options, settings: { ...KEPT, options: { style: 's12' } } });
    await at('.tile').nth(12).waitFor();
    const seen = (css: string) =>
      run(`(() => {
        const element = document.querySelector('${css}');
        const { top, bottom } = element.getBoundingClientRect();
        const limits = (element.closest('.gallery') ?? element.closest('main')).getBoundingClientRect();
        return top >= limits.top && bottom <= limits.bottom + 1;
      })()`);
    assert.equal(await seen('.tile:has(:checked) .picture'), true, 'the chosen style');
    assert.equal(await seen('.choice:has([name=target])'), true, 'the last setting');
  });
});
