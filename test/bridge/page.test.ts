// The bridge's page as its user meets it, in a real browser against a real bridge.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import type { JobStatus } from '../../shared/bridge/protocol.js';
import { type Bridge, type BridgeOptions, openBridge } from '../../shared/bridge/server.js';
import { TokenList } from '../../shared/bridge/tokens/list.js';
import { importModel } from '../../shared/models/imports/import-model.js';
import { writeOnnx } from '../../shared/models/onnx/file.js';
import { openStore } from '../../shared/models/store/store.js';
import { CHROMIUM, inChromium, openChromium } from '../fixtures/chromium.js';
import { samplePath } from '../fixtures/photos.js';
import { tinyGan } from '../fixtures/tiny-gan.js';
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

  const start = async (port = 0, options: Partial<BridgeOptions> = {}) => {
    pageKey = randomBytes(16).toString('base64url');
    bridge = await openBridge({
      port,
      pageKey,
      stylizer: { store: { home, offline: true } },
      devices: async () => [
        { device: 'cpu', works: true },
        { device: 'cuda', works: false, reason: 'No card.' },
      ],
      ...options,
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
  const cancel = async () => {
    await page.locator('#stage-text', { hasText: 'Drawing' }).waitFor();
    await page.click('#cancel');
    await page.locator('#progress').waitFor({ state: 'hidden' });
  };
  const pairByCode = async () => {
    await page.fill('#pair-code', bridge.pairing.current().code);
    await page.keyboard.press('Enter');
    await page.locator('#pairing').waitFor({ state: 'hidden' });
  };
  /** The drawing on the page: its file's name, and what the page shows of it. */
  const onPage = async () => [
    await page.locator('#download').getAttribute('download'),
    await page.locator('#download').isVisible(),
    await page.locator('#canvas').getAttribute('data-state'),
    await page.locator('#facts').textContent(),
  ];

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

    it('by a token, also where codes would do', async () => {
      const { token } = await new TokenList(home).add('by hand');
      await page.goto(address());
      await page.fill('#pair-code', ` ${token}`);
      await page.keyboard.press('Enter');
      await studio().waitFor();
    });

    it('by a token alone where the bridge trades no codes, and asks for it by that name', async () => {
      const { port } = bridge;
      await bridge.close();
      const token = `nigaoe_${randomBytes(32).toString('base64url')}`;
      await start(port, { token, pageKey: undefined });
      await page.goto(address());
      await page.locator('#pairing').getByText('pairs nobody by code').waitFor();
      assert.doesNotMatch((await page.locator('#pairing').textContent()) ?? '', /six digits/);
      await page.getByLabel('Token').fill(`${token}x`);
      await page.keyboard.press('Enter');
      await page.locator('#pair-error').getByText('does not know this token').waitFor();
      assert.equal(await studio().isVisible(), false);
      await page.getByLabel('Token').fill(token);
      await page.keyboard.press('Enter');
      await studio().waitFor();
      await page.reload();
      await studio().waitFor();
    });

    it('by a bridge that does not say whether it trades codes', async () => {
      await page.route('**/health', async (route) => {
        const { pairing: _, ...older } = await (await route.fetch()).json();
        await route.fulfill({ json: older });
      });
      await page.goto(address());
      await pairByCode();
      await studio().waitFor();
    });

    it('under a name that tells browsers and pages apart', async () => {
      await page.goto(address());
      await pairByCode();
      const [{ name }] = await new TokenList(home).all();
      assert.match(name, /^page in Chrom(e|ium) on Linux \S+ at \d\d:\d\d:\d\d$/);
      const userAgent = 'Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0';
      page = await (await browser.newContext({ userAgent })).newPage();
      await page.goto(address());
      await pairByCode();
      await page.context().close();
      assert.match((await new TokenList(home).all())[1].name, /^page in Edge on /);
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

  describe('keeps a drawing', () => {
    const outcome = (words: string) => page.locator('#outcome').filter({ hasText: words }).waitFor();
    beforeEach(async () => {
      await openPaired();
      await choose(await drawnPhoto({ width: 640, height: 480 }), 'first.jpg');
      await drawn();
      await page.locator('#progress').waitFor({ state: 'hidden' });
    });

    it('that another photo was to follow, when that is cancelled', async () => {
      const before = await onPage();
      await choose(await drawnPhoto(LARGE), 'second.jpg');
      await cancel();
      await outcome('Cancelled; this is the drawing from before. Draw tries “second.jpg” again.');
      assert.deepEqual(await onPage(), before);
      assert.equal(before[0], 'first-ink.jpg');
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
      assert.equal((await sharp(await readFile(await download.path())).metadata()).width, 640);
      await page.click('#draw');
      await page.locator('#download[download="second-ink.jpg"]').waitFor();
      assert.equal(await page.locator('#outcome').isVisible(), false);
    });

    it('when the next one fails', async () => {
      const before = await onPage();
      await choose(Buffer.from('no picture at all'), 'notes.jpg');
      await outcome('Nothing new was drawn; this is the drawing from before. Draw tries “notes.jpg” again.');
      await alertBox().getByText('notes.jpg').waitFor();
      assert.deepEqual(await onPage(), before);
      await page.getByRole('button', { name: 'Another photo' }).click();
      assert.equal(await page.locator('#outcome').isVisible(), false);
    });

    it('in sight while its photo is drawn anew', async () => {
      await choose(await drawnPhoto(LARGE), 'large.jpg');
      await page.locator('#download[download="large-ink.jpg"]').waitFor();
      await page.click('#draw');
      await page.locator('#stage-text', { hasText: 'Drawing' }).waitFor();
      const during = await onPage();
      assert.deepEqual(during.slice(0, 3), ['large-ink.jpg', true, 'compare']);
      await cancel();
      await outcome('Cancelled; this is the drawing from before.');
      assert.deepEqual(await onPage(), during);
    });

    it('and its photo while the page is connected anew, and says so', async () => {
      const before = await onPage();
      const { port } = bridge;
      await bridge.close();
      await alertBox().getByText('does not answer').waitFor();
      assert.match((await alertBox().textContent()) ?? '', /asks for the code.*stays/);
      assert.doesNotMatch((await alertBox().textContent()) ?? '', /by itself/);
      await start(port);
      await page.locator('#pairing').waitFor();
      assert.deepEqual(await onPage(), before);
      const form = (await page.locator('#pairing').boundingBox())!;
      assert.ok(form.y + form.height <= (await page.locator('#canvas').boundingBox())!.y);
      await page.click('#draw');
      await alertBox().getByText('this page is not connected').waitFor();
      await page.locator('#pair-code').focus();
      await pairByCode();
      assert.deepEqual(await onPage(), before);
      await page.click('#draw');
      await page.locator('#progress').waitFor({ state: 'visible' });
      await page.locator('#progress').waitFor({ state: 'hidden' });
      assert.equal(await alertBox().isVisible(), false);
    });
  });

  it('offers a style that was pulled while it was open, as soon as it is looked at again', async () => {
    await openPaired();
    await page.click('#more summary');
    await page.fill('#option-maxSide', '900');
    await page.locator('#option-scope').getByText('faces').click();
    await page.locator('#option-background').getByText('Ink').click();
    await page.locator('#option-maxSide').focus();
    await addStyle(home, 'mine');
    // As when the window comes to the front after a while in a terminal.
    await page.evaluate('setTimeout(() => dispatchEvent(new Event("focus")), 1100)');
    await page.locator('#styles input[value=mine]').waitFor({ state: 'attached' });
    await page
      .locator('#option-background input[value=mine], #option-background option[value=mine]')
      .waitFor({ state: 'attached' });
    assert.equal(await page.locator('#styles input:checked').inputValue(), 'ink');
    const background = page.locator('#option-background input:checked, select#option-background');
    assert.equal(await background.inputValue(), 'ink');
    assert.equal(await page.inputValue('#option-maxSide'), '900');
    assert.equal(await page.evaluate('document.activeElement.id'), 'option-maxSide');
  });

  it('speaks of shares and choices as it shows them', async () => {
    await openPaired();
    await page.click('#more summary');
    const help = (name: string) => page.locator(`#option-${name}-help`).textContent();
    assert.equal(await help('strength'), 'Mix with the original: 0 % is the photo, 100 % the drawing');
    assert.match((await help('minScore')) ?? '', /; 0 %: the detector/);
    for (const name of ['scope', 'noFace', 'detector', 'landmarker', 'format'])
      assert.doesNotMatch((await help(name)) ?? '', /\b(photo:|error|skip|embedded|same)\b|models list/);
    await page.locator('#option-scope').getByText('faces').click();
    await choose(await drawnPhoto());
    await alertBox().getByText('“What to draw: Photo”').waitFor();
    assert.match((await alertBox().textContent()) ?? '', /“Without a face: Draw the whole photo”/);
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
    assert.match((await alertBox().textContent()) ?? '', /does not answer.*@nigaoe\/nigaoe serve.*by itself/);
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
    await page.locator('#progress').waitFor({ state: 'hidden' });
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

/** Puts a style into a store, as `nigaoe models import` does in a terminal. */
async function addStyle(home: string, id: string): Promise<void> {
  const file = path.join(home, 'gan.onnx');
  await writeFile(
    file,
    writeOnnx(tinyGan({ io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] }, kind: 'random' })),
  );
  await importModel(file, { id, licence: 'MIT', store: openStore({ home }) });
}

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
