// Files whose size is not known beforehand, pinned by git's object id, which covers it.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEntry } from '../../../shared/models/parse-entry.js';
import { refuse, wellBehaved } from './model-server.js';
import { failureOf, modelOf, StoreWorld } from './store-world.js';

/** Git's object id of a file. */
function blobId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

describe('a file of unknown size', () => {
  let world: StoreWorld;
  beforeEach(() => {
    world = new StoreWorld();
  });
  afterEach(() => world.close());

  const model = (...urls: string[]) => modelOf([{ name: 'toy.onnx', urls, gitBlob: blobId(world.content) }]);
  const arrived = () => assert.deepEqual(readFileSync(world.target), world.content);
  const wrong = () => randomBytes(world.content.length);

  it('is an entry where git pins it, and none where sha256 alone does', () => {
    const entry = model('https://example.org/toy');
    assert.deepEqual(parseEntry(entry, 'here'), entry);
    const bare = modelOf([{ name: 'toy.onnx', urls: [], sha256: '0'.repeat(64) }]);
    assert.throws(() => parseEntry(bare, 'here'), /a whole number of bytes for bytes of toy\.onnx/);
  });

  it('is fetched, checked and counted by what its source says', async () => {
    const server = await world.serve(wellBehaved(world.content));
    const entry = model(`${server.base}/toy`);
    const store = world.store();
    const totals = new Set<number>();
    assert.equal(await store.present(entry), false);
    await store.pull(entry, { onProgress: (_, total) => totals.add(total) });
    arrived();
    assert.deepEqual([...totals], [world.content.length]);
    assert.equal(await store.present(entry), true);
    assert.equal((await store.verify(entry))[0].state, 'good');
  });

  it('is fetched from a source that does not say how much it sends', async () => {
    const server = await world.serve((response) => response.end(world.content));
    await world.store().pull(model(`${server.base}/toy`));
    arrived();
  });

  it('is fetched from a folder', async () => {
    await world.store({ mirror: world.mirrorOf(world.content), offline: true }).pull(model());
    arrived();
  });

  it('is fetched on from where the line broke', async () => {
    const good = wellBehaved(world.content);
    const server = await world.serve((response, request, index) =>
      index === 0 ? world.breakOff(response, world.content, 100_000) : good(response, request, index),
    );
    await world.store().pull(model(`${server.base}/toy`));
    arrived();
    assert.deepEqual(
      server.requests.map(({ range }) => range),
      [undefined, 'bytes=100000-'],
    );
  });

  it('is fetched on by the next process, from another address', async () => {
    const first = await world.serve((response) => world.breakOff(response, world.content, 50_000));
    const second = await world.serve(wellBehaved(world.content));
    await failureOf(world.store({ attempts: 1 }).pull(model(`${first.base}/toy`)), 'model-download');
    assert.equal(readFileSync(`${world.target}.part`).length, 50_000);
    await world.store().pull(model(`${second.base}/toy`));
    arrived();
    assert.equal(second.requests[0].range, 'bytes=50000-');
  });

  it('is not fetched again where all of it has come', async () => {
    mkdirSync(path.dirname(world.target), { recursive: true });
    writeFileSync(`${world.target}.part`, world.content);
    const server = await world.serve(wellBehaved(world.content));
    await world.store().pull(model(`${server.base}/toy`));
    arrived();
    assert.equal(server.requests.length, 0);
  });

  it('is begun anew where the bytes of an earlier try were the wrong ones, too many or as many', async () => {
    for (const bytes of [9000, world.content.length, world.content.length + 5]) {
      const store = world.store();
      mkdirSync(path.dirname(world.target), { recursive: true });
      writeFileSync(`${world.target}.part`, randomBytes(bytes));
      const server = await world.serve(wellBehaved(world.content));
      await store.pull(model(`${server.base}/toy`));
      arrived();
      await store.remove(model());
    }
  });

  it('is refused where a source has another one, of whatever size', async () => {
    for (const content of [wrong(), randomBytes(10), Buffer.concat([world.content, Buffer.from('x')])]) {
      const server = await world.serve(wellBehaved(content));
      const { message } = await failureOf(world.store().pull(model(`${server.base}/toy`)), 'model-corrupt');
      assert.match(
        message,
        /^Expected toy\.onnx of the model toy from one of its sources, but .* sent another content/,
      );
      assert.equal(existsSync(`${world.target}.part`), false);
      assert.equal(existsSync(world.target), false);
    }
  });

  it('is taken from the next address where the first has another one or none', async () => {
    const other = await world.serve(wellBehaved(wrong()));
    const empty = await world.serve((response) => refuse(response, 404));
    const good = await world.serve(wellBehaved(world.content));
    await world.store().pull(model(`${other.base}/a`, `${empty.base}/b`, `${good.base}/c`));
    arrived();
  });

  it('is refused before a byte of it comes where it would be larger than any repository hosts', async () => {
    const server = await world.serve((response) => {
      response.writeHead(200, { 'content-length': 2 ** 31 });
      response.write('x');
    });
    const { message } = await failureOf(world.store().pull(model(`${server.base}/toy`)), 'model-corrupt');
    assert.match(message, /offers 2147483648 bytes, more than a file of this kind has/);
    assert.equal(existsSync(`${world.target}.part`), false);
  });

  it('counts as there only while it is the right one', async () => {
    const store = world.store({ mirror: world.mirrorOf(world.content) });
    await store.pull(model());
    for (const bad of [wrong(), Buffer.from('short')]) {
      writeFileSync(world.target, bad);
      utimesSync(world.target, 1, 1);
      assert.equal(await store.present(model()), false);
      assert.equal(await store.damaged(model()), true);
      await store.pull(model());
      arrived();
    }
  });
});
