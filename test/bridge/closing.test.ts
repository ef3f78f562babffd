// How a bridge closes with jobs in hand, and what ends with them: streams, tokens, the engine.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { openClient } from '../../shared/bridge/client.js';
import type { JobStatus } from '../../shared/bridge/protocol.js';
import { TokenList } from '../../shared/bridge/tokens/list.js';
import { NigaoeError } from '../../shared/errors.js';
import { drawnPhoto } from '../isolated/photo.js';
import { BridgeWorld, json, refused } from './world.js';

const PHOTO = '/v1/jobs?scope=photo';
/** Drawn in seconds: long enough to be met. */
const LARGE = { width: 3000, height: 2000 };

describe('a bridge with jobs in hand', () => {
  const world = new BridgeWorld();
  let photo: Uint8Array;
  let large: Uint8Array;
  before(async () => {
    photo = await drawnPhoto();
    large = await drawnPhoto(LARGE);
  });
  beforeEach(() => world.open());
  afterEach(() => world.close());

  const client = () => openClient({ url: world.origin, token: world.token, backOffMs: 1 });
  const order = async (bytes: Uint8Array, headers = {}) =>
    json<JobStatus>(await world.post(PHOTO, bytes, headers));

  describe('that closes when they are done', () => {
    it('hands over all pictures, also to clients that ask only now and then', async () => {
      let closing: Promise<void> | undefined;
      const ordered = new Set<string>();
      const onProgress = ({ id }: JobStatus) => {
        if (ordered.add(id).size === 3) closing ??= world.bridge.close(60_000);
      };
      const options = { scope: 'photo' } as const;
      const drawings = [large, photo, photo].map((bytes) => client().stylize(bytes, { options, onProgress }));
      for (const { pictures } of await Promise.all(drawings)) assert.equal(pictures.length, 1);
      await closing;
    });

    it('tells clients whose photo cannot be drawn', async () => {
      let closing: Promise<void> | undefined;
      const drawing = client().stylize(photo.slice(0, 300), {
        onProgress: () => {
          closing ??= world.bridge.close(60_000);
        },
      });
      await assert.rejects(drawing, (error) => error instanceof NigaoeError && /unreadable/.test(error.code));
      await closing;
    });

    it('refuses what is new with 503 and Retry-After, and answers what is repeated', async () => {
      const key = { 'idempotency-key': 'once' };
      const { id } = await order(large, key);
      const closing = world.bridge.close(60_000);
      assert.equal((await order(large, key)).id, id);
      for (const answer of [await world.post(PHOTO, photo), await world.call('/v1/styles/ink/preview')]) {
        assert.match(refused(answer, 503, 'busy').message, /about to close/);
        assert.ok(Number(answer.headers['retry-after']) > 0);
      }
      await world.call(`/v1/jobs/${id}`, { method: 'DELETE' });
      await closing;
    });
  });

  describe('tells a listener that comes back', () => {
    it('nothing more when it has heard the end', async () => {
      const { id } = await order(photo);
      const { text } = await world.call(`/v1/jobs/${id}/events`);
      const last = /.*^id: (\d+)/ms.exec(text)?.[1] ?? assert.fail(text);
      const asks: [query: string, headers: Record<string, string>][] = [
        [`?after=${last}`, {}],
        ['?after=1000', {}],
        ['', { 'last-event-id': last }],
      ];
      for (const [query, headers] of asks) {
        const answer = await world.call(`/v1/jobs/${id}/events${query}`, { headers });
        assert.deepEqual([answer.status, answer.text], [204, '']);
      }
    });

    it('the end also when it counts wrongly', async () => {
      const { id } = await order(large);
      const events = world.call(`/v1/jobs/${id}/events?after=1000`);
      await delay(50);
      await world.call(`/v1/jobs/${id}`, { method: 'DELETE' });
      assert.match((await events).text, /"state":"cancelled"/);
    });
  });

  it('tells once beside itself that its engine died, with why', async () => {
    const { id } = await order(large);
    while (json<JobStatus>(await world.call(`/v1/jobs/${id}`)).progress?.stage !== 'generate')
      await delay(10);
    process.kill(world.bridge.enginePid ?? assert.fail(), 'SIGKILL');
    assert.equal((await world.ended(id)).state, 'failed');
    const told = () => world.events.filter(({ event }) => event === 'failure');
    assert.match(JSON.stringify(told()), /died \(signal SIGKILL\)/);
    for (let asked = 0; asked < 3; asked++)
      refused(await world.call(`/v1/jobs/${id}/result`), 500, 'internal');
    assert.equal(told().length, 1);
  });

  it('ends what a token has begun when it is revoked', async () => {
    const tokens = new TokenList(world.home);
    const camera = await tokens.add('camera');
    const [mine, theirs] = [world.token, camera.token];
    const kept = await Promise.all([large, large, large, large, large].map((bytes) => order(bytes)));
    world.token = theirs;
    const { id } = await order(photo);
    const events = world.call(`/v1/jobs/${id}/events`);
    // The bridge must have seen the token in its list.
    await delay(1_200);
    await tokens.revoke(camera.id);
    assert.match((await events).text, /"state":"cancelled".*revoked/);
    refused(await world.call(`/v1/jobs/${id}`), 401, 'unauthorised');
    world.token = mine;
    for (const job of kept)
      assert.notEqual(json<JobStatus>(await world.call(`/v1/jobs/${job.id}`)).state, 'cancelled');
  });
});
