// The nodes in the editor of a real Node-RED, in Chromium: dropped, wired, set, deployed, and seen at work.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { CHROMIUM, inChromium, openChromium } from '../fixtures/chromium.js';
import { repositoryRoot } from './built.js';
import { Editor, type EditorLook } from './editor-world.js';
import { FakeCamera } from './fixtures/fake-camera.js';
import { type RealNodeRed, startNodeRed } from './fixtures/real-node-red.js';
import { UserFolder } from './fixtures/user-folder.js';
import { type FlowNode, until } from './helper.js';

const NAMES = ['nigaoe-engine', 'nigaoe-camera', 'nigaoe-stylize', 'nigaoe-publish'];
const NODES = path.join(repositoryRoot(), 'node-red-node/nodes');
const TAB = { id: 'tab', type: 'tab', label: 'Front door' };
/** All four nodes, wired, with an own engine. */
const flow = (home: string): FlowNode[] => [
  TAB,
  { id: 'engine', type: 'nigaoe-engine', mode: 'own', home },
  {
    ...{ id: 'inject', type: 'inject', z: 'tab', x: 120, y: 80, wires: [['camera']] },
    ...{ props: [], repeat: '', crontab: '', once: false },
  },
  {
    ...{ id: 'camera', type: 'nigaoe-camera', z: 'tab', x: 300, y: 80, wires: [['stylize']] },
    ...{
      kind: 'http',
      url: 'http://localhost:1',
      interval: 10,
      timeout: 10,
      retries: 0,
      most: 10,
      motion: 1,
    },
  },
  {
    ...{ id: 'stylize', type: 'nigaoe-stylize', z: 'tab', x: 480, y: 80, wires: [['publish'], []] },
    ...{ engine: 'engine', property: 'payload', options: {}, policy: 'queue', most: 10, pictures: 'first' },
  },
  {
    ...{ id: 'publish', type: 'nigaoe-publish', z: 'tab', x: 660, y: 80, wires: [[]] },
    ...{ target: 'file', folder: 'pictures', property: 'payload', pattern: '{camera}-{date}-{time}' },
    ...{ base: 'nigaoe', prefix: 'homeassistant', timeout: '10', retries: '3', retain: true },
    ...{
      discovery: true,
      slug: '',
      keepCount: '',
      keepDays: '',
      url: '',
      field: 'image',
      broker: '',
      tls: '',
    },
  },
];

// Icon and text stand in one line of about 20 px.
const WRAPPED_LABELS = `[...document.querySelectorAll('.red-ui-tray .form-row > label:first-child')]
  .filter((label) => label.offsetHeight > 30).map((label) => label.innerText)`;

// What a switch is for stands beside it, not below.
const FALLEN_LABELS = `[...document.querySelectorAll('.red-ui-tray .form-row > input[type=checkbox] + label')]
  .filter((label) => label.offsetWidth > 0)
  .filter((label) => label.getBoundingClientRect().left < label.previousElementSibling.getBoundingClientRect().right)
  .map((label) => label.innerText)`;

describe(inChromium('the editor'), () => {
  const user = UserFolder.inSuite();
  let browser: Browser;
  let red: RealNodeRed | undefined;
  let editor: Editor;
  before(async function () {
    if (CHROMIUM === undefined) this.skip();
    browser = await openChromium();
  });
  after(() => browser?.close());
  afterEach(async () => {
    await editor?.close();
    await red?.stop();
    red = undefined;
  });

  async function open(nodes: readonly FlowNode[], look?: EditorLook): Promise<void> {
    await user.install('real');
    red ??= await startNodeRed(user.folder, NAMES, nodes);
    editor = await Editor.open(browser, red.url, look);
  }
  const deployed = () => readFileSync(path.join(user.folder, 'flows.json'), 'utf8');
  const value = (id: string) => editor.page.inputValue(id);

  it('makes a flow from the palette that draws what the camera sees', async () => {
    const auth = { scheme: 'digest', user: 'viewer', password: 'opensesame' } as const;
    const camera = await FakeCamera.open({ auth });
    try {
      await open([TAB]);
      const [inject, eye, brush, post] = await dropChain();
      await editor.edit(eye);
      await editor.page.fill('#node-input-name', 'Front door');
      await editor.page.locator('.red-ui-typedInput-input').first().fill(camera.url());
      await editor.page.fill('#node-input-user', auth.user);
      await editor.page.fill('#node-input-password', auth.password);
      await editor.done();
      await editor.edit(brush);
      await editor.editConfig('engine');
      await editor.page.fill('#node-config-input-home', user.home);
      await editor.done();
      assert.match(await editor.page.innerText('#nigaoe-stylize-note'), /^Deploy once/);
      await editor.done();
      await editor.edit(post);
      await editor.page.selectOption('#node-input-target', 'file');
      await editor.page.fill('#node-input-folder', 'pictures');
      await editor.done();
      await editor.deploy();
      await editor.press(inject);
      await until(
        'the published picture',
        async () => /^published/.test(await editor.statusOf(post)),
        60_000,
      );
      assert.match(await editor.statusOf(eye), /^[\d:]{8} · \d+ kB$/);
      assert.match(await editor.statusOf(brush), /^[\d.,]+ s$/);
      assert.match(await editor.statusOf(post), /^published [\d:]+$/);
      assert.match(readdirSync(path.join(user.folder, 'pictures'))[0], /^front-door-[\d-]+ink\.jpg$/i);
      await editor.page.waitForSelector(`[id="${brush}"] .nigaoe-stylize-preview`);
      for (const text of [deployed(), await editor.export()]) {
        assert.match(text, /Front door/);
        assert.doesNotMatch(text, /opensesame|viewer/);
      }
      assert.deepEqual(editor.faults, []);
    } finally {
      await camera.off();
    }
  });

  async function dropChain(): Promise<string[]> {
    const ids: string[] = [];
    for (const type of ['inject', 'nigaoe-camera', 'nigaoe-stylize', 'nigaoe-publish'])
      ids.push(await editor.drop(type, [120 + 170 * ids.length, 100]));
    for (const [at, id] of ids.slice(1).entries()) await editor.wire(ids[at], id);
    return ids;
  }

  it('shows the fields that belong to each source', async () => {
    await open(flow(user.home));
    await editor.edit('camera');
    const common = ['name', 'kind', 'timeout', 'most', 'skipSame', 'skipStill'];
    const login = ['user', 'password', 'allowUrl'];
    const belong: Record<string, string[]> = {
      http: ['url', 'trigger', 'retries', 'selfSigned', ...login],
      mjpeg: ['url', 'trigger', 'retries', 'selfSigned', ...login],
      rtsp: ['url', 'trigger', 'retries', 'ffmpeg', ...login],
      homeassistant: ['url', 'trigger', 'retries', 'selfSigned', 'entity', 'token'],
      multipart: [],
    };
    for (const [kind, fields] of Object.entries(belong)) {
      await editor.page.selectOption('#node-input-kind', kind);
      assert.deepEqual((await editor.fields()).sort(), [...common, ...fields].sort(), kind);
    }
    await editor.page.check('#node-input-skipStill');
    assert.ok((await editor.fields()).includes('motion'));
    assert.deepEqual(editor.faults, []);
  });

  it('shows the fields that belong to each target', async () => {
    await open(flow(user.home));
    await editor.edit('publish');
    const common = ['name', 'property', 'target'];
    const belong: Record<string, string[]> = {
      mqtt: ['broker', 'slug', 'base', 'retain', 'discovery', 'prefix'],
      webhook: ['url', 'webhook', 'field', 'timeout', 'retries', 'tls'],
      file: ['folder', 'pattern', 'keepCount', 'keepDays'],
    };
    for (const [target, fields] of Object.entries(belong)) {
      await editor.page.selectOption('#node-input-target', target);
      assert.deepEqual((await editor.fields()).sort(), [...common, ...fields].sort(), target);
    }
    await editor.page.selectOption('#node-input-target', 'mqtt');
    await editor.page.uncheck('#node-input-discovery');
    assert.ok(!(await editor.fields()).includes('prefix'));
    assert.deepEqual(editor.faults, []);
  });

  it('lists the styles of the engine, and keeps what was chosen', async () => {
    await open(flow(user.home));
    await editor.edit('stylize');
    await chooseType('style', 'str');
    const style = editor.page.locator('#nigaoe-stylize-option-style + .red-ui-typedInput-container');
    await style.locator('.red-ui-typedInput-option-trigger').click();
    const offers = await editor.page.locator('.red-ui-typedInput-options:visible a').allInnerTexts();
    assert.ok(offers.includes('Ink'), String(offers));
    assert.ok(
      offers.some((offer) => /Hayao.*not downloaded.*non-commercial/.test(offer)),
      String(offers),
    );
    await editor.page.locator('.red-ui-typedInput-options:visible a', { hasText: 'Hayao' }).click();
    await chooseType('strength', 'msg', 'howmuch');
    await editor.page.selectOption('#node-input-policy', 'newest');
    assert.ok(!(await editor.fields()).includes('most'));
    await editor.done();
    await editor.deploy();
    await editor.edit('stylize');
    await until('the styles', async () => /models pull hayao/.test(await editor.tray.innerText()));
    assert.equal(await value('#node-input-policy'), 'newest');
    const options = { style: { type: 'str', value: 'hayao' }, strength: { type: 'msg', value: 'howmuch' } };
    const [node] = (JSON.parse(deployed()) as FlowNode[]).filter(({ id }) => id === 'stylize');
    assert.deepEqual(node.options, options);
    await editor.done();
    await editor.page.waitForSelector('#red-ui-header-button-deploy.disabled');
    assert.deepEqual(editor.faults, []);
  });

  const chooseType = (option: string, ...type: string[]) =>
    editor.page.evaluate(
      `(([type, value]) => $('#nigaoe-stylize-option-${option}').typedInput('type', type).typedInput('value', value))(${JSON.stringify(type)})`,
    );

  it('keeps what was set in each dialog when it opens again, and tokens out of the export', async () => {
    await open(flow(user.home));
    await editor.edit('camera');
    await editor.page.selectOption('#node-input-kind', 'homeassistant');
    await editor.page.fill('#node-input-entity', 'camera.garden');
    await editor.page.fill('#node-input-token', 'long-lived-secret');
    await editor.page.selectOption('#node-input-trigger', 'interval');
    await editor.page.fill('#node-input-interval', '30');
    await editor.done();
    await editor.edit('publish');
    await editor.page.selectOption('#node-input-target', 'webhook');
    await editor.page.fill('#node-input-url', 'http://localhost:1');
    await editor.page.fill('#node-input-webhook', 'webhook-secret');
    await editor.done();
    await editor.edit('stylize');
    await editor.editConfig('engine');
    await editor.page.selectOption('#node-config-input-mode', 'remote');
    await editor.page.fill('#node-config-input-url', 'http://localhost:1');
    await editor.page.fill('#node-config-input-token', 'nigaoe_secret');
    await editor.done();
    await editor.done();
    await editor.deploy();
    for (const text of [deployed(), await editor.export()]) assert.doesNotMatch(text, /secret/);
    await editor.edit('camera');
    assert.equal(await value('#node-input-entity'), 'camera.garden');
    assert.equal(await value('#node-input-interval'), '30');
    // Shown as stars: the editor knows only that there is one.
    assert.equal(await value('#node-input-token'), '__PWRD__');
    await editor.done();
    await editor.edit('publish');
    assert.equal(await value('#node-input-url'), 'http://localhost:1');
    assert.equal(await value('#node-input-webhook'), '__PWRD__');
    await editor.done();
    await editor.page.waitForSelector('#red-ui-header-button-deploy.disabled');
  });

  it('imports a flow that another editor has exported', async () => {
    await open([TAB]);
    await editor.import(flow(user.home).filter(({ type }) => type !== 'tab'));
    await until('the imported nodes', async () => (await editor.ids()).length === 4);
    await editor.deploy();
    assert.match(deployed(), /nigaoe-publish/);
    assert.deepEqual(editor.faults, []);
  });

  it('finds nothing of the nodes among its globals', async () => {
    await open(flow(user.home), { without: /node-red-nigaoe/ });
    const own = await globalsAfter(['inject']);
    await editor.close();
    await open(flow(user.home));
    const all = await globalsAfter(['inject', 'camera', 'stylize', 'publish']);
    assert.deepEqual(
      all.filter((name) => !own.includes(name)),
      [],
    );
    for (const name of declarations().filter((name) => !own.includes(name)))
      assert.equal(await editor.page.evaluate(`typeof ${name}`), 'undefined', name);
  });

  async function globalsAfter(ids: readonly string[]): Promise<string[]> {
    for (const id of ids) {
      await editor.edit(id);
      await editor.done();
    }
    const names = (await editor.page.evaluate('Object.getOwnPropertyNames(window)')) as string[];
    // The frames of the page, jQuery's mark, and a counter that the editor itself forgets now and then.
    return names.filter((name) => !/^(\d+|jQuery\d+|i)$/.test(name));
  }

  for (const locale of ['en-US', 'de', 'ja', 'zh-CN'])
    it(`speaks ${locale} in every dialog, in labels of one line`, async () => {
      await open(flow(user.home), { locale });
      for (const id of ['camera', 'stylize', 'publish']) {
        await editor.edit(id);
        await unfold();
        const shown = await editor.tray.innerText();
        assert.doesNotMatch(shown, /nigaoe-\w+\.\w|undefined|__\w+__|\{\{/);
        if (locale !== 'en-US') assert.doesNotMatch(shown, /Picture in|Publish to|Time limit/);
        assert.deepEqual(await editor.page.evaluate(WRAPPED_LABELS), []);
        assert.deepEqual(await editor.page.evaluate(FALLEN_LABELS), []);
        await editor.done();
      }
      assert.deepEqual(editor.faults, []);
    });

  /** Shows all that a dialog can show. */
  async function unfold(): Promise<void> {
    await editor.page.evaluate("document.querySelector('#nigaoe-stylize-more')?.click()");
    await editor.page.evaluate(
      "$('.nigaoe-camera-kind, .nigaoe-publish-target, #nigaoe-camera-motion').show()",
    );
  }
});

/** What the scripts of the forms declare, outside of functions. */
function declarations(): string[] {
  const scripts = NAMES.map((name) => readFileSync(path.join(NODES, `${name}.html`), 'utf8'));
  return scripts.flatMap((script) =>
    [...script.matchAll(/^ {4}(?:const|let|function) (\w+)/gm)].map(([, name]) => name),
  );
}
