// Damaged and hostile files of every format: each is read or refused, with a NigaoeError, and nothing else happens.
// bench/fuzz-readers.ts does the same ten thousand times, and watches time and memory.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, FUZZ_FORMATS, fuzzFolder, fuzzInput } from '../../fixtures/fuzzing.js';
import { hostilePickles } from '../../fixtures/hostile-pickles.js';

const INPUTS = 300;
/** Of the pickles those that torch could have written. */
const READ = /^is (honest|named __proto__), (zip|legacy)$/;

describe('a damaged file', () => {
  let parent = '';
  before(() => {
    parent = mkdtempSync(join(tmpdir(), 'nigaoe-fuzz-'));
  });
  after(() => rmSync(parent, { recursive: true, force: true }));

  for (const format of FUZZ_FORMATS) {
    const folder = () => fuzzFolder(parent, format);

    it(`of ${format.name} is read or refused, ${INPUTS} times`, async () => {
      const ends = new Map<string, number>();
      for (let seed = 0; seed < INPUTS; seed++) {
        const end = await attempt(format, fuzzInput(format, seed), folder()).catch((error: unknown) =>
          assert.fail(`seed ${seed}: ${error instanceof Error ? error.stack : error}`),
        );
        ends.set(end, (ends.get(end) ?? 0) + 1);
      }
      assert.ok(
        [...ends.keys()].some((end) => end !== 'opened'),
        'no damage was noticed',
      );
    });
  }

  it('was whole before: what was damaged can be read', async () => {
    const formats = FUZZ_FORMATS.filter(({ name }) => name !== 'hostile pickles' && name !== 'pytorch');
    for (const format of formats)
      for (const bytes of format.files)
        assert.equal(await attempt(format, bytes, fuzzFolder(parent, format)), 'opened', format.name);
  });
});

describe('a hostile pickle', () => {
  const format = FUZZ_FORMATS.find(({ name }) => name === 'hostile pickles');
  let parent = '';
  before(() => {
    parent = mkdtempSync(join(tmpdir(), 'nigaoe-hostile-'));
  });
  after(() => rmSync(parent, { recursive: true, force: true }));

  for (const [name, bytes] of hostilePickles())
    it(`that ${name}, is ${READ.test(name) ? 'read' : 'refused'}`, async () => {
      assert.ok(format);
      const end = await attempt(format, bytes, parent);
      assert.equal(end === 'opened', READ.test(name), end);
      if (/command/.test(name)) assert.equal(end, 'model-unsupported');
    });
});
