// What nigaoe-publish says in the editor: statuses as Node-RED itself translates them, and help that its reader can read.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeAPI, NodeStatus } from 'node-red';
import { lookOfNews, lookOfSuccess } from '../../node-red-node/publish/status.js';
import { repositoryRoot } from './built.js';
import { NodeRedWorld, until } from './helper.js';
import { flowOf, jpeg, MQTT_FILES, PublishWorld, publishNode } from './publish-world.js';

const LOCALES = path.join(repositoryRoot(), 'node-red-node/nodes/locales');
const LANGUAGES = ['en-US', 'de', 'ja', 'zh-CN'];

/** Of `@node-red/util`. */
interface Texts {
  init(settings: { lang: string }): void;
  registerMessageCatalog(namespace: string, folder: string, file: string): Promise<void>;
  _(key: string, values: object): string;
  i: { changeLanguage(language: string): Promise<unknown>; language: string };
}
const { i18n } = createRequire(import.meta.url)('@node-red/util') as { i18n: Texts };

/** Texts of the node as `RED._` gives them. */
async function redTexts(language: string): Promise<(key: string, values?: object) => string> {
  i18n.init({ lang: 'en-US' });
  await i18n.registerMessageCatalog('publish-words', LOCALES, 'nigaoe-publish.json');
  await i18n.i.changeLanguage(language);
  return (key, values = {}) => i18n._(`publish-words:${key}`, values);
}

describe('the words of nigaoe-publish', () => {
  const red = NodeRedWorld.inSuite();
  const folder = mkdtempSync(path.join(tmpdir(), 'nigaoe-words-'));
  let language: string;
  before(() => {
    language = i18n.i.language;
  });
  after(async () => {
    if (language !== undefined) await i18n.i.changeLanguage(language);
    rmSync(folder, { recursive: true, force: true });
  });

  it('stand under a node with their values in them', async () => {
    const translate = await redTexts('en-US');
    const adjust = (RED: NodeAPI) => Object.assign(RED, { _: translate });
    const world = await PublishWorld.load(red, [publishNode({ target: 'file', folder })], { adjust });
    await world.publish({ payload: jpeg() });
    await until('a time', () => /^published \d\d:\d\d:\d\d$/.test(world.statuses.at(-1)?.text ?? ''));
  });

  for (const each of LANGUAGES)
    it(`fit under a node in ${each}, filled in`, async () => {
      const texts = await redTexts(each);
      const translate = (key: string, values?: object) => texts(`nigaoe-publish.status.${key}`, values);
      const looks = [
        lookOfNews({ state: 'away', waiting: true, skipped: 1234 }, translate),
        lookOfSuccess(new Date(2026, 0, 2, 23, 59, 58).toISOString(), translate),
      ];
      assert.match(looks[0].text ?? '', /-1234/);
      assert.match(looks[1].text ?? '', /23:59:58/);
      for (const { text = '' } of looks) assert.ok(widthOf(text) < 20, `${text}: ${widthOf(text)}`);
      const { status } = (
        JSON.parse(readFileSync(path.join(LOCALES, each, 'nigaoe-publish.json'), 'utf8')) as Record<
          string,
          { status: { error: Record<string, string> } }
        >
      )['nigaoe-publish'];
      for (const text of Object.values(status.error)) assert.ok(widthOf(text) < 20, text);
    });

  for (const target of ['file', 'webhook'] as const)
    it(`begin anew with a deployment: ${target}`, async () => {
      const shown: { id: string; status: NodeStatus }[] = [];
      const adjust = (RED: NodeAPI) =>
        RED.events.on('node-status', (one: { id: string; status: NodeStatus }) => shown.push(one));
      const node = publishNode({ target, folder, url: 'http://127.0.0.1:1' });
      const credentials = { publish: { webhook: 'hook' } };
      await red.load(['nigaoe-publish', ...MQTT_FILES], flowOf(node), { adjust, credentials });
      assert.deepEqual(shown.at(-1)?.status, {});
    });

  for (const each of LANGUAGES)
    it(`help in ${each} has lists that the editor takes for lists`, () => {
      const help = readFileSync(path.join(LOCALES, each, 'nigaoe-publish.html'), 'utf8');
      const items = help.split('\n').filter((line) => line.startsWith(':'));
      assert.ok(items.length >= 4);
      // As the editor's markdown finds a line of a definition list: nothing after the second colon but text.
      for (const item of items) assert.match(item, /^(?::[^:\n]+:[^:\n]*(?:\n|$))+/, item);
    });
});

/** In columns: a Chinese or Japanese character takes two. */
const widthOf = (text: string): number =>
  [...text].reduce((width, character) => width + (/[\u2e80-\uffef]/.test(character) ? 2 : 1), 0);
