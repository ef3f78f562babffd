// Several jobs and processes on one store: one downloads, the others wait; locks are taken over from the dead.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { withLock } from '../../../shared/models/store/lock.js';
import { type Answer, stall, wellBehaved } from './model-server.js';
import { failureOf, pullInChild, StoreWorld } from './store-world.js';

describe('several at once', () => {
  let world: StoreWorld;
  beforeEach(() => {
    world = new StoreWorld();
  });
  afterEach(() => world.close());

  const delayed =
    (ms: number, content: Buffer): Answer =>
    (response, request, index) =>
      setTimeout(() => wellBehaved(content)(response, request, index), ms);

  it('downloads once for two processes', async () => {
    const server = await world.serve(delayed(2500, world.content));
    const entry = world.model([`${server.base}/toy`]);
    const outputs = await Promise.all([pullInChild(world.home, entry), pullInChild(world.home, entry)]);
    assert.equal(server.requests.length, 1);
    assert.deepEqual(readFileSync(world.target), world.content);
    assert.ok(outputs.every((output) => output.endsWith('pulled\n')));
    assert.equal(outputs.filter((output) => output.includes('is being fetched by another job')).length, 1);
  });

  it('downloads once for two calls in one process, and the waiting one sees the progress', async () => {
    const server = await world.serve(delayed(800, world.content));
    const entry = world.model([`${server.base}/toy`]);
    let calls = 0;
    const onProgress = () => {
      calls += 1;
    };
    await Promise.all([world.store().pull(entry), world.store().pull(entry, { onProgress })]);
    assert.equal(server.requests.length, 1);
    assert.ok(calls > 0);
  });

  it('can be cancelled while it waits', async () => {
    const server = await world.serve((response) => stall(response, world.content, 10));
    const entry = world.model([`${server.base}/toy`]);
    const [first, second] = [new AbortController(), new AbortController()];
    const downloading = failureOf(
      world
        .store({ stallMs: 30_000 })
        .pull(entry, { signal: first.signal, onProgress: () => second.abort() }),
      'cancelled',
    );
    await failureOf(world.store().pull(entry, { signal: second.signal }), 'cancelled');
    first.abort();
    await downloading;
  });

  it('works again from the start when its lock was taken away', async () => {
    const folder = path.join(world.home, 'models', 'toy');
    let runs = 0;
    const work = async (signal: AbortSignal) => {
      runs += 1;
      if (runs === 2) return 'done';
      rmSync(`${folder}.lock`, { recursive: true });
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('interrupted');
    };
    assert.equal(await withLock(folder, work, { staleMs: 2000 }), 'done');
    assert.equal(existsSync(`${folder}.lock`), false);
  });

  it('takes over the lock of a process that died', async () => {
    const lock = `${path.dirname(world.target)}.lock`;
    mkdirSync(lock, { recursive: true });
    const anHourAgo = Date.now() / 1000 - 3600;
    utimesSync(lock, anHourAgo, anHourAgo);
    await world.store({ mirror: world.mirrorOf(world.content) }).pull(world.model([]));
    assert.deepEqual(readFileSync(world.target), world.content);
    assert.equal(existsSync(lock), false);
  });
});
