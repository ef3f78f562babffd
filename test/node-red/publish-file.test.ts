// The node nigaoe-publish at a folder: dated names, nothing replaced, nothing half.

import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NodeRedWorld, until } from './helper.js';
import { CAMERA, DRAWN, jpeg, PublishWorld, png, publishNode } from './publish-world.js';

describe('a picture published to a folder', () => {
  const red = NodeRedWorld.inSuite();
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-publish-'));
  });
  afterEach(async () => {
    await red.unload();
    await rm(folder, { recursive: true, force: true });
  });

  const load = (properties = {}): Promise<PublishWorld> =>
    PublishWorld.load(red, [publishNode({ target: 'file', folder, ...properties })], {
      settings: { userDir: folder },
    });
  const files = async (below = ''): Promise<string[]> => (await readdir(path.join(folder, below))).sort();
  const put = (name: string): Promise<void> => writeFile(path.join(folder, name), 'x');

  it('lies there whole, named after camera, time and style', async () => {
    const world = await load();
    const { published } = await world.publish({ payload: jpeg(4, 2000), drawn: DRAWN, camera: CAMERA });
    const [name, ...others] = await files();
    assert.match(name, /^Front-door-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-ink\.jpg$/);
    assert.deepEqual(others, []);
    assert.deepEqual(await readFile(path.join(folder, name)), jpeg(4, 2000));
    assert.deepEqual(
      [published?.target, published?.path, published?.bytes],
      ['file', path.join(folder, name), 2000],
    );
  });

  it('ends as its bytes begin', async () => {
    const world = await load({ pattern: 'latest' });
    await world.publish({ payload: png() });
    assert.deepEqual(await files(), ['latest.png']);
  });

  it('never replaces a file', async () => {
    const world = await load({ pattern: 'door' });
    await put('door.jpg');
    for (const mark of [1, 2, 3]) await world.publish({ payload: jpeg(mark) });
    assert.deepEqual(await files(), ['door-2.jpg', 'door-3.jpg', 'door-4.jpg', 'door.jpg']);
    assert.equal(await readFile(path.join(folder, 'door.jpg'), 'utf8'), 'x');
    assert.deepEqual(await readFile(path.join(folder, 'door-3.jpg')), jpeg(2));
  });

  it('keeps its place in a burst: all of them are stored', async () => {
    const world = await load();
    for (let mark = 1; mark <= 30; mark += 1) world.send({ payload: jpeg(mark), camera: 'gate' });
    await until('30 stored', () => world.out.length === 30);
    assert.equal(new Set(world.out.map(({ published }) => published?.path)).size, 30);
    assert.equal((await files()).length, 30);
  });

  it('stays in its folder whatever camera and style are called', async () => {
    const world = await load({ folder: path.join(folder, 'in'), pattern: '{camera}_{style}' });
    for (const name of [
      '../../evil',
      '/etc/passwd',
      'C:\\evil',
      '..',
      'a\0b',
      '玄関 カメラ',
      'x'.repeat(500),
    ])
      await world.publish({ payload: jpeg(), camera: name, drawn: { style: name } });
    assert.deepEqual(await files(), ['in']);
    assert.deepEqual(
      (await files('in')).map((name) => name.slice(0, 30)).sort(),
      [
        'evil_evil.jpg',
        'etc-passwd_etc-passwd.jpg',
        'C-evil_C-evil.jpg',
        'unknown_unknown.jpg',
        'a-b_a-b.jpg',
        '玄関-カメラ_玄関-カメラ.jpg',
        'x'.repeat(30),
      ].sort(),
    );
  });

  it('is stored by a node whose flow tells nothing but the folder', async () => {
    const node = {
      id: 'publish',
      type: 'nigaoe-publish',
      z: 'tab',
      target: 'file',
      folder,
      wires: [['out']],
    };
    const world = await PublishWorld.load(red, [node]);
    await world.publish({ payload: jpeg(), camera: CAMERA });
    assert.match((await files()).join(), /^Front-door-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-unknown\.jpg$/);
  });

  it('makes its folder, below the user folder where the form names a relative one', async () => {
    const world = await load({ folder: 'shots/front', pattern: '{style}' });
    await world.publish({ payload: jpeg() });
    assert.deepEqual(await files('shots/front'), ['unknown.jpg']);
  });

  it('fails with a reason where nothing can be written', async () => {
    await put('taken');
    const world = await load({ folder: path.join(folder, 'taken') });
    const { code, message } = await world.fail({ payload: jpeg() });
    assert.equal(code, 'output-unwritable');
    assert.match(message, /E(EXIST|NOTDIR)/);
    await world.shows('error.output-unwritable');
  });

  it('leaves no half file behind in a folder that is closed', async function () {
    if (process.getuid?.() === 0) this.skip();
    await chmod(folder, 0o500);
    const world = await load();
    assert.match((await world.fail({ payload: jpeg() })).message, /EACCES/);
    await chmod(folder, 0o700);
    assert.deepEqual(await files(), []);
  });

  for (const [pattern, properties, said] of [
    ['../{camera}', {}, /Expected letters, digits/],
    ['a/b', {}, /Expected letters, digits/],
    ['', {}, /begins with a letter/],
    ['.hidden', {}, /begins with a letter/],
    ['{camera', {}, /Expected letters, digits/],
    ['{colour}', {}, /Known are \{camera\}/],
    ['{date}{time}', { keepDays: 'many' }, /number from/],
  ] as const)
    it(`is refused under the name "${pattern}" ${JSON.stringify(properties)}`, async () => {
      const world = await load({ pattern, ...properties });
      const { code, message } = await world.fail({ payload: jpeg() });
      assert.equal(code, 'options');
      assert.match(message, said);
    });
});
