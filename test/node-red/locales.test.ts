// The texts of all nodes in all languages: whole, alike, and short where the editor shows them small.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FAILURES } from '../../shared/errors.js';
import { repositoryRoot } from './built.js';

const FOLDER = path.join(repositoryRoot(), 'node-red-node/nodes');
const LOCALES = path.join(FOLDER, 'locales');
const LANGUAGES = ['en-US', 'de', 'ja', 'zh-CN'];
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.html'))
  .map((name) => name.slice(0, -'.html'.length));

type Texts = { [key: string]: string | Texts };

describe('the texts of the nodes', () => {
  it('are there in four languages for each node', () => {
    assert.equal(NAMES.length, 4);
    assert.deepEqual(readdirSync(LOCALES).sort(), [...LANGUAGES].sort());
    const files = NAMES.flatMap((name) => [`${name}.html`, `${name}.json`]).sort();
    for (const language of LANGUAGES)
      assert.deepEqual(readdirSync(path.join(LOCALES, language)).sort(), files, language);
  });

  for (const name of NAMES)
    for (const language of LANGUAGES)
      describe(`${name} in ${language}`, () => {
        const english = textsOf('en-US', name);
        const texts = textsOf(language, name);

        it('says all that it says in English, with the same values', () => {
          assert.deepEqual([...texts.keys()].sort(), [...english.keys()].sort());
          for (const [key, text] of texts) {
            assert.deepEqual(valuesIn(text), valuesIn(english.get(key) ?? ''), key);
            assert.equal(text.trim(), text, key);
            assert.notEqual(text, '', key);
            // Node-RED puts values in between underscores; what its library usually takes would stand there as it is.
            assert.doesNotMatch(text, /[{}]{2}/, key);
          }
        });

        it('has each text that the form names', () => {
          const keys = keysIn(readFileSync(path.join(FOLDER, `${name}.html`), 'utf8'), name);
          assert.ok(keys.length > 5);
          for (const key of keys) assert.ok(texts.has(key), key);
        });

        it('has states that fit under a node', () => {
          for (const [key, text] of texts)
            if (key.startsWith(`${name}.status.`)) assert.ok(widthOf(text) < 24, `${key}: ${text}`);
        });

        it('has help that begins with a short sentence, the tooltip of the palette', () => {
          const help = readFileSync(path.join(LOCALES, language, `${name}.html`), 'utf8');
          const [first, tooltip, blank] = help.split('\n');
          assert.equal(first, `<script type="text/markdown" data-help-name="${name}">`);
          assert.equal(blank, '');
          assert.match(tooltip, /[.。]$/);
          assert.doesNotMatch(tooltip, /[#*`[\]]/);
          assert.ok(widthOf(tooltip) <= 170, `${widthOf(tooltip)}: ${tooltip}`);
          assert.match(help, /\n<\/script>\n$/);
        });

        it('has help with the same parts and names as in English', () => {
          const [own, other] = [language, 'en-US'].map((each) =>
            readFileSync(path.join(LOCALES, each, `${name}.html`), 'utf8'),
          );
          const parts = (help: string) => help.match(/^### /gm)?.length;
          const items = (help: string) => help.match(/^: \*?\w+/gm);
          const codes = (help: string) =>
            Object.keys(FAILURES).filter((code) => help.includes(`\`${code}\``));
          assert.equal(parts(own), parts(other));
          assert.deepEqual(items(own), items(other));
          assert.deepEqual(codes(own), codes(other));
        });
      });
});

function textsOf(language: string, name: string): Map<string, string> {
  return flatten(JSON.parse(readFileSync(path.join(LOCALES, language, `${name}.json`), 'utf8')) as Texts);
}

function flatten(texts: Texts, before = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' ? [[before + key, value]] : [...flatten(value, `${before}${key}.`)],
    ),
  );
}

/** What is put into a text when it is shown. */
const valuesIn = (text: string): string[] => [...(text.match(/__\w+?__/g) ?? [])].sort();

/** In the template as `data-i18n`, in the script as `_('…')`; without those that are put together. */
function keysIn(html: string, name: string): string[] {
  const found = html.matchAll(
    new RegExp(`(?:data-i18n="(?:\\[\\w+\\])?|_\\(['\`])(${name}\\.[\\w.-]*\\w)["'\`]`, 'g'),
  );
  return [...new Set([...found].map(([, key]) => key))];
}

/** In columns: a Chinese or Japanese character takes two. Values count as two digits. */
const widthOf = (text: string): number =>
  [...text.replace(/__\w+?__/g, '88')].reduce(
    (width, character) => width + (/[\u2e80-\uffef]/.test(character) ? 2 : 1),
    0,
  );
