// The form of nigaoe-stylize without an engine: its own list of options, its texts in all languages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { FAILURES } from '../../shared/errors.js';
import { BRIDGE_OPTION_NAMES, BRIDGE_OPTIONS } from '../../shared/options.js';
import { repositoryRoot } from './built.js';
import { registeredForm } from './engine-form-script.js';

const NODES = path.join(repositoryRoot(), 'node-red-node/nodes');
const LANGUAGES = ['en-US', 'de', 'ja', 'zh-CN'];

interface Row {
  name: string;
  help?: string;
  unit?: string;
}
interface Texts {
  [key: string]: string | Texts;
}

describe('the form of nigaoe-stylize', () => {
  const html = readFileSync(path.join(NODES, 'nigaoe-stylize.html'), 'utf8');

  it('knows the options of this version without an engine', () => {
    const table = /const TABLE = (\[[^;]*\]);/.exec(html)?.[1] ?? '';
    const rows = BRIDGE_OPTION_NAMES.map((name): Row => ({ name, ...BRIDGE_OPTIONS[name] }));
    const bare = rows.map(({ help: _, unit: __, ...row }) => row);
    assert.deepEqual(JSON.parse(JSON.stringify(vm.runInNewContext(table))), JSON.parse(JSON.stringify(bare)));
  });

  it('checks how many may wait by the policy that is chosen, saved or not', () => {
    const isGood = (most: unknown, saved: string, chosen?: string) => {
      const fields: Record<string, string> = chosen === undefined ? {} : { '#node-input-policy': chosen };
      const { validate } = registeredForm('nigaoe-stylize', fields).defaults.most;
      return validate.call({ policy: saved }, most);
    };
    for (const most of ['', 'many', '0', '-1', '1.5']) {
      assert.ok(!isGood(most, 'queue'), most);
      assert.ok(!isGood(most, 'newest', 'queue'), most);
      assert.ok(isGood(most, 'queue', 'newest'), most);
      assert.ok(isGood(most, 'drop'), most);
    }
    for (const most of [1, '10']) assert.ok(isGood(most, 'drop', 'queue'));
  });

  it('registers with literals that catalogues can read', () => {
    for (const literal of [
      "category: 'nigaoe'",
      "color: '#D8BFD8'",
      "icon: 'nigaoe-stylize.svg'",
      'inputs: 1',
      'outputs: 2',
    ])
      assert.ok(html.includes(literal), literal);
  });
});

for (const language of LANGUAGES)
  describe(`the texts of nigaoe-stylize in ${language}`, () => {
    const folder = path.join(NODES, 'locales', language);
    const texts = flatten(
      JSON.parse(readFileSync(path.join(folder, 'nigaoe-stylize.json'), 'utf8')) as Texts,
    );
    const keyOf = (part: string) => `nigaoe-stylize.${part}`;

    it('name each option and tell what it does', () => {
      for (const name of BRIDGE_OPTION_NAMES)
        for (const part of ['option', 'tip'])
          assert.ok(texts.get(keyOf(`${part}.${name}`)), `${part}.${name}`);
    });

    it('keep the status below 20 characters, with the largest values', () => {
      const most: Record<string, string> = {
        percent: '100',
        waiting: '999',
        position: '99',
        seconds: '3600',
        skipped: '999',
      };
      for (const [key, text] of texts) {
        if (!key.startsWith(keyOf('status.'))) continue;
        const shown = text.replace(/__(\w+?)__/g, (_, name: string) => most[name]);
        assert.ok(shown.length < 20, `${key}: ${shown}`);
      }
    });

    it('hold all that the form asks for', () => {
      const html = readFileSync(path.join(NODES, 'nigaoe-stylize.html'), 'utf8');
      const asked = [...html.matchAll(/(?:data-i18n="(?:\[\w+\])?|_\(')(nigaoe-stylize\.[\w.]*\w)["']/g)];
      assert.ok(asked.length > 15);
      for (const [, key] of asked) assert.ok(texts.has(key), key);
    });

    it('are the same ones as in English', () => {
      const english = JSON.parse(
        readFileSync(path.join(NODES, 'locales/en-US/nigaoe-stylize.json'), 'utf8'),
      ) as Texts;
      assert.deepEqual([...texts.keys()], [...flatten(english).keys()]);
    });

    it('are short enough for the status', () => {
      for (const [key, text] of texts)
        if (key.startsWith(keyOf('status.'))) assert.ok(text.replace(/__\w+__/g, '88').length < 20, text);
    });

    it('have help that names each code of errors rightly', () => {
      const help = readFileSync(path.join(folder, 'nigaoe-stylize.html'), 'utf8');
      assert.match(help, /^<script type="text\/markdown" data-help-name="nigaoe-stylize">\n\S/);
      assert.equal(help.match(/^### /gm)?.length, 4);
      const codes = /`msg\.error\.code`(.*)/.exec(help)?.[1].match(/`[a-z-]+`/g) ?? [];
      assert.ok(codes.length >= 7);
      for (const code of codes) assert.ok(Object.hasOwn(FAILURES, code.slice(1, -1)), code);
    });
  });

function flatten(texts: Texts, before = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[before + key, value]] : [...flatten(value, `${before}${key}.`)],
    ),
  );
}
