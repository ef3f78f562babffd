// The example flows, imported as the editor does into a real Node-RED, and two of them used.

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { repositoryRoot } from './built.js';
import { readForms } from './editor-forms.js';
import { describeOnEach } from './fixtures/editions.js';
import { paintFrame } from './fixtures/fake-camera.js';
import { PackedNodeRed } from './fixtures/packed-node-red.js';
import { type FlowNode, until } from './helper.js';

const FOLDER = path.join(repositoryRoot(), 'node-red-node/examples');
const NAMES = [
  'camera-to-dashboard',
  'folder-watch',
  'frigate-to-home-assistant',
  'http-api',
  'video-doorbell',
] as const;

/** What every node of a flow has, whatever its form. */
const OF_ALL = ['id', 'type', 'z', 'x', 'y', 'wires'];

describe('the example flows', () => {
  it('are all tested here', async () => {
    const files = await readdir(FOLDER);
    assert.deepEqual(
      files.sort(),
      NAMES.map((name) => `${name}.json`),
    );
  });

  for (const name of NAMES) {
    it(`explain themselves and hold no secret: ${name}`, async () => {
      const flow = await readExample(name);
      const comments = flow.filter(({ type }) => type === 'comment');
      assert.ok(comments.some(({ info }) => String(info).length > 100));
      assert.ok(flow.every((node) => !('credentials' in node)));
      assert.equal(new Set(flow.map(({ id }) => id)).size, flow.length);
    });

    it(`know each field of our forms, and no other: ${name}`, async () => {
      const forms = await readForms(path.join(repositoryRoot(), 'node-red-node/nodes'));
      for (const { type, ...fields } of (await readExample(name)).filter((node) => forms.has(node.type))) {
        const known = Object.keys(forms.get(type)?.defaults ?? {});
        const given = Object.keys(fields).filter((field) => !OF_ALL.includes(field));
        assert.deepEqual(given.sort(), known.sort(), type);
      }
    });
  }

  describeOnEach((edition) => {
    let red: PackedNodeRed;

    before(async function () {
      this.timeout(60_000);
      red = await PackedNodeRed.start(edition);
    });
    after(() => red?.clear());
    afterEach(function () {
      if (this.currentTest?.state === 'failed') console.error(red.said);
      assert.doesNotMatch(red.said, /Uncaught Exception|Unhandled/i);
    });

    for (const name of NAMES)
      it(`can be imported and started: ${name}`, async () => {
        const flow = await readExample(name);
        await red.deploy(flow);
        assert.doesNotMatch(red.said, /missing types|Circular|\[error\] \[(?!nigaoe-)/i);
        const known = await knownTypes();
        assert.deepEqual(
          flow.map(({ type }) => type).filter((type) => !known.has(type)),
          [],
        );
      });

    it('draw the photos that are put into a folder', async () => {
      const flow = await withFolders(await readExample('folder-watch'));
      await red.deploy(flow);
      const drawings = path.join(red.folder, 'drawings');
      const draft = path.join(red.folder, 'draft.jpg');
      await writeFile(draft, paintFrame(1));
      await writeFile(path.join(red.folder, 'photos/notes.txt'), 'no photo');
      await rename(draft, path.join(red.folder, 'photos/Grandma & me.jpg'));
      // Those with a dot are still being written.
      const finished = async () =>
        (await readdir(drawings).catch(() => [])).filter((name) => !name.startsWith('.'));
      await until('a drawing', async () => (await finished()).length > 0, 30_000);
      const [file, ...others] = await finished();
      assert.deepEqual(others, []);
      assert.match(file, /^Grandma-me-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-ink\.jpg$/);
      const { width, height } = await sharp(path.join(drawings, file)).metadata();
      assert.deepEqual([width, height], [320, 240]);
    });

    it('answer a photo with its drawing', async () => {
      await red.deploy(await readExample('http-api'));
      const answer = await post('?strength=0.5', paintFrame(2));
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/jpeg']);
      const half = Buffer.from(await answer.arrayBuffer());
      assert.equal((await sharp(half).metadata()).width, 320);
      const form = new FormData();
      form.append('photo', new Blob([new Uint8Array(paintFrame(2))], { type: 'image/jpeg' }), 'me.jpg');
      const full = await red.fetch('/nigaoe/draw/form?format=png', { method: 'POST', body: form });
      assert.deepEqual([full.status, full.headers.get('content-type')], [200, 'image/png']);
    });

    it('answer failures as JSON with a fitting status', async () => {
      const failures: [number, string, Promise<Response>][] = [
        [415, 'photo-unreadable', post('', Buffer.from('no photo'))],
        [400, 'options', post('?strength=7', paintFrame(2))],
        [400, 'options', post('?stile=ink', paintFrame(2))],
        [422, 'no-face', post('?scope=portrait', paintFrame(2))],
      ];
      for (const [status, code, answering] of failures) {
        const answer = await answering;
        const { error } = (await answer.json()) as { error: { code: string; message: string } };
        assert.deepEqual([answer.status, error.code], [status, code]);
        assert.match(error.message, /^[A-Z][^:]+/);
      }
    });

    const post = (query: string, photo: Buffer): Promise<Response> =>
      red.fetch(`/nigaoe/draw${query}`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: new Uint8Array(photo),
      });

    async function knownTypes(): Promise<Set<string>> {
      const answer = await red.fetch('/nodes', { headers: { accept: 'application/json' } });
      const sets = (await answer.json()) as { types: string[]; enabled: boolean; err?: unknown }[];
      const loaded = sets.filter(({ enabled, err }) => enabled && err === undefined);
      return new Set(['tab', ...loaded.flatMap(({ types }) => types)]);
    }

    /** The folders of the flow's own variables, which its reader sets. */
    async function withFolders(flow: readonly FlowNode[]): Promise<FlowNode[]> {
      const folder = (name: string) => path.join(red.folder, name.toLowerCase());
      await mkdir(folder('photos'), { recursive: true });
      return flow.map(({ env, ...node }) => {
        const set = (env as { name: string }[] | undefined)?.map((one) => ({
          ...one,
          value: folder(one.name),
        }));
        return set === undefined ? node : { ...node, env: set };
      }) as FlowNode[];
    }
  });
});

async function readExample(name: string): Promise<FlowNode[]> {
  return JSON.parse(await readFile(path.join(FOLDER, `${name}.json`), 'utf8')) as FlowNode[];
}
