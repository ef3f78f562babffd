// The form of nigaoe-engine in the editor of a real Node-RED, and its texts in all languages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM, inChromium, openChromium } from '../fixtures/chromium.js';
import { isAlive } from '../isolated/photo.js';
import { repositoryRoot } from './built.js';
import { registeredForm } from './engine-form-script.js';
import { type RealNodeRed, startNodeRed } from './fixtures/real-node-red.js';
import { UserFolder } from './fixtures/user-folder.js';
import { until } from './helper.js';

const NODES = path.join(repositoryRoot(), 'node-red-node/nodes');

describe(inChromium('the form of nigaoe-engine'), () => {
  const user = UserFolder.inSuite();
  let browser: Browser;
  let red: RealNodeRed | undefined;
  let page: Page;
  let faults: string[];
  before(async function () {
    if (CHROMIUM === undefined) this.skip();
    browser = await openChromium();
  });
  after(() => browser?.close());
  afterEach(async () => {
    await page?.close();
    await red?.stop();
  });

  /** Opens the editor, and in it the form of the one engine there is. */
  async function openForm(properties: object = {}): Promise<void> {
    const flow = [
      { id: 'tab', type: 'tab', label: 'Flow' },
      { id: 'engine', type: 'nigaoe-engine', mode: 'own', home: user.home, ...properties },
    ];
    red = await startNodeRed(user.folder, ['nigaoe-engine'], flow);
    page = await browser.newPage({ locale: 'en-US' });
    faults = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(red.url);
    await page.waitForFunction("window.RED?.nodes?.node('engine') && RED.actions.get('core:show-info-tab')");
    await page.waitForFunction("document.querySelector('.red-ui-palette-node') !== null");
    await page.evaluate("RED.editor.editConfig('', 'nigaoe-engine', 'engine')");
    await page.waitForSelector('#nigaoe-engine-test', { state: 'visible' });
  }

  async function test(): Promise<string> {
    await page.click('#nigaoe-engine-test');
    await page.waitForSelector('#nigaoe-engine-test:not([disabled])');
    return page.innerText('#nigaoe-engine-answer');
  }

  it('says how to install the core, and that it answers once it is there', async () => {
    await openForm();
    const missing = await test();
    assert.match(missing, /^The core that draws is not installed\./);
    assert.ok(missing.includes(`cd ${user.folder} && npm install @nigaoe/nigaoe`), missing);
    await user.install('stand-in');
    assert.equal(
      await test(),
      'nigaoe 9.9.9 answers. Styles that are ready: 1. It can draw on: cpu.',
      red?.said(),
    );
    assert.deepEqual(faults, []);
  });

  it('shows what belongs to the choice, and names what is wrong with another computer', async () => {
    await openForm();
    assert.ok(await page.isVisible('#node-config-input-home'));
    assert.ok(!(await page.isVisible('#node-config-input-url')));
    await page.selectOption('#node-config-input-mode', 'remote');
    assert.ok(!(await page.isVisible('#node-config-input-home')));
    await page.fill('#node-config-input-url', 'http://localhost:1');
    assert.match(await test(), /^Nothing answers at this address\./);
    assert.deepEqual(faults, []);
  });

  it('keeps a token out of the flow, and deploys what was entered', async () => {
    await user.install('stand-in');
    await openForm();
    await page.selectOption('#node-config-input-mode', 'remote');
    await page.fill('#node-config-input-url', 'http://localhost:1');
    await page.fill('#node-config-input-token', 'nigaoe_secret');
    await page.click('#node-config-dialog-ok');
    await page.waitForSelector('#nigaoe-engine-test', { state: 'detached' });
    await page.click('#red-ui-header-button-deploy');
    // Nothing uses the engine yet: the editor asks whether that is meant.
    const confirm = page.locator('.red-ui-notification button.primary');
    await confirm.click({ timeout: 3000 }).catch(() => undefined);
    const flows = () => readFileSync(path.join(user.folder, 'flows.json'), 'utf8');
    await until('the deploy', () => flows().includes('http://localhost:1'));
    assert.doesNotMatch(flows(), /nigaoe_secret/);
    await until('the end of the own bridge', () => user.starts().every(({ pid }) => !isAlive(pid)));
    assert.deepEqual(faults, []);
  });

  it('has an engine that stops with Node-RED', async () => {
    await user.install('stand-in');
    await openForm();
    await until('a start', () => user.starts().length === 1);
    await red?.stop();
    assert.ok(!isAlive(user.starts()[0].pid));
  });
});

describe('the form of nigaoe-engine without an editor', () => {
  it('takes a web address or an environment variable for another computer', () => {
    const { url } = registeredForm('nigaoe-engine').defaults;
    const isGood = (address: string) => url.validate.call({ mode: 'remote' }, address);
    for (const good of ['http://kitchen:8826', 'https://kitchen', '${NIGAOE_URL}'])
      assert.ok(isGood(good), good);
    for (const wrong of ['', 'kitchen', 'ftp://kitchen', '${}', '${NIGAOE', 'x${NIGAOE_URL}'])
      assert.ok(!isGood(wrong), wrong);
    assert.ok(url.validate.call({ mode: 'own' }, ''));
  });

  it('has a name that is translated', () => {
    const { paletteLabel } = registeredForm('nigaoe-engine');
    assert.equal(paletteLabel?.call({ _: (key) => `<${key}>` }), '<nigaoe-engine.title>');
  });
});

describe('the texts of nigaoe-engine', () => {
  const read = (name: string) => readFileSync(path.join(NODES, name), 'utf8');
  const textsIn = (language: string) =>
    flatten(JSON.parse(read(`locales/${language}/nigaoe-engine.json`)) as Texts);
  const english = textsIn('en-US');

  it('hold all that the form asks for', () => {
    for (const [, key] of read('nigaoe-engine.html').matchAll(/["'\]](nigaoe-engine\.[\w.-]+\w)["']/g))
      if (!key.endsWith('.svg')) assert.ok(english.has(key), key);
  });

  for (const language of ['de', 'ja', 'zh-CN'])
    it(`are whole in ${language}`, () => {
      const texts = textsIn(language);
      assert.deepEqual([...texts.keys()], [...english.keys()]);
      for (const [key, text] of english)
        assert.deepEqual(
          texts
            .get(key)
            ?.match(/__\w+?__/g)
            ?.sort(),
          text.match(/__\w+?__/g)?.sort(),
          key,
        );
      const help = read(`locales/${language}/nigaoe-engine.html`);
      assert.match(help, /^<script type="text\/markdown" data-help-name="nigaoe-engine">\n\S/);
    });
});

interface Texts {
  [key: string]: string | Texts;
}

function flatten(texts: Texts, prefix = ''): Map<string, string> {
  const entries = Object.entries(texts).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : [...flatten(value, `${prefix}${key}.`)],
  );
  return new Map(entries);
}
