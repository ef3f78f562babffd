// The parts of a watch that the clock, a crash or the disk make hard to see from outside.

import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Bell } from '../../../shared/cli/watch/bell.js';
import { Ears } from '../../../shared/cli/watch/ears.js';
import { verdictOf } from '../../../shared/cli/watch/faults.js';
import { Journal } from '../../../shared/cli/watch/journal.js';
import { look } from '../../../shared/cli/watch/look.js';
import { Patience } from '../../../shared/cli/watch/patience.js';
import { FAILURES, type FailureCode, NigaoeError } from '../../../shared/errors.js';

describe('a watch', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-watch-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const photo = (name: string, mtimeMs = 0, sizeBytes = 1) => ({
    name,
    path: `/${name}`,
    sizeBytes,
    mtimeMs,
  });
  const namesOf = (photos: readonly { name: string }[]) => photos.map(({ name }) => name);

  describe('waits for photos', () => {
    it('until they have stayed the same for a while, the oldest first', () => {
      const patience = new Patience(100);
      patience.note([photo('10', 5), photo('9', 5), photo('old', 1)], 0);
      assert.deepEqual(namesOf(patience.settled(99)), []);
      assert.equal(patience.nextMs(99), 100);
      assert.deepEqual(namesOf(patience.settled(100)), ['old', '9', '10']);
      patience.note([photo('9', 5, 2), photo('10', 5)], 110);
      assert.deepEqual(namesOf(patience.settled(120)), ['10']);
      assert.equal(patience.nextMs(120), 210);
    });

    it('that were put off, until then or until they change', () => {
      const patience = new Patience(0);
      patience.note([photo('a')], 0);
      patience.putOff(photo('a'), Number.POSITIVE_INFINITY);
      patience.note([photo('a')], 1e9);
      assert.deepEqual([patience.settled(1e9), patience.timesOf(photo('a'))], [[], 1]);
      assert.equal(patience.nextMs(1e9), Number.POSITIVE_INFINITY);
      patience.note([photo('a', 1)], 1e9);
      assert.deepEqual([namesOf(patience.settled(1e9)), patience.timesOf(photo('a'))], [['a'], 0]);
    });
  });

  describe('keeps a journal', () => {
    const entry = (
      name: string,
      status: 'drawing' | 'drawn' | 'released',
      outputs: string[],
      options = 'x',
    ) => ({
      ...{ photo: name, sizeBytes: 1, mtimeMs: 1, options, status },
      outputs: outputs.map((output) => path.join(folder, output)),
    });

    it('whose last line may be torn', async () => {
      const journal = await Journal.open(folder);
      assert.equal(journal.isWhole, false);
      await journal.add(entry('/a', 'drawing', ['a-ink.jpg']));
      await journal.add(entry('/b', 'drawn', ['b-ink.jpg']));
      await appendFile(journal.path, '{"photo":"/a","si');
      for (const name of ['a-ink.jpg', 'b-ink.jpg']) await writeFile(path.join(folder, name), 'x');
      const again = await Journal.open(folder);
      assert.deepEqual([again.isWhole, again.damagedLines], [true, 0]);
      assert.deepEqual(again.unfinished(), [path.join(folder, 'a-ink.jpg')]);
      assert.equal(again.ownerOf(path.join(folder, 'b-ink.jpg')), '/b');
    });

    it('that forgets what is released, and is written anew without it', async () => {
      const journal = await Journal.open(folder);
      await journal.add(entry('/a', 'drawn', ['a-ink.jpg']));
      await journal.add(entry('/b', 'drawn', ['b-ink.jpg']));
      await journal.add(entry('/a', 'released', []));
      assert.equal(journal.ownerOf(path.join(folder, 'a-ink.jpg')), undefined);
      await writeFile(path.join(folder, 'b-ink.jpg'), 'x');
      await Journal.open(folder);
      assert.equal((await readFile(journal.path, 'utf8')).match(/\n/g)?.length, 1);
    });

    it('of every way in which a photo was drawn, as long as its drawing is there', async () => {
      const journal = await Journal.open(folder);
      await journal.add(entry('/a', 'drawn', ['a-ink.jpg'], 'ink'));
      await journal.add(entry('/a', 'drawn', ['a-hayao.jpg'], 'hayao'));
      await journal.add(entry('/a', 'drawn', ['a-hayao.jpg'], 'hayao, half'));
      for (const name of ['a-ink.jpg', 'a-hayao.jpg']) await writeFile(path.join(folder, name), 'x');
      const again = await Journal.open(folder);
      const known = ['ink', 'hayao', 'hayao, half'].map((options) => again.entryOf('/a', options)?.outputs);
      assert.deepEqual(known, [['a-ink.jpg'], undefined, ['a-hayao.jpg']]);
      assert.equal(again.ownerOf(path.join(folder, 'a-ink.jpg')), '/a');
    });

    it('that forgets what is gone, and knows what is there in part', async () => {
      const journal = await Journal.open(folder);
      await journal.add(entry('/a', 'drawn', ['a-ink.jpg']));
      await journal.add(entry('/b', 'drawn', ['b-ink-1.jpg', 'b-ink-2.jpg']));
      await writeFile(path.join(folder, 'b-ink-1.jpg'), 'x');
      const again = await Journal.open(folder);
      assert.equal(again.entryOf('/a', 'x'), undefined);
      assert.equal(again.entryOf('/b', 'x')?.status, 'drawing');
    });

    it('that is not made anew beside a disk that was taken away', async () => {
      const journal = await Journal.open(folder);
      await rm(folder, { recursive: true });
      await assert.rejects(journal.add(entry('/a', 'drawn', [])), { code: 'output-unwritable' });
    });
  });

  describe('blames', () => {
    it('a photo only for what is its own fault', () => {
      const aside = Object.keys(FAILURES).filter(
        (code) => verdictOf(new NigaoeError(code as FailureCode, 'x')) === 'aside',
      );
      assert.deepEqual(aside, ['photo-unreadable', 'photo-refused', 'photo-too-large', 'no-face']);
    });

    it('no photo that the system does not hand out, and no disk for one name', () => {
      const cause = (code: string) => ({ cause: Object.assign(new Error(code), { code }) });
      assert.equal(verdictOf(new NigaoeError('photo-unreadable', 'x', cause('EBUSY'))), 'later');
      assert.equal(verdictOf(new NigaoeError('output-unwritable', 'x', cause('ENAMETOOLONG'))), 'later');
      assert.equal(verdictOf(new NigaoeError('output-unwritable', 'x', cause('ENOSPC'))), 'pause');
    });
  });

  describe('looks', () => {
    it('for photos that people put there, and not along links in circles', async () => {
      for (const name of [
        'a.jpg',
        '.b.jpg',
        '~c.jpg',
        'd.jpg.part',
        'e.txt',
        'f.heic',
        'sub/g.PNG',
        '@eaDir/h.jpg',
        'out/i.jpg',
      ]) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), 'x');
      }
      await symlink(folder, path.join(folder, 'sub/circle'));
      const options = { root: folder, recursive: true, apart: [path.join(folder, 'out')] };
      const { photos, foreign } = await look(options);
      assert.deepEqual([namesOf(photos), foreign], [['a.jpg', path.join('sub', 'g.PNG')], ['f.heic']]);
      assert.deepEqual(namesOf((await look({ ...options, recursive: false })).photos), ['a.jpg']);
    });

    it('when the system tells of a change, also in a folder that came back', async () => {
      let sounds = 0;
      const ears = new Ears({ onSound: () => sounds++, onDeaf: (error) => assert.fail(String(error)) });
      const hears = async (name: string) => {
        sounds = 0;
        await writeFile(path.join(folder, name), 'x');
        for (let tries = 0; sounds === 0 && tries < 100; tries++) await pause(20);
        assert.ok(sounds > 0, name);
      };
      try {
        assert.equal(ears.listenTo([{ path: folder, identity: 'first' }]), true);
        assert.equal(ears.listenTo([{ path: folder, identity: 'first' }]), false);
        await hears('a.jpg');
        await rm(folder, { recursive: true });
        await mkdir(folder);
        assert.equal(ears.listenTo([{ path: folder, identity: 'second' }]), true);
        await hears('b.jpg');
        assert.equal(ears.listenTo([{ path: path.join(folder, 'none'), identity: 'third' }]), false);
      } finally {
        ears.close();
      }
    });

    it('at once when it was told while it was not asleep', async () => {
      const bell = new Bell();
      const never = new AbortController().signal;
      bell.ring();
      await bell.sleep(60_000, never);
      const asleep = bell.sleep(60_000, never);
      bell.ring();
      await asleep;
      await bell.sleep(60_000, AbortSignal.abort());
    });
  });
});
