// The bridge at work: jobs, events, facts, its description of itself, and how it begins and ends.

import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import sharp from 'sharp';
import type { JobEvent, JobStatus, OptionInfo, StyleInfo } from '../../shared/bridge/protocol.js';
import { openBridge } from '../../shared/bridge/server.js';
import { BRIDGE_OPTION_NAMES } from '../../shared/options.js';
import { drawnPhoto } from '../isolated/photo.js';
import { type Answer, BridgeWorld, json, refused } from './world.js';

const PHOTO = '/v1/jobs?scope=photo';
/** Drawn in seconds: long enough to be met. */
const LARGE = { width: 3000, height: 2000 };

describe('the bridge', () => {
  const world = BridgeWorld.inSuite();
  let photo: Uint8Array;
  before(async () => {
    photo = await drawnPhoto();
  });

  const order = async (target = PHOTO, headers = {}) =>
    json<JobStatus>(await world.post(target, photo, headers));

  describe('draws a job', () => {
    it('from order to picture', async () => {
      const answer = await world.post(PHOTO, photo, { 'x-file-name': encodeURIComponent('Füße.jpg') });
      assert.equal(answer.status, 202);
      const { id } = json<JobStatus>(answer);
      assert.equal(answer.headers.location, `/v1/jobs/${id}`);
      assert.ok(Buffer.from(id, 'base64url').length >= 16 || id.length >= 32, id);
      const { state, result } = await world.ended(id);
      assert.equal(state, 'done');
      assert.equal(result?.model, 'ink');
      const picture = await world.call(`/v1/jobs/${id}/result`);
      assert.equal(picture.headers['content-type'], 'image/jpeg');
      assert.equal(picture.body.length, result?.pictures[0].bytes);
      assert.deepEqual(await sizeOf(picture.body), [96, 64]);
      refused(await world.call(`/v1/jobs/${id}/result?picture=7`), 404, 'not-found');
    });

    it('once for orders with the same key', async () => {
      const key = { 'idempotency-key': 'order-1' };
      const first = await order(PHOTO, key);
      assert.equal((await order(PHOTO, key)).id, first.id);
      assert.notEqual((await order(PHOTO, { 'idempotency-key': 'order-2' })).id, first.id);
      await world.ended(first.id);
      assert.equal((await order(PHOTO, key)).id, first.id);
    });

    it('before one of lower priority that came earlier', async () => {
      const drawn = json<JobStatus>(await world.post(PHOTO, await drawnPhoto(LARGE)));
      const later = await order(PHOTO, { 'x-priority': 'batch' });
      const sooner = await order(PHOTO, { 'x-priority': 'interactive' });
      const unmarked = await order();
      assert.deepEqual([sooner.position, unmarked.position], [1, 2]);
      assert.equal(json<JobStatus>(await world.call(`/v1/jobs/${later.id}`)).position, 3);
      await world.call(`/v1/jobs/${drawn.id}`, { method: 'DELETE' });
      assert.equal((await world.ended(later.id)).state, 'done');
      assert.equal((await world.ended(unmarked.id)).state, 'done');
    });

    it('whose name appears in its failure', async () => {
      const broken = photo.slice(0, 300);
      const answer = await world.post(PHOTO, broken, { 'x-file-name': '..%2Fholiday.jpg' });
      const { state, error } = await world.ended(json<JobStatus>(answer).id);
      assert.equal(state, 'failed');
      assert.match(error?.message ?? '', /^holiday\.jpg /);
    });

    it('until it is cancelled', async () => {
      const { id } = json<JobStatus>(await world.post(PHOTO, await drawnPhoto(LARGE)));
      refused(await world.call(`/v1/jobs/${id}/result`), 409, 'conflict');
      assert.equal(
        json<JobStatus>(await world.call(`/v1/jobs/${id}`, { method: 'DELETE' })).state,
        'cancelled',
      );
      assert.equal((await world.ended(id)).error?.code, 'cancelled');
      refused(await world.call(`/v1/jobs/${id}/result`), 499, 'cancelled');
    });

    it('in one call, with the facts in the headers', async () => {
      const answer = await world.post('/v1/stylize?scope=photo&format=webp', photo);
      assert.equal(answer.status, 200);
      const { headers } = answer;
      assert.equal(headers['content-type'], 'image/webp');
      assert.equal(headers['x-nigaoe-model'], 'ink');
      assert.equal(headers['x-nigaoe-pictures'], '1');
      assert.deepEqual(JSON.parse(String(headers['x-nigaoe-notices'])), []);
      assert.equal((await world.ended(String(headers['x-nigaoe-job']))).state, 'done');
    });

    it('in one call that fails as the job does', async () => {
      refused(await world.post('/v1/stylize?scope=portrait', photo), 422, 'no-face');
    });

    it('in one call no longer than somebody waits', async () => {
      const leave = new AbortController();
      const waiting = fetch(`${world.origin}/v1/stylize?scope=photo`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.token}`, 'content-type': 'image/jpeg' },
        body: Buffer.from(await drawnPhoto(LARGE)),
        signal: leave.signal,
      });
      await untilMetric(/nigaoe_jobs_running 1/);
      leave.abort();
      await assert.rejects(waiting);
      await untilMetric(/nigaoe_jobs_running 0/);
    });

    it('again after its engine was killed in the middle, and says what happened', async () => {
      const { id } = json<JobStatus>(await world.post(PHOTO, await drawnPhoto(LARGE)));
      await untilDrawn(id);
      assert.ok(world.bridge.enginePid);
      process.kill(world.bridge.enginePid, 'SIGKILL');
      const { state, error } = await world.ended(id);
      assert.equal(state, 'failed');
      assert.match(error?.message ?? '', /died \(signal SIGKILL\)/);
      assert.equal((await world.ended((await order()).id)).state, 'done');
    });
  });

  describe('tells the events of a job', () => {
    it('to the end, numbered, as they happen', async () => {
      const { id } = await order();
      const events = await readEvents(await world.call(`/v1/jobs/${id}/events`));
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => events[0].seq + index),
      );
      assert.equal(events.at(-1)?.status.state, 'done');
    });

    it('again from where a listener left off', async () => {
      const { id } = await order();
      const all = await readEvents(await world.call(`/v1/jobs/${id}/events`));
      const { seq } = all[1];
      const rest = all.filter((event) => event.seq > seq);
      const byHeader = await world.call(`/v1/jobs/${id}/events`, {
        headers: { 'last-event-id': String(seq) },
      });
      assert.deepEqual(await readEvents(byHeader), rest);
      assert.deepEqual(await readEvents(await world.call(`/v1/jobs/${id}/events?after=${seq}`)), rest);
      refused(await world.call(`/v1/jobs/${id}/events?after=-1`), 400, 'options');
    });

    it('as a stream that is not kept, and refuses one of a job that is not there', async () => {
      const { id } = await order();
      const { headers } = await world.call(`/v1/jobs/${id}/events`);
      assert.match(headers['content-type'] ?? '', /^text\/event-stream/);
      assert.equal(headers['cache-control'], 'no-store');
      refused(await world.call('/v1/jobs/unknown/events'), 404, 'not-found');
    });
  });

  describe('tells front ends', () => {
    it('its styles, with those that draw at once', async () => {
      const styles = json<StyleInfo[]>(await world.call('/v1/styles'));
      assert.deepEqual([styles[0].id, styles[0].state, styles[0].yours], ['ink', 'ready', false]);
      assert.ok(styles.some(({ state }) => state === 'absent'));
    });

    it('its options, by the one table', async () => {
      const options = json<OptionInfo[]>(await world.call('/v1/options'));
      assert.deepEqual(
        options.map(({ name }) => name),
        BRIDGE_OPTION_NAMES,
      );
      for (const { help, default: preset } of options) assert.ok(help !== '' && preset !== undefined);
    });

    it('its devices', async () => {
      assert.deepEqual(json(await world.call('/v1/devices')), [{ device: 'cpu', works: true }]);
    });

    it('what a style draws, as a small picture', async () => {
      const answers = await Promise.all([0, 1].map(() => world.call('/v1/styles/ink/preview')));
      for (const { headers } of answers) assert.equal(headers['content-type'], 'image/png');
      assert.ok(answers[0].body.equals(answers[1].body));
      assert.deepEqual(await sizeOf(answers[0].body), [256, 256]);
      refused(await world.call('/v1/styles/hayao/preview'), 503, 'model-missing');
      refused(await world.call('/v1/styles/..%2fx/preview'), 400, 'options');
    });

    it('its figures in the words of Prometheus, without ids of clients in them', async () => {
      const { id } = await order();
      await world.ended(id);
      const { text, headers } = await world.call('/metrics');
      assert.match(headers['content-type'] ?? '', /^text\/plain/);
      assert.match(text, /nigaoe_jobs_ended_total\{end="done"\} [1-9]/);
      assert.match(text, /route="\/v1\/jobs\/:id"/);
      assert.ok(!text.includes(id) && !text.includes(world.token));
    });

    it('that a route does not exist', async () => {
      refused(await world.call('/v2/jobs'), 404, 'not-found');
      refused(await world.call('/v1/styles', { method: 'DELETE' }), 404, 'not-found');
    });
  });

  describe('describes itself', () => {
    interface Described {
      openapi: string;
      paths: Record<
        string,
        Record<
          string,
          {
            responses: Record<string, { content?: Record<string, { schema: object }> }>;
            security?: object[];
            parameters?: { name: string }[];
          }
        >
      >;
      components: { schemas: Record<string, object> };
    }
    let described: Described;
    before(async () => {
      described = json<Described>(await world.call('/openapi.json'));
    });

    const ajv = () => {
      const checker = new Ajv({ strict: false, validateFormats: false });
      checker.addSchema({ $id: 'all', ...described });
      return checker;
    };
    /** The schema of an answer, whose references point into the document. */
    function validatorOf(route: string, method: string, status: string) {
      const { schema = {} } =
        described.paths[route]?.[method]?.responses[status]?.content?.['application/json'] ?? {};
      const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"all#/')) as object;
      return ajv().compile(absolute);
    }

    it('in OpenAPI 3.1 with every reference in it', () => {
      assert.match(described.openapi, /^3\.1\./);
      const text = JSON.stringify(described);
      for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
        assert.ok(described.components.schemas[name], name);
      assert.doesNotMatch(text, /"\$ref":"(?!#\/components\/schemas\/)/);
      assert.ok(Object.keys(described.paths).length >= 10);
    });

    it('with a summary, answers and, unless open, the token for each route', () => {
      for (const [route, methods] of Object.entries(described.paths))
        for (const [method, { responses, security }] of Object.entries(methods)) {
          assert.ok(
            Object.keys(responses).some((status) => status.startsWith('2')),
            `${method} ${route}`,
          );
          assert.equal(security?.length === 0, route === '/health' || route === '/pair', route);
        }
    });

    it('with all options as parameters of an order', () => {
      const names = described.paths['/v1/jobs'].post.parameters?.map(({ name }) => name) ?? [];
      for (const name of BRIDGE_OPTION_NAMES) assert.ok(names.includes(name), name);
    });

    it('as it answers', async () => {
      const { id } = await order();
      const running = await world.call(`/v1/jobs/${id}`);
      await world.ended(id);
      const failed = json<JobStatus>(await world.post(PHOTO, photo.slice(0, 300))).id;
      await world.ended(failed);
      const cases: [route: string, method: string, status: string, answer: Answer][] = [
        ['/health', 'get', '200', await world.ask('/health')],
        ['/v1/jobs', 'post', '202', await world.post(PHOTO, photo)],
        ['/v1/jobs/{id}', 'get', '200', running],
        ['/v1/jobs/{id}', 'get', '200', await world.call(`/v1/jobs/${id}`)],
        ['/v1/jobs/{id}', 'get', '200', await world.call(`/v1/jobs/${failed}`)],
        ['/v1/jobs/{id}', 'delete', '200', await world.call(`/v1/jobs/${id}`, { method: 'DELETE' })],
        ['/v1/jobs/{id}', 'get', '4XX', await world.call('/v1/jobs/none')],
        ['/v1/jobs', 'post', '4XX', await world.post('/v1/jobs?quality=0', photo)],
        ['/v1/jobs', 'post', '5XX', await world.post('/v1/jobs?style=nobody', photo)],
        ['/v1/styles', 'get', '200', await world.call('/v1/styles')],
        ['/v1/options', 'get', '200', await world.call('/v1/options')],
        ['/v1/devices', 'get', '200', await world.call('/v1/devices')],
      ];
      for (const [route, method, status, answer] of cases) {
        const validate = validatorOf(route, method, status);
        assert.ok(
          validate(JSON.parse(answer.text)),
          `${method} ${route} ${status}: ${JSON.stringify(validate.errors)} ${answer.text}`,
        );
      }
    });
  });

  describe('begins and ends', () => {
    it('with a sentence on --port where the port is taken, and leaves the first one alone', async () => {
      const { port } = world.bridge;
      const second = openBridge({ port, devices: async () => [], stylizer: { store: { home: world.home } } });
      await assert.rejects(
        second,
        ({ code, message, hint }: { code: string; message: string; hint: string }) => {
          assert.equal(code, 'conflict');
          assert.match(message, new RegExp(`port ${port}`));
          assert.match(hint, /--port.*8826/);
          return true;
        },
      );
      assert.equal((await world.ask('/health')).status, 200);
    });

    it('by letting jobs finish when it may, and takes no new ones', async () => {
      const other = new BridgeWorld();
      await other.open();
      const { id } = json<JobStatus>(await other.post(PHOTO, await drawnPhoto({ width: 800, height: 600 })));
      const events = other.call(`/v1/jobs/${id}/events`);
      const closing = other.bridge.close(30_000);
      refused(await other.post(PHOTO, photo), 503, 'busy');
      assert.equal((await readEvents(await events)).at(-1)?.status.state, 'done');
      assert.equal((await other.call(`/v1/jobs/${id}/result`)).status, 200);
      await closing;
      await assert.rejects(other.ask('/health'), { code: 'ECONNREFUSED' });
      await other.close();
    });

    it('at once when it must, and tells those who listen', async () => {
      const other = new BridgeWorld();
      await other.open();
      const { id } = json<JobStatus>(await other.post(PHOTO, await drawnPhoto(LARGE)));
      const events = other.call(`/v1/jobs/${id}/events`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await other.close();
      assert.equal((await readEvents(await events)).at(-1)?.status.state, 'cancelled');
    });
  });

  /** Waits until the engine is at work on it. */
  async function untilDrawn(id: string): Promise<void> {
    while (json<JobStatus>(await world.call(`/v1/jobs/${id}`)).progress?.stage !== 'generate')
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async function untilMetric(pattern: RegExp): Promise<void> {
    while (!pattern.test((await world.call('/metrics')).text))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

async function readEvents({ text, status }: Answer): Promise<JobEvent[]> {
  assert.equal(status, 200, text);
  const blocks = text.split('\n\n').filter((block) => block.includes('data: '));
  return blocks.map((block) => {
    const event = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as JobEvent;
    assert.match(block, new RegExp(`^id: ${event.seq}$`, 'm'));
    return event;
  });
}

async function sizeOf(bytes: Buffer): Promise<[number, number]> {
  const { width, height } = await sharp(bytes).metadata();
  return [width, height];
}
