// The store as its users meet it: mirrors, offline, licences, corrupt files, the user's own models.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CATALOGUE, findEntry } from '../../../shared/models/catalogue.js';
import { allEntries } from '../../../shared/models/store/installed.js';
import { openStore } from '../../../shared/models/store/store.js';
import { wellBehaved } from './model-server.js';
import { failureOf, fileOf, modelOf, pullInChild, StoreWorld } from './store-world.js';

describe('store', () => {
  let world: StoreWorld;
  beforeEach(() => {
    world = new StoreWorld();
  });
  afterEach(() => world.close());

  describe('presence', () => {
    it('says what is there, and deletes it', async () => {
      const store = world.store({ mirror: world.mirrorOf(world.content) });
      const entry = world.model([]);
      assert.equal(await store.present(entry), false);
      assert.equal(store.pathOf(entry), world.target);
      await store.pull(entry);
      assert.equal(await store.present(entry), true);
      assert.equal(await store.remove(entry), true);
      assert.equal(await store.present(entry), false);
      assert.equal(await store.remove(entry), false);
    });

    it('counts the models that are part of nigaoe as present, and does not delete them', async () => {
      const store = world.store({ offline: true });
      const ink = findEntry('ink');
      assert.equal(await store.present(ink), true);
      await store.pull(ink);
      assert.deepEqual(await store.verify(ink), []);
      const { hint } = await failureOf(store.remove(ink), 'options');
      assert.equal(hint, 'ink is part of nigaoe');
    });

    it('fetches only the files of a model that are missing', async () => {
      const server = await world.serve((response, request, index) => {
        wellBehaved(request.url === '/a' ? world.content : world.content.subarray(5))(
          response,
          request,
          index,
        );
      });
      const entry = modelOf([
        fileOf('a.onnx', world.content, [`${server.base}/a`]),
        fileOf('b.onnx', world.content.subarray(5), [`${server.base}/b`]),
      ]);
      const store = world.store();
      const totals = new Set<number>();
      await store.pull(entry, { onProgress: (_received, total) => totals.add(total) });
      assert.deepEqual([...totals], [world.content.length * 2 - 5]);
      rmSync(path.join(world.home, 'models', 'toy', 'b.onnx'));
      await store.pull(entry);
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/a', '/b', '/b'],
      );
    });
  });

  describe('mirrors', () => {
    it('asks a folder first and never the network', async () => {
      const server = await world.serve(wellBehaved(world.content));
      const store = world.store({ mirror: world.mirrorOf(world.content) });
      assert.deepEqual(readFileSync(await store.ensure(world.model([`${server.base}/toy`]))), world.content);
      assert.equal(server.requests.length, 0);
    });

    it('goes on to the web when the folder has nothing or another file', async () => {
      const server = await world.serve(wellBehaved(world.content));
      const entry = world.model([`${server.base}/toy`]);
      const mirrors = [
        path.join(world.folder, 'nowhere'),
        world.mirrorOf(randomBytes(5)),
        world.mirrorOf(randomBytes(world.content.length)),
      ];
      for (const mirror of mirrors) {
        const store = world.store({ mirror });
        assert.deepEqual(readFileSync(await store.ensure(entry)), world.content);
        await store.remove(entry);
      }
    });

    it('asks a web mirror by file name', async () => {
      const server = await world.serve(wellBehaved(world.content));
      const store = world.store({ mirror: `${server.base}/models/` });
      await store.pull(world.model(['http://127.0.0.1:1/never']));
      assert.deepEqual(
        server.requests.map(({ url }) => url),
        ['/models/toy.onnx'],
      );
    });
  });

  describe('offline', () => {
    it('says that the model is missing and how to get it', async () => {
      const server = await world.serve(wellBehaved(world.content));
      const entry = world.model([`${server.base}/toy`]);
      for (const mirror of [server.base, path.join(world.folder, 'nowhere')]) {
        const { message, hint } = await failureOf(
          world.store({ offline: true, mirror }).pull(entry),
          'model-missing',
        );
        assert.match(message, /toy\.onnx of the model toy .* NIGAOE_OFFLINE forbids the network/);
        assert.match(hint ?? '', /nigaoe models pull toy/);
      }
      assert.equal(server.requests.length, 0);
    });

    it('takes the model from a folder mirror, then needs nothing at all', async () => {
      const entry = world.model(['http://127.0.0.1:1/never']);
      await world.store({ offline: true, mirror: world.mirrorOf(world.content) }).pull(entry);
      assert.equal(await world.store({ offline: true }).ensure(entry), world.target);
    });
  });

  describe('licence gate', () => {
    it('shows the notice and fetches nothing until the licence is accepted', async () => {
      const server = await world.serve(wellBehaved(world.content));
      const entry = world.model([`${server.base}/toy`], { commercial: false });
      const store = world.store();
      const { message, hint } = await failureOf(store.pull(entry), 'licence-not-accepted');
      assert.match(message, /Toy-1\.0 .* Toys are for play only\./);
      assert.match(hint ?? '', /nigaoe models pull toy --accept-licence/);
      assert.equal(server.requests.length, 0);
      assert.equal(await store.licenceAccepted(entry), false);
    });

    it('asks once, and remembers it across stores and removal', async () => {
      const entry = world.model([], { commercial: false });
      const mirror = world.mirrorOf(world.content);
      await failureOf(world.store({ mirror }).pull(entry), 'licence-not-accepted');
      await world.store({ mirror }).pull(entry, { acceptLicence: true });
      await world.store({ mirror }).remove(entry);
      await world.store({ mirror }).pull(entry);
      assert.equal(await world.store().licenceAccepted(entry), true);
      const note = JSON.parse(readFileSync(path.join(world.home, 'licences', 'toy.json'), 'utf8')) as {
        licence: string;
        acceptedAt: string;
      };
      assert.equal(note.licence, 'Toy-1.0');
      assert.ok(Math.abs(Date.parse(note.acceptedAt) - Date.now()) < 60_000);
    });

    it('asks again when the licence has become another', async () => {
      const entry = world.model([], { commercial: false });
      const store = world.store({ mirror: world.mirrorOf(world.content) });
      await store.pull(entry, { acceptLicence: true });
      entry.licence.name = 'Toy-2.0';
      await failureOf(store.ensure(entry), 'licence-not-accepted');
    });

    it('is closed too for a file that was put there by hand, and for a damaged note', async () => {
      const entry = world.model([], { commercial: false });
      mkdirSync(path.dirname(world.target), { recursive: true });
      writeFileSync(world.target, world.content);
      mkdirSync(path.join(world.home, 'licences'));
      writeFileSync(path.join(world.home, 'licences', 'toy.json'), '{');
      await failureOf(world.store().ensure(entry), 'licence-not-accepted');
      assert.equal(await world.store().ensure(entry, { acceptLicence: true }), world.target);
    });

    it('does not stop who accepts when that cannot be written down', async () => {
      mkdirSync(path.dirname(world.target), { recursive: true });
      writeFileSync(world.target, world.content);
      writeFileSync(path.join(world.home, 'licences'), 'a file in the way');
      const entry = world.model([], { commercial: false });
      const notices: string[] = [];
      const onNotice = (sentence: string) => notices.push(sentence);
      await world.store().pull(entry, { acceptLicence: true, onNotice });
      assert.match(notices[0], /licence of toy could not be noted/);
    });
  });

  describe('verification', () => {
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    beforeEach(() => {
      notices.length = 0;
    });

    it('replaces a stored file of another size or content, sets it aside, and says so', async () => {
      const store = world.store({ mirror: world.mirrorOf(world.content) });
      const entry = world.model([]);
      await store.pull(entry);
      for (const bad of [Buffer.from('short'), randomBytes(world.content.length)]) {
        writeFileSync(world.target, bad);
        utimesSync(world.target, 1, 1);
        assert.deepEqual(readFileSync(await store.ensure(entry, { onNotice })), world.content);
        assert.deepEqual(readFileSync(`${world.target}.corrupt`), bad);
        assert.match(notices.pop() ?? '', /toy\.onnx was corrupt: it was set aside/);
      }
    });

    it('reports without touching anything', async () => {
      const store = world.store({ mirror: world.mirrorOf(world.content) });
      const entry = world.model([]);
      const state = async () => (await store.verify(entry)).map((file) => file.state);
      assert.deepEqual(await state(), ['missing']);
      await store.pull(entry);
      assert.deepEqual(await state(), ['good']);
      const { mtime } = statSync(world.target);
      writeFileSync(world.target, randomBytes(world.content.length));
      utimesSync(world.target, mtime, mtime);
      assert.deepEqual(await state(), ['corrupt']);
      assert.equal(existsSync(`${world.target}.corrupt`), false);
    });

    it('says what to do where the disk does not let the model be read', async () => {
      const entry = world.model([]);
      mkdirSync(path.join(world.home, 'models'), { recursive: true });
      symlinkSync('toy', path.join(world.home, 'models', 'toy'));
      const store = world.store({ offline: true });
      for (const work of [store.verify(entry), store.ensure(entry)]) {
        const { message, hint } = await failureOf(work, 'store-unwritable');
        assert.equal(
          message,
          `Expected a readable model store but ${world.target} cannot be read: a link of the path leads to itself`,
        );
        assert.match(hint ?? '', /give permission there, or set NIGAOE_HOME/);
      }
    });

    it('says so where permission is denied, for the folder as for the file', async function () {
      // Nothing is denied to root, and Windows has other rights.
      if (process.getuid === undefined || process.getuid() === 0) return this.skip();
      const entry = world.model([]);
      const folder = path.dirname(world.target);
      mkdirSync(folder, { recursive: true });
      writeFileSync(world.target, world.content);
      for (const denied of [world.target, folder]) {
        chmodSync(denied, 0);
        const { message } = await failureOf(world.store().verify(entry), 'store-unwritable');
        chmodSync(denied, 0o700);
        assert.match(message, /cannot be read: permission is denied/);
      }
    });

    it('trusts a file that was checked and has not changed', async () => {
      const store = world.store({ mirror: world.mirrorOf(world.content) });
      const entry = world.model([]);
      await store.pull(entry);
      const stamp = JSON.parse(readFileSync(`${world.target}.verified`, 'utf8')) as Record<string, unknown>;
      assert.equal(stamp.digest, entry.files[0].sha256);
      assert.equal(stamp.bytes, world.content.length);
      await store.ensure(entry, { onNotice });
      assert.deepEqual(notices, []);
    });

    it('hashes a large file again only when its time has changed, across processes', async () => {
      const entry = modelOf([{ ...fileOf('toy.onnx', Buffer.alloc(65 * 1024 * 1024)) }]);
      mkdirSync(path.dirname(world.target), { recursive: true });
      writeFileSync(world.target, '');
      truncateSync(world.target, entry.files[0].bytes);
      const pull = () => pullInChild(world.home, entry, { NIGAOE_OFFLINE: '1' });
      await pull();
      const { mtime } = statSync(world.target);
      const file = openSync(world.target, 'r+');
      writeSync(file, 'x');
      closeSync(file);
      utimesSync(world.target, mtime, mtime);
      // Node rounds the time that it sets; the stamp has to be of this very time.
      const stamp = JSON.parse(readFileSync(`${world.target}.verified`, 'utf8')) as object;
      const { mtimeMs } = statSync(world.target);
      writeFileSync(`${world.target}.verified`, JSON.stringify({ ...stamp, mtimeMs }));
      await pull();
      utimesSync(world.target, 1, 1);
      await assert.rejects(pull(), /model-missing/);
      assert.equal(existsSync(`${world.target}.corrupt`), true);
    });

    it('fails as missing when a corrupt file cannot be fetched again, and keeps it aside', async () => {
      mkdirSync(path.dirname(world.target), { recursive: true });
      writeFileSync(world.target, 'damaged');
      await failureOf(world.store({ offline: true }).ensure(world.model([]), { onNotice }), 'model-missing');
      assert.equal(notices.length, 1);
      assert.equal(readFileSync(`${world.target}.corrupt`, 'utf8'), 'damaged');
    });
  });

  describe("the user's own models", () => {
    it('are listed after the catalogue; a damaged one does not hide the others', async () => {
      const styles = path.join(world.home, 'styles');
      mkdirSync(styles, { recursive: true });
      writeFileSync(path.join(styles, 'a.json'), '{');
      writeFileSync(path.join(styles, 'b.json'), JSON.stringify({ ...world.model([]), id: 'hayao' }));
      writeFileSync(path.join(styles, 'toy.json'), JSON.stringify(world.model([])));
      const notices: string[] = [];
      const entries = await allEntries(world.store(), (sentence) => notices.push(sentence));
      assert.deepEqual(entries, [...CATALOGUE, world.model([])]);
      assert.equal(findEntry('toy', entries).title, 'A toy');
      assert.equal(notices.length, 2);
      assert.match(notices[1], /the id hayao is taken/);
    });

    it('are none in a fresh store', async () => {
      assert.deepEqual(await allEntries(world.store()), CATALOGUE);
    });
  });
});

const mirror = process.env.NIGAOE_MIRROR;
const hasMirror = mirror !== undefined && mirror !== '' && !/^https?:/.test(mirror);

describe('the real models', () => {
  it(`come from the mirror as promised${hasMirror ? '' : ' (skipped: no mirror)'}`, async function () {
    if (!hasMirror) this.skip();
    const home = mkdtempSync(path.join(tmpdir(), 'nigaoe-real-'));
    try {
      const store = openStore({ home, offline: true });
      for (const entry of CATALOGUE.filter((each) => each.kind !== 'gan' || each.checkpoint === undefined)) {
        await store.pull(entry, { acceptLicence: true });
        for (const { name, state } of await store.verify(entry)) assert.equal(state, 'good', name);
      }
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
