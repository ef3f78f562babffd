// The help of all nodes in all languages, as the editor turns it into a page.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './built.js';

const LOCALES = path.join(repositoryRoot(), 'node-red-node/nodes/locales');

/** What the editor takes for a list of properties; a line that is none of it ends the list in the middle. */
const LIST = /^(?::[^:\n]+:[^:\n]*(?:\n|$))+/;

/** All files of all languages with this ending, as `de/nigaoe-engine.html` and text. */
const files = (ending: string): [string, string][] =>
  readdirSync(LOCALES).flatMap((language) =>
    readdirSync(path.join(LOCALES, language))
      .filter((name) => name.endsWith(ending))
      .map((name): [string, string] => [
        `${language}/${name}`,
        readFileSync(path.join(LOCALES, language, name), 'utf8'),
      ]),
  );

describe('the help of the nodes', () => {
  for (const [name, text] of files('.html'))
    it(`has lists that the editor shows whole, in ${name}`, () => {
      for (const [list] of text.matchAll(/(?:^: .*\n)+/gm))
        assert.equal(LIST.exec(list)?.[0], list, 'a third colon ends a list');
    });
});

describe('the texts of the nodes', () => {
  for (const [name, text] of files('.json'))
    it(`take values as Node-RED puts them in, in ${name}`, () => {
      assert.doesNotMatch(text, /\{\{/);
    });
});
