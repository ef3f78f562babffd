// The bridge's page as its user meets it, in a real browser against a real bridge.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import type { JobStatus } from '../../shared/bridge/protocol.js';
import { type Bridge, openBridge } from '../../shared/bridge/server.js';
import { CHROMIUM, inChromium, openChromium } from '../fixtures/chromium.js';
import { samplePath } from '../fixtures/photos.js';
import { drawnPhoto } from '../isolated/photo.js';

/** Drawn in seconds: long enough to be met. */
const LARGE = { width: 3000, height: 2000 };

describe(inChromium('the page of the bridge'), () => {
  if (CHROMIUM === undefined) return void it.skip('is tried in a real browser');

  let browser: Browser;
  let home: string;
  let bridge: Bridge;
  let pageKey: string;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complained about: refused by the page's policy, scripts that failed. */
  let complaints: string[];

  const start = async (port = 0) => {
    pageKey = randomBytes(16).toString('base64url');
    bridge = await openBridge({
      port,
      pageKey,
      stylizer: { store: { home, offline: true } },
      devices: async () => [
        { device: 'cpu', works: true },
        { device: 'cuda', works: false, reason: 'No card.' },
      ],
    });
  };
  const address = () => `http://localhost:${bridge.port}/`;

  before(async () => {
    browser = await openChromium();
  });
  after(() => browser.close());
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'nigaoe-page-'));
    await start();
    context = await browser.newContext({ acceptDownloads: true });
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (line) => {
      if (/Content Security Policy|Uncaught/.test(line.text())) complaints.push(line.text());
    });
  });
  afterEach(async () => {
    await context.close();
    await bridge.close();
    await rm(home, { recursive: true, force: true });
    assert.deepEqual(complaints, []);
  });

  const studio = () => page.locator('#studio');
  const alertBox = () => page.locator('#alert');
  const openPaired = async () => {
    await page.goto(`${address()}#key=${pageKey}`);
    await studio().waitFor();
  };
  const choose = async (buffer: Uint8Array, name = 'photo.jpg') =>
    page.setInputFiles('#file', { name, mimeType: 'image/jpeg', buffer: Buffer.from(buffer) });
  const drawn = () => page.locator('#canvas[data-state=compare], #canvas[data-state=single]').waitFor();

  describe('is paired', () => {
    it('by the key in its address, which works once and is taken out', async () => {
      await openPaired();
      assert.equal(page.url(), address());
      const shown = (await page.locator('#code').textContent())?.replace(' ', '');
      assert.equal(shown, bridge.pairing.current().code);
      assert.match((await page.locator('#code-left').textContent()) ?? '', /^[0-3]:\d\d left/);
      const second = await context.newPage();
      await second.goto(`${address()}#key=${pageKey}`);
      await second.locator('#pairing').waitFor();
      assert.equal(await second.locator('#studio').isVisible(), false);
    });

    it('by the code, in two groups as people write it, and without showing codes to others', async () => {
      await page.goto(address());
      await page.fill('#pair-code', bridge.pairing.current().code.replace(/^.../, '$& '));
      await page.keyboard.press('Enter');
      await studio().waitFor();
      await page.locator('#devices li').first().waitFor();
      assert.equal(await page.locator('#code-card').isVisible(), false);
    });

    it('not by a wrong code, and says so', async () => {
      await page.goto(address());
      await page.fill('#pair-code', bridge.pairing.current().code === '000000' ? '000001' : '000000');
      await page.getByRole('button', { name: 'Connect' }).click();
      await page.locator('#pair-error:not(:empty)').waitFor();
      assert.match((await page.locator('#pair-error').textContent()) ?? '', /code/);
      assert.equal(await studio().isVisible(), false);
    });

    it('still after it was loaded again', async () => {
      await openPaired();
      await page.reload();
      await studio().waitFor();
    });
  });

  it('shows the next code when one was used', async () => {
    await openPaired();
    const used = bridge.pairing.current().code;
    const body = JSON.stringify({ code: used, name: 'another' });
    const headers = { 'content-type': 'application/json' };
    await fetch(`${address()}pair`, { method: 'POST', headers, body });
    const next = bridge.pairing.current().code.replace(/^.../, '$& ');
    await page.locator('#code', { hasText: next }).waitFor();
  });

  it('shows which devices work, and how to pull the styles that are not there', async () => {
    await openPaired();
    await page.locator('#devices li', { hasText: 'cuda' }).getByText('No card.').waitFor();
    await page.locator('#absent').getByText('nigaoe models pull hayao', { exact: false }).waitFor();
    assert.equal(await page.locator('#styles input').count(), 1);
    assert.equal(await page.locator('#styles input').getAttribute('value'), 'ink');
    await page.locator('#styles .sample').waitFor();
  });

  it('draws a photo that is dropped, compares it with the drawing, and hands it out', async () => {
    await openPaired();
    await drop(page, await drawnPhoto({ width: 640, height: 480 }), 'holiday.jpg');
    await page.locator('#canvas[data-state=compare]').waitFor();
    const slider = page.getByRole('slider', { name: /Compare/ });
    await slider.focus();
    await page.keyboard.press('Home');
    assert.equal(await slider.getAttribute('aria-valuetext'), '0 % photo, 100 % drawing');
    const { x, y, width, height } = (await page.locator('#frame').boundingBox())!;
    await page.mouse.move(x + 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.75, y + height / 2, { steps: 4 });
    await page.mouse.up();
    assert.equal(await slider.inputValue(), '75');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    assert.equal(download.suggestedFilename(), 'holiday-ink.jpg');
    const file = await sharp(await readFile(await download.path())).metadata();
    assert.deepEqual([file.width, file.height, file.format], [640, 480, 'jpeg']);
  });

  it('draws with the options that are set, and again when they change', async () => {
    await openPaired();
    await page.click('#more summary');
    await page.selectOption('#option-format', 'png');
    await choose(await drawnPhoto());
    await drawn();
    assert.match((await page.locator('#download').getAttribute('download')) ?? '', /\.png$/);
    await page.check('#option-sideBySide');
    await page.click('#draw');
    await page.locator('#facts', { hasText: /^192 × 64/ }).waitFor();
    assert.equal(await page.locator('#canvas').getAttribute('data-state'), 'single');
    await page.click('#reset');
    assert.equal(await page.inputValue('#option-format'), 'same');
  });

  it('shows one portrait per face', async () => {
    await openPaired();
    await page.locator('#option-scope').getByText('portrait').click();
    await choose(await sharp(samplePath(3)).resize(640).jpeg().toBuffer(), 'us.jpg');
    const faces = page.getByRole('group', { name: 'Faces' }).getByRole('button');
    await faces.nth(2).waitFor();
    await faces.nth(2).click();
    await page.locator('#download[download="us-ink-3.jpg"]').waitFor();
    assert.equal(await faces.nth(2).getAttribute('aria-pressed'), 'true');
  });

  it('offers ids as choices, and calls things as the Figma plugin does', async () => {
    await openPaired();
    await page.click('#more summary');
    const choices = (label: string) =>
      page.getByLabel(label, { exact: true }).locator('option').allTextContents();
    const segments = (name: string) =>
      page.getByRole('radiogroup', { name }).locator('label').allTextContents();
    assert.deepEqual(await segments('Background'), ['None', 'Ink']);
    assert.deepEqual(await segments('Face detector'), ['Auto', 'Built in']);
    assert.deepEqual(await choices('Without a face'), [
      'Stop and say so',
      'Leave as it is',
      'Draw the whole photo',
    ]);
    assert.equal((await choices('Format'))[0], 'As the photo');
    assert.equal(await page.locator('#settings input[type=text]').count(), 0);
  });

  it('keeps what was set when it is loaded again, until the defaults are wanted back', async () => {
    await openPaired();
    await page.click('#more summary');
    await page.selectOption('#option-format', 'png');
    await page.locator('#option-scope').getByText('faces').click();
    await page.fill('#option-strength', '0.4');
    await page.fill('#option-maxSide', '900');
    await page.uncheck('#option-pad');
    const shown = async () => [
      await page.inputValue('#option-format'),
      await page.locator('#option-scope input:checked').inputValue(),
      await page.inputValue('#option-strength'),
      await page.locator('#main-options output').textContent(),
      await page.inputValue('#option-maxSide'),
      await page.isChecked('#option-pad'),
    ];
    await page.locator('#option-maxSide').blur();
    await page.reload();
    await studio().waitFor();
    assert.deepEqual(await shown(), ['png', 'faces', '0.4', '40 %', '900', false]);
    const defaults = ['same', 'auto', '1', '100 %', '0', true];
    await page.click('#more summary');
    await page.click('#reset');
    assert.deepEqual(await shown(), defaults);
    await page.reload();
    await studio().waitFor();
    assert.deepEqual(await shown(), defaults);
  });

  it('takes no second photo while one is drawn, and says so', async () => {
    await openPaired();
    await choose(await drawnPhoto(LARGE), 'first.jpg');
    await page.locator('#stage-text', { hasText: 'Drawing' }).waitFor();
    await choose(await drawnPhoto(), 'second.jpg');
    await alertBox().getByText('“second.jpg” was not taken: “first.jpg” is being drawn.').waitFor();
    await page.click('#cancel');
    await page.locator('#progress').waitFor({ state: 'hidden' });
  });

  it('cancels a job, and draws the next', async () => {
    await openPaired();
    await choose(await drawnPhoto(LARGE));
    await page.locator('#stage-text', { hasText: 'Drawing' }).waitFor();
    const answer = page.waitForResponse((response) => response.request().method() === 'DELETE');
    await page.click('#cancel');
    assert.equal(((await (await answer).json()) as JobStatus).state, 'cancelled');
    await page.locator('#progress').waitFor({ state: 'hidden' });
    assert.equal(await alertBox().isVisible(), false);
    await choose(await drawnPhoto());
    await drawn();
  });

  it('says what is wrong with a file, and takes its name for text', async () => {
    await openPaired();
    await choose(Buffer.from('no picture at all'), '<img src=x onerror=alert(1)>.jpg');
    await alertBox().waitFor();
    assert.match((await alertBox().textContent()) ?? '', /<img src=x onerror=alert\(1\)>\.jpg/);
    assert.equal(await alertBox().locator('img').count(), 0);
    await page.getByRole('button', { name: 'Another photo' }).click();
    await page.locator('#drop').waitFor();
    assert.equal(await alertBox().isVisible(), false);
  });

  it('says when the bridge was stopped, and goes on when it is back', async () => {
    await page.goto(address());
    await page.fill('#pair-code', bridge.pairing.current().code);
    await page.keyboard.press('Enter');
    await studio().waitFor();
    const { port } = bridge;
    await bridge.close();
    await choose(await drawnPhoto());
    await alertBox().waitFor();
    assert.match((await alertBox().textContent()) ?? '', /does not answer.*@nigaoe\/nigaoe serve/);
    await page.locator('#light[data-state=off]').waitFor();
    await start(port);
    await page.locator('#light[data-state=on]').waitFor();
    assert.equal(await alertBox().isVisible(), false);
    await page.click('#draw');
    await drawn();
  });

  it('says that the bridge is gone to who only looks, wherever the page is scrolled to', async () => {
    await page.setViewportSize({ width: 400, height: 500 });
    await openPaired();
    await page.locator('#devices li').first().waitFor();
    await page.locator('#devices').scrollIntoViewIfNeeded();
    await bridge.close();
    await alertBox().getByText('The bridge does not answer.').waitFor();
    const { y } = (await alertBox().boundingBox())!;
    assert.ok(y >= 0 && y < 500, `at ${y} of 500 px`);
  });

  it('asks for the code again when its token is no longer known', async () => {
    await openPaired();
    const { port } = bridge;
    await bridge.close();
    await start(port);
    await choose(await drawnPhoto());
    await page.locator('#pairing').waitFor();
    await alertBox().getByText('The bridge no longer knows this page.').waitFor();
    assert.doesNotMatch((await alertBox().textContent()) ?? '', /token|POST/);
  });

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await openPaired();
    await choose(await drawnPhoto({ width: 640, height: 480 }));
    await drawn();
    await page.click('#more summary');
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
  });

  it('leads the keyboard to Cancel, then to Download, and back to Draw', async () => {
    await openPaired();
    const focused = () => page.evaluate('document.activeElement.id');
    await choose(await drawnPhoto());
    await drawn();
    await page.locator('#draw').focus();
    await page.keyboard.press('Enter');
    await drawn();
    assert.equal(await focused(), 'download');
    await choose(await drawnPhoto(LARGE));
    await page.locator('#stage-text', { hasText: 'Drawing' }).waitFor();
    assert.equal(await focused(), 'cancel');
    await page.keyboard.press('Enter');
    await page.locator('#progress').waitFor({ state: 'hidden' });
    assert.equal(await focused(), 'draw');
  });

  it('is used with the keyboard alone', async () => {
    await openPaired();
    const seen: string[] = [];
    for (let i = 0; i < 8; i++) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(
          'document.activeElement.name || document.activeElement.id || document.activeElement.tagName',
        ),
      );
    }
    assert.deepEqual(seen.slice(0, 5), ['file', 'style', 'scope', 'strength', 'SUMMARY']);
  });
});

/** Drops a file, as the system's file browser does. */
async function drop(page: Page, file: Uint8Array, name: string): Promise<void> {
  const base64 = Buffer.from(file).toString('base64');
  await page.evaluate(`{
    const bytes = Uint8Array.from(atob('${base64}'), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], '${name}', { type: 'image/jpeg' }));
    for (const type of ['dragover', 'drop'])
      document.getElementById('canvas').dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }`);
}
