// Requests whose answer takes longer than a connection may be silent.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobStatus } from '../../shared/bridge/protocol.js';
import { importModel } from '../../shared/models/imports/import-model.js';
import { writeOnnx } from '../../shared/models/onnx/file.js';
import { openStore } from '../../shared/models/store/store.js';
import { tinyGan } from '../fixtures/tiny-gan.js';
import { drawnPhoto } from '../isolated/photo.js';
import { BridgeWorld, json, refused } from './world.js';

/** Drawn in seconds: long enough to be met. */
const LARGE = { width: 3000, height: 2000 };
const IDLE_MS = 400;
const PREVIEW = '/v1/styles/ink/preview';

describe('the bridge, asked for what takes time', () => {
  const world = new BridgeWorld();
  let probes = 0;
  beforeEach(() => {
    probes = 0;
    return world.open({
      limits: { idleMs: IDLE_MS, pulseMs: 100 },
      devices: async () => {
        probes += 1;
        await delay(2 * IDLE_MS);
        if (probes === 1) throw new Error('the first probe fails');
        return [{ device: 'cpu', works: true }];
      },
    });
  });
  afterEach(() => world.close());

  const occupy = async () =>
    json<JobStatus>(await world.post('/v1/jobs?scope=photo', await drawnPhoto(LARGE))).id;

  it('tries the devices for as long as that takes, and again where that failed', async () => {
    refused(await world.call('/v1/devices'), 500, 'internal');
    for (let ask = 0; ask < 2; ask++)
      assert.deepEqual(json(await world.call('/v1/devices')), [{ device: 'cpu', works: true }]);
    assert.equal(probes, 2);
  });

  it('answers a preview that had to wait for a job', async () => {
    const id = await occupy();
    const preview = world.call(PREVIEW);
    await delay(2 * IDLE_MS);
    await world.call(`/v1/jobs/${id}`, { method: 'DELETE' });
    assert.equal((await preview).headers['content-type'], 'image/png');
  });

  it('draws no preview when the last who asked for it has gone', async () => {
    const id = await occupy();
    const leave = [new AbortController(), new AbortController()];
    const headers = { authorization: `Bearer ${world.token}` };
    const asking = leave.map(({ signal }) => fetch(`${world.origin}${PREVIEW}`, { headers, signal }));
    await untilMetric(/nigaoe_jobs_queued 1\n/);
    leave[0].abort();
    await assert.rejects(asking[0]);
    await delay(100);
    await untilMetric(/nigaoe_jobs_queued 1\n/);
    leave[1].abort();
    await assert.rejects(asking[1]);
    await untilMetric(/nigaoe_jobs_ended_total\{end="cancelled"\} 1\n/);
    await world.call(`/v1/jobs/${id}`, { method: 'DELETE' });
    assert.equal((await world.call(PREVIEW)).status, 200);
  });

  it('does nothing for a mere HEAD', async () => {
    const id = await occupy();
    for (const target of [PREVIEW, `/v1/jobs/${id}/events`])
      assert.equal((await world.call(target, { method: 'HEAD' })).status, 404);
    await untilMetric(/nigaoe_jobs_queued 0\n/);
  });

  it('does not wait for whoever asked for a drawing and does not take it', async () => {
    const photo = await drawnPhoto({ width: 2400, height: 1800 });
    const socket = createConnection({ host: '127.0.0.1', port: world.bridge.port });
    let received = 0;
    const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
    socket.pause();
    socket.write(
      `POST /v1/stylize?scope=photo&strength=0&format=png HTTP/1.1\r\nhost: localhost:${world.bridge.port}\r\n` +
        `authorization: Bearer ${world.token}\r\ncontent-type: image/jpeg\r\ncontent-length: ${photo.length}\r\n\r\n`,
    );
    socket.write(photo);
    await untilMetric(/nigaoe_jobs_ended_total\{end="done"\} 1\n/);
    await delay(4 * IDLE_MS);
    socket.resume().on('data', (chunk) => {
      received += chunk.length;
    });
    await closed;
    assert.ok(received < 2400 * 1800, `received ${received} bytes`);
  });

  it('draws the preview of a style anew that was replaced by another of its name', async () => {
    const install = async (kind: 'identity' | 'random') => {
      const io = { layout: 'nchw', channels: 'rgb', range: [-1, 1] } as const;
      const at = `${world.home}/${kind}.onnx`;
      await writeFile(at, writeOnnx(tinyGan({ io, kind })));
      await importModel(at, {
        id: 'mine',
        replace: true,
        licence: 'MIT',
        store: openStore({ home: world.home }),
      });
      return (await world.call('/v1/styles/mine/preview')).body;
    };
    const [first, second] = [await install('identity'), await install('random')];
    assert.ok(!first.equals(second));
  });

  async function untilMetric(pattern: RegExp): Promise<void> {
    while (!pattern.test((await world.call('/metrics')).text)) await delay(20);
  }
});
