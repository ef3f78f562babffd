// The queue in memory: the contract of all queues, and its jobs drawn by the real stylizer in its own process.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openMemoryQueue } from '../../../shared/bridge/jobs/memory.js';
import type { JobQueue } from '../../../shared/bridge/jobs/queue.js';
import type { JobStatus } from '../../../shared/bridge/protocol.js';
import { type IsolatedStylizer, openIsolatedStylizer } from '../../../shared/isolated.js';
import { decodePhoto } from '../../../shared/photo/decode.js';
import { drawnPhoto } from '../../isolated/photo.js';
import { jobQueueContract } from './contract.js';
import { ScriptedStylizer } from './scripted-stylizer.js';

jobQueueContract('in memory', async (stylizer, options) => openMemoryQueue(stylizer, options));

describe('the queue in memory', () => {
  it('refuses limits that are none', () => {
    for (const limits of [{ waiting: 0 }, { keepMs: 2 ** 31 }, { kept: 1.5 }, { orphanMs: Number.NaN }])
      assert.throws(() => openMemoryQueue(new ScriptedStylizer(), { limits }), { code: 'options' });
  });

  it('lets go of a photo when its job has ended', async () => {
    const stylizer = new ScriptedStylizer();
    const queue = openMemoryQueue(stylizer);
    const photo = new WeakRef(new Uint8Array(1_000_000));
    const { id } = await queue.submit({ bytes: photo.deref() ?? assert.fail(), options: {}, owner: 'me' });
    (await stylizer.next()).finish();
    await untilCollected(photo);
    assert.equal((await queue.status(id, 'me')).state, 'done');
    await queue.close();
  });

  it('lets a program end that forgot to close it', () => {
    const url = new URL('../../../shared/bridge/jobs/memory.js', import.meta.url).href;
    const program = `
      import { openMemoryQueue } from ${JSON.stringify(url)};
      const queue = openMemoryQueue({ stylize: () => new Promise(() => {}), close: async () => {} });
      const order = { bytes: new Uint8Array(1), options: {}, owner: 'me' };
      await queue.submit(order);
      await queue.cancel((await queue.submit(order)).id, 'me');
    `;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program]);
    assert.equal(status, 0, String(stderr));
  });
});

/** Never returns while something holds the object. */
async function untilCollected(object: WeakRef<object>): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  while (object.deref() !== undefined) {
    // An object that was looked at lives to the end of the turn.
    await delay(1);
    collect();
  }
}

describe('the queue in memory over a drawing process', () => {
  const OWNER = 'me';
  const order = { options: { style: 'ink', scope: 'photo' }, owner: OWNER } as const;
  let stylizer: IsolatedStylizer;
  let queue: JobQueue;
  let photo: Uint8Array;

  before(async () => {
    photo = await drawnPhoto();
    stylizer = await openIsolatedStylizer();
  });
  beforeEach(() => {
    queue = openMemoryQueue(stylizer);
  });
  afterEach(() => queue.close());
  after(() => stylizer.close());

  const submit = (): Promise<JobStatus> => queue.submit({ ...order, bytes: photo });

  /** The last status of the job; `onProgress` is called with those before. */
  async function follow({ id }: JobStatus, onProgress = (_: JobStatus) => {}): Promise<JobStatus> {
    for await (const { status } of queue.events(id, OWNER, 0, new AbortController().signal)) {
      if (status.finishedAt !== undefined) return status;
      onProgress(status);
    }
    throw new Error('the events ended before the job');
  }

  it('draws a photo', async () => {
    const job = await submit();
    const stages: string[] = [];
    const { state, result } = await follow(job, ({ progress }) => stages.push(progress?.stage ?? ''));
    assert.equal(state, 'done');
    assert.equal(result?.model, 'ink');
    assert.ok(stages.includes('generate'), stages.join(', '));
    const { bytes, type } = await queue.picture(job.id, OWNER, 0);
    assert.equal(type, 'image/jpeg');
    assert.equal(bytes.byteLength, result?.pictures[0].bytes);
    const { width, height } = await decodePhoto(bytes);
    assert.deepEqual([width, height], [96, 64]);
  });

  it('holds no more memory for a result than its gauges say', async () => {
    const job = await submit();
    await follow(job);
    const { bytes } = await queue.picture(job.id, OWNER, 0);
    assert.ok(bytes.buffer.byteLength < 2 * bytes.byteLength + 16_384, `${bytes.buffer.byteLength} bytes`);
  });

  it('fails the job whose process is killed, and draws the next', async () => {
    const [killed, next] = [await submit(), await submit()];
    const dead = await follow(killed, ({ progress }) => {
      if (progress?.stage === 'decode') process.kill(stylizer.pid ?? 0, 'SIGKILL');
    });
    assert.equal(dead.state, 'failed');
    assert.equal(dead.error?.code, 'internal');
    assert.match(dead.error?.message ?? '', /died \(signal SIGKILL\); the next job starts a new one/);
    assert.equal((await follow(next)).state, 'done');
  });

  it('fails what is no picture, and draws the next', async () => {
    const text = await queue.submit({
      ...order,
      bytes: new TextEncoder().encode('no picture'),
      name: 'a.txt',
    });
    const next = await submit();
    assert.equal((await follow(text)).error?.code, 'photo-refused');
    assert.equal((await follow(next)).state, 'done');
  });

  it('cancels a job that is drawn, and draws the next', async () => {
    const large = await drawnPhoto({ width: 4000, height: 3000 });
    const job = await queue.submit({
      owner: OWNER,
      bytes: large,
      options: { scope: 'photo', maxSide: 4096 },
    });
    const next = await submit();
    const cancelled = await follow(job, ({ progress }) => {
      if (progress?.stage === 'generate') void queue.cancel(job.id, OWNER);
    });
    assert.equal(cancelled.state, 'cancelled');
    assert.equal((await follow(next)).state, 'done');
  });

  it('closes while a job is drawn', async () => {
    const job = await submit();
    const following = follow(job);
    await queue.close();
    assert.equal((await following).state, 'cancelled');
  });
});
