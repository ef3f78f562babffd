// The documents: what they link to is there, also in the packages that carry them.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { findRoot } from './architecture/tree.js';

const LINK = /!?\[[^\]]*\]\(([^)\s]+)\)|<img src="([^"]+)"/g;

describe('the documents', () => {
  const root = findRoot();
  const pages = [
    ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'node-red-node/README.md'],
    ...readdirSync(path.join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];

  for (const page of pages)
    it(`link only to what is there: ${page}`, () => {
      const text = readFileSync(path.join(root, page), 'utf8');
      const targets = [...text.matchAll(LINK)].map(([, link, image]) => link ?? image);
      const local = targets.filter((target) => !/^(https?:|#|mailto:)/.test(target));
      const missing = local.filter(
        (target) => !existsSync(path.join(root, path.dirname(page), target.split('#')[0])),
      );
      assert.deepEqual(missing, []);
    });
});
