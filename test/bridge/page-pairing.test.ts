// How the bridge's page is connected, and what it says when it no longer is.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { TokenList } from '../../shared/bridge/tokens/list.js';
import { CHROMIUM, inChromium } from '../fixtures/chromium.js';
import { drawnPhoto } from '../isolated/photo.js';

import {
  address,
  alertBox,
  bridge,
  choose,
  context,
  drawn,
  home,
  openAs,
  openPaired,
  page,
  pageKey,
  pairByCode,
  start,
  studio,
  usePage,
} from './page-world.js';

describe(inChromium('the page of the bridge, connecting'), () => {
  if (CHROMIUM === undefined) return void it.skip('is tried in a real browser');
  usePage();

  describe('is paired', () => {
    it('by the key in its address, which works once and is taken out', async () => {
      await openPaired();
      assert.equal(page.url(), address());
      // The code is asked for once the page is there.
      await page.locator('#code').filter({ hasText: /\d/ }).waitFor();
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
      await openAs(userAgent);
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
});
