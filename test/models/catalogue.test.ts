// The catalogue: its form, its ids, and finding an entry in it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { NigaoeError } from '../../shared/errors.js';
import { ARCHITECTURES } from '../../shared/models/architectures/recognise.js';
import { CATALOGUE, entriesOfKind, findEntry } from '../../shared/models/catalogue.js';
import { isStyle } from '../../shared/models/entry.js';
import { parseEntry } from '../../shared/models/parse-entry.js';

// From the compiled test, `dist/test/models`, to the sources: the compiler re-indents the copy in dist.
const text = readFileSync(new URL('../../../shared/models/catalogue.json', import.meta.url), 'utf8');
const files = CATALOGUE.flatMap((entry) => entry.files);

describe('catalogue', () => {
  it('is written as JSON.stringify writes it, so that tools can edit it without noise', () => {
    assert.equal(JSON.stringify(JSON.parse(text), null, 2) + '\n', text);
  });

  it('says the same in the build as in the sources', () => {
    assert.deepEqual(CATALOGUE, JSON.parse(text));
  });

  it('has no id and no file name twice', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
    const names = files.map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
  });

  it("pins every file by sha256 and size, or by git's object id, and by addresses that cannot change", () => {
    for (const { name, sha256, gitBlob, bytes = 0, urls } of files) {
      if (gitBlob === undefined) assert.match(sha256 ?? '', /^[0-9a-f]{64}$/, name);
      else assert.match(gitBlob, /^[0-9a-f]{40}$/, name);
      assert.ok(gitBlob !== undefined || bytes > 100_000, name);
      assert.ok(urls.length >= 2, name);
      for (const url of urls) assert.match(url, /^https:\/\/[^?#]+\/[0-9a-f]{40}\/[^?#]+$/, name);
    }
  });

  it('has the style ink and the face models without a download', () => {
    for (const id of ['ink', 'embedded-detector', 'embedded-landmarks'])
      assert.deepEqual(findEntry(id).files, []);
  });

  it('keeps AnimeGANv3 behind the licence gate, and what was made of the weights of AnimeGANv2', () => {
    const gated = CATALOGUE.filter(({ licence }) => !licence.commercial).map(({ id }) => id);
    assert.deepEqual(gated, ['hayao', 'shinkai', 'jp-face', 'portrait-sketch', 'tiny-cute', 'paprika']);
  });

  it('says of its checkpoints what the architecture says of its networks', () => {
    const checkpoints = entriesOfKind('gan').filter(({ checkpoint }) => checkpoint !== undefined);
    assert.deepEqual(
      checkpoints.map(({ id }) => id),
      ['celeba-distill', 'face-paint-v1', 'face-paint-v2', 'paprika'],
    );
    for (const { id, checkpoint, io, side } of checkpoints) {
      const architecture = ARCHITECTURES.find((known) => known.id === checkpoint?.architecture);
      assert.deepEqual({ io, side }, { io: architecture?.io, side: architecture?.side }, id);
    }
  });

  it('ranks the models of a kind without a tie, so that auto has one answer', () => {
    for (const entries of [entriesOfKind('detector'), entriesOfKind('landmarks')]) {
      const ranks = entries.map(({ rank }) => rank);
      assert.equal(new Set(ranks).size, ranks.length);
      assert.ok(ranks.includes(0));
    }
  });

  it('lists by kind', () => {
    assert.deepEqual(
      entriesOfKind('detector').map(({ id }) => id),
      ['embedded-detector', 'yunet'],
    );
    assert.equal(CATALOGUE.filter(isStyle).length, 10);
  });

  it('finds an entry, and guesses what a wrong id meant', () => {
    assert.equal(findEntry('hayao').title.includes('Hayao'), true);
    assert.throws(
      () => findEntry('hayoa'),
      (error: unknown) =>
        error instanceof NigaoeError &&
        error.code === 'model-unknown' &&
        error.message === 'Expected the id of a known model but received "hayoa"' &&
        error.hint === 'Did you mean hayao?',
    );
  });

  it('lists the known ids where nothing is near', () => {
    assert.throws(
      () => findEntry('completely-different-thing'),
      (error: unknown) => error instanceof NigaoeError && (error.hint ?? '').includes('ink, hayao'),
    );
  });
});

describe('parseEntry', () => {
  const good = () => structuredClone(findEntry('hayao')) as unknown as Record<string, unknown>;

  it('takes a good entry', () => {
    assert.deepEqual(parseEntry(good(), 'here'), findEntry('hayao'));
  });

  const wrong: [string, (entry: Record<string, unknown>) => void, RegExp][] = [
    ['an id that leaves the folder', (entry) => (entry.id = '../evil'), /id of here/],
    ['a file name that leaves the folder', (entry) => (fileIn(entry).name = '../../evil'), /file name/],
    ['a short hash', (entry) => (fileIn(entry).sha256 = 'abc'), /64 hexadecimal digits/],
    ['a file without a hash', (entry) => delete fileIn(entry).sha256, /a sha256 or a gitBlob/],
    ['a file without a size', (entry) => delete fileIn(entry).bytes, /a whole number of bytes/],
    [
      'a range upside down',
      (entry) => (entry.io = { ...findGan().io, range: [1, -1] }),
      /the lower one first/,
    ],
    ['a checkpoint of nothing', (entry) => (entry.checkpoint = {}), /checkpoint\.architecture of hayao/],
    ['a checkpoint that is null', (entry) => (entry.checkpoint = null), /checkpoint\.architecture of hayao/],
    ['no licence', (entry) => delete entry.licence, /licence.name/],
    ['an unknown kind', (entry) => (entry.kind = 'toString'), /kind of hayao/],
    ['a side of text', (entry) => (entry.side = { multipleOf: '8' }), /side.multipleOf/],
  ];
  for (const [name, spoil, message] of wrong)
    it(`refuses ${name}`, () => {
      const entry = good();
      spoil(entry);
      assert.throws(() => parseEntry(entry, 'here'), message);
    });

  it('refuses what is no object', () => {
    assert.throws(() => parseEntry([], 'here'), /Expected a model entry for here/);
    assert.throws(() => parseEntry(null, 'here'), /Expected a model entry for here/);
  });
});

const findGan = () => entriesOfKind('gan')[0];

function fileIn(entry: Record<string, unknown>): Record<string, unknown> {
  return (entry.files as Record<string, unknown>[])[0];
}
