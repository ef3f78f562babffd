// Old pictures in a folder of nigaoe-publish: which go, and above all which stay.

import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Entry, Ledger } from '../../node-red-node/publish/file/ledger.js';
import { oldAmong } from '../../node-red-node/publish/file/retention.js';
import { NodeRedWorld } from './helper.js';
import { CAMERA, DRAWN, flowOf, jpeg, PublishWorld, publishNode } from './publish-world.js';

const DAY_MS = 86_400_000;

describe('an old picture in a folder', () => {
  const red = NodeRedWorld.inSuite();
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-retention-'));
  });
  afterEach(async () => {
    await red.unload();
    await rm(folder, { recursive: true, force: true });
  });

  const node = (properties = {}) =>
    publishNode({ target: 'file', folder, pattern: '{camera}-{style}', keepCount: '2', ...properties });
  const load = (...nodes: ReturnType<typeof publishNode>[]): Promise<PublishWorld> =>
    PublishWorld.load(red, nodes, { settings: { userDir: folder } });
  const place = (name: string): string => path.join(folder, name);
  /** Without what the node keeps for itself. */
  const pictures = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  const ledgers = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith('.')).sort();

  it('goes when newer ones of its camera have taken all places', async () => {
    const world = await load(node({ pattern: '{camera}-{date}-{time}' }));
    const paths: (string | undefined)[] = [];
    for (const camera of ['gate', 'gate', 'door', 'gate', 'gate'])
      paths.push((await world.publish({ payload: jpeg(), camera })).published?.path);
    const left = [paths[2], paths[3], paths[4]].map((one) => path.basename(one ?? '')).sort();
    assert.deepEqual(await pictures(), left);
  });

  it('stays when it is a user’s own, whatever it is called', async () => {
    const world = await load(node({ pattern: '{camera}-{date}-{time}-{style}', keepDays: '30' }));
    const theirs = ['Front-door-2020-01-01-00-00-00-ink.jpg', 'Front-door-2021-01-01-00-00-00-toon-2.png'];
    for (const name of theirs) await writeFile(place(name), 'x');
    for (let turn = 0; turn < 3; turn += 1)
      await world.publish({ payload: jpeg(), drawn: DRAWN, camera: CAMERA });
    const left = await pictures();
    assert.equal(left.length, 4);
    for (const name of theirs) assert.ok(left.includes(name), name);
  });

  it('stays when another node has stored it in the same folder', async () => {
    const world = await load(node(), node({ id: 'other', keepCount: '1' }));
    await world.publish({ payload: jpeg(1) });
    await world.publish({ payload: jpeg(2) });
    for (const mark of [3, 4]) {
      const before = world.out.length;
      world.send({ payload: jpeg(mark) }, 'other');
      while (world.out.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const marks = await Promise.all((await pictures()).map(async (name) => (await readFile(place(name)))[4]));
    assert.deepEqual(marks.sort(), [1, 2, 4]);
    assert.deepEqual(await ledgers(), ['.nigaoe-other.jsonl', '.nigaoe-publish.jsonl']);
  });

  it('stays when somebody has put another file in its place, or has renamed it', async () => {
    const world = await load(node({ keepCount: '1' }));
    for (const style of ['one', 'two', 'three']) {
      await world.publish({ payload: jpeg(), camera: 'gate', drawn: { style } });
      if (style === 'one') await writeFile(place('gate-one.jpg'), 'a painting');
      if (style === 'two') await rename(place('gate-two.jpg'), place('favourite.jpg'));
    }
    // Of the first one the second has already disposed.
    assert.deepEqual(await pictures(), ['favourite.jpg', 'gate-one.jpg', 'gate-three.jpg']);
  });

  it('stays when it was touched since, as by a program that edits it', async () => {
    const world = await load(node({ keepCount: '1' }));
    await world.publish({ payload: jpeg(), camera: 'gate' });
    await utimes(place('gate-unknown.jpg'), new Date(0), new Date(0));
    await world.publish({ payload: jpeg(), camera: 'gate' });
    assert.deepEqual(await pictures(), ['gate-unknown-2.jpg', 'gate-unknown.jpg']);
  });

  it('is remembered over a deployment', async () => {
    const world = await load(node());
    for (const mark of [1, 2]) await world.publish({ payload: jpeg(mark) });
    await red.deploy(flowOf(node({ keepCount: '1' })));
    const [out] = [red.messagesAt('out')];
    red.node('publish').receive({ payload: jpeg(3) } as never);
    while (out.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [only, ...others] = await pictures();
    assert.deepEqual(others, []);
    assert.equal((await readFile(place(only)))[4], 3);
  });

  it('goes after the days to keep, also that of a camera that sends no more', async () => {
    const ledger = await Ledger.open(folder, 'publish');
    for (const [name, days] of [
      ['garden.jpg', 31],
      ['gate.jpg', 29],
    ] as const) {
      await writeFile(place(name), 'old');
      const modifiedMs = Date.now() - days * DAY_MS;
      await utimes(place(name), new Date(modifiedMs), new Date(modifiedMs));
      await ledger.add({ file: name, camera: name, storedMs: modifiedMs, bytes: 3, modifiedMs });
    }
    const world = await load(node({ keepCount: '', keepDays: '30' }));
    await world.publish({ payload: jpeg(), camera: 'door' });
    assert.deepEqual(await pictures(), ['door-unknown.jpg', 'gate.jpg']);
  });

  it('needs no date in its name', async () => {
    const world = await load(node({ pattern: 'latest', keepCount: '1' }));
    for (const mark of [1, 2, 3]) await world.publish({ payload: jpeg(mark) });
    const [only, ...others] = await pictures();
    assert.deepEqual(others, []);
    assert.equal((await readFile(place(only)))[4], 3);
  });

  it('is not written down where all pictures stay', async () => {
    const world = await load(node({ keepCount: '' }));
    await world.publish({ payload: jpeg() });
    assert.deepEqual(await ledgers(), []);
  });
});

describe('the list of stored pictures', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-ledger-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const entry = (file: string, camera = 'gate', storedMs = 0): Entry => ({
    ...{ file, camera, storedMs, bytes: 1, modifiedMs: 0 },
  });
  const file = (): string => path.join(folder, '.nigaoe-a_b.jsonl');
  const open = (): Promise<Ledger> => Ledger.open(folder, 'a/b');

  it('outlives a power cut in the middle of a line', async () => {
    const ledger = await open();
    await ledger.add(entry('1.jpg'));
    await appendFile(file(), '{"file":"2.jp');
    await (await open()).add(entry('3.jpg'));
    assert.deepEqual(
      (await open()).entries.map(({ file: name }) => name),
      ['1.jpg', '3.jpg'],
    );
  });

  it('names nothing outside of its folder', async () => {
    const names = ['../a.jpg', '/etc/passwd', 'in/b.jpg', '..', '.hidden', 'C:x', '', 7, null];
    await writeFile(
      file(),
      names.map((name) => `${JSON.stringify({ ...entry('x'), file: name })}\n`).join(''),
    );
    assert.deepEqual((await open()).entries, []);
  });

  it('does not grow without end', async () => {
    const ledger = await open();
    for (let turn = 0; turn < 300; turn += 1) {
      await ledger.add(entry(`${turn}.jpg`));
      await ledger.strike(new Set(ledger.entries.slice(0, -2)));
    }
    assert.ok((await readFile(file(), 'utf8')).split('\n').length < 120);
    assert.deepEqual(
      (await open()).entries.filter(({ file: name }) => /29[89]/.test(name)).map(({ file: name }) => name),
      ['298.jpg', '299.jpg'],
    );
    assert.deepEqual(await readdir(folder), ['.nigaoe-a_b.jsonl']);
  });

  it('tells the old ones: beyond the count for each camera, and beyond the days for all', () => {
    const entries = [
      entry('a', 'gate', 0),
      entry('b', 'door', DAY_MS),
      entry('c', 'gate', 2 * DAY_MS),
      entry('d', 'gate', 3 * DAY_MS),
    ];
    const named = (retention: object) =>
      oldAmong(entries, retention, 3 * DAY_MS)
        .map(({ file: name }) => name)
        .sort()
        .join('');
    assert.equal(named({ keepCount: 1 }), 'ac');
    assert.equal(named({ keepDays: 1.5 }), 'ab');
    assert.equal(named({ keepCount: 2, keepDays: 2.5 }), 'a');
    assert.equal(named({}), '');
  });
});
