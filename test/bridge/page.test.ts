// What is drawn on the bridge's page, and how it is used.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { JobStatus } from '../../shared/bridge/protocol.js';
import { CHROMIUM, inChromium } from '../fixtures/chromium.js';
import { samplePath } from '../fixtures/photos.js';
import { drawnPhoto } from '../isolated/photo.js';

import {
  addStyle,
  alertBox,
  bridge,
  cancel,
  choose,
  drawn,
  drop,
  home,
  onPage,
  openPaired,
  page,
  pairByCode,
  start,
  studio,
  usePage,
} from './page-world.js';

/** Drawn in seconds: long enough to be met. */
const LARGE = { width: 3000, height: 2000 };

describe(inChromium('the page of the bridge'), () => {
  if (CHROMIUM === undefined) return void it.skip('is tried in a real browser');
  usePage();

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
