// A model of the catalogue whose file is a checkpoint: pulled from a web server, checked, recognised, and drawn with.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { findEntry } from '../../shared/models/catalogue.js';
import type { GanEntry } from '../../shared/models/entry.js';
import { torchFile } from '../fixtures/torch-file.js';
import { animeWeights, cycleWeights } from '../models/imports/world.js';
import { breakOff, type ModelServer, serve, wellBehaved } from '../models/store/model-server.js';
import { CliWorld } from './cli-world.js';

/** Random numbers in the place of the published weights. */
const CONTENT = Buffer.from(torchFile(animeWeights()));

describe('a checkpoint of the catalogue', () => {
  const world = CliWorld.inSuite();
  const servers: ModelServer[] = [];
  before(() => world.photo('photo.png'));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await rm(world.path('home'), { recursive: true, force: true });
  });

  async function serving(answer = wellBehaved(CONTENT)): Promise<ModelServer> {
    const server = await serve(answer);
    servers.push(server);
    return server;
  }

  /** The entry of a published one under another id, with the file of the test. */
  async function offer(server: ModelServer, content = CONTENT): Promise<void> {
    const gitBlob = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    const published = findEntry('celeba-distill') as GanEntry;
    const files = [{ name: 'random.pt', urls: [`${server.base}/random.pt`], gitBlob }];
    await world.file('home/styles/random.json', JSON.stringify({ ...published, id: 'random', files }));
  }

  const online = { env: { NIGAOE_OFFLINE: undefined } };
  const pull = (id = 'random', ...args: string[]) => world.run(['models', 'pull', id, ...args], online);

  it('is pulled, checked and recognised in one go', async () => {
    await offer(await serving());
    const { exitCode, stdout, stderr } = await pull();
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout.toString(), /^random {2}pulled {2}\(8\.\d MB, /);
    assert.match(stdout.toString(), /imported as AnimeGANv2 generator \(.*\), 2,143,552 parameters/);
    const [again] = (await pull('random', '--json')).json;
    assert.deepEqual([again.status, again.parameters, again.bytes], ['present', 2_143_552, CONTENT.length]);
    assert.equal((await world.run(['models', 'verify', '--json'])).json[0].status, 'good');
  });

  it('draws without another word, and is exported and inspected as the network that it is', async () => {
    await offer(await serving());
    const drawn = await world.run(
      ['stylize', 'photo.png', '--style', 'random', '--scope', 'photo', '-o', 'out.png', '--force'],
      online,
    );
    assert.equal(drawn.exitCode, 0, drawn.stderr);
    assert.equal((await sharp(world.path('out.png')).metadata()).width, 96);
    const [told] = (await world.run(['models', 'inspect', 'random', '--json'])).json;
    assert.deepEqual(
      [told.sourceFormat, (told.architecture as { id: string }).id],
      ['pytorch', 'animeganv2'],
    );
    assert.equal((await world.run(['models', 'export', 'random', 'random.onnx', '--force'])).exitCode, 0);
    const path = [
      'stylize',
      'photo.png',
      '--style',
      './random.onnx',
      '--scope',
      'photo',
      '-o',
      'path.png',
      '--force',
    ];
    assert.equal((await world.run(path)).exitCode, 0);
    const [a, b] = await Promise.all(
      ['out.png', 'path.png'].map((name) => sharp(world.path(name)).raw().toBuffer()),
    );
    assert.deepEqual(a, b);
  });

  it('goes on where the line broke', async () => {
    const good = wellBehaved(CONTENT);
    const server = await serving((response, request, index) =>
      index === 0 ? breakOff(response, CONTENT, 3_000_000) : good(response, request, index),
    );
    await offer(server);
    assert.equal((await pull()).exitCode, 0);
    const start = Number(/^bytes=(\d+)-$/.exec(server.requests[1].range ?? '')?.[1]);
    assert.ok(start > 0 && start <= 3_000_000, server.requests[1].range);
  });

  it('is refused where a source has another file than the published one', async () => {
    await offer(await serving(wellBehaved(CONTENT.subarray(1))));
    const { exitCode, stderr } = await pull();
    assert.equal(exitCode, 5);
    assert.match(
      stderr,
      /Expected random\.pt of the model random from one of its sources, but .* sent another content/,
    );
    assert.deepEqual(
      (await world.list('home')).filter((name) => name.endsWith('.pt')),
      [],
    );
  });

  it('is looked for in a mirror by its published name', async () => {
    await world.file('mirror/celeba_distill.pt', CONTENT);
    const env = { NIGAOE_MIRROR: world.path('mirror') };
    const { exitCode, stderr } = await world.run(['models', 'pull', 'celeba-distill'], { env });
    assert.equal(exitCode, 5);
    assert.match(stderr, /mirror\/celeba_distill\.pt sent another content than the catalogue promises/);
  });

  it('is told at once where it is right, but another network than the entry says', async () => {
    const other = Buffer.from(torchFile(cycleWeights()));
    await offer(await serving(wellBehaved(other)), other);
    const { exitCode, stderr } = await pull();
    assert.equal(exitCode, 5);
    assert.match(
      stderr,
      /Expected a checkpoint of animeganv2 for the model random but .*random\.pt holds cyclegan/,
    );
  });

  it('is replaced when it was damaged on the disk', async () => {
    await offer(await serving());
    const [{ path }] = (await pull('random', '--json')).json;
    await writeFile(String(path), CONTENT.subarray(1));
    const { exitCode, stderr } = await pull();
    assert.deepEqual([exitCode, /was corrupt: it was set aside/.test(stderr)], [0, true], stderr);
    assert.equal((await world.run(['models', 'verify', 'random'])).exitCode, 0);
  });

  it('has no size before it is there', async () => {
    const size = async () =>
      (await world.run(['models', 'list', '--json'])).json.find(({ id }) => id === 'random')?.bytes;
    await offer(await serving());
    assert.equal(await size(), undefined);
    await pull();
    assert.equal(await size(), CONTENT.length);
  });
});

describe('a style named by the path of a checkpoint', () => {
  const world = CliWorld.inSuite();
  before(async () => {
    await world.photo('photo.png');
    await world.file('secret-folder/face.pt', CONTENT);
  });

  it('draws at once, and gives results its name', async () => {
    const run = await world.run([
      'stylize',
      'photo.png',
      '--style',
      './secret-folder/face.pt',
      '-o',
      'out/',
      '--json',
    ]);
    assert.equal(run.exitCode, 0, run.stderr);
    assert.deepEqual([run.json[0].model, run.json[0].outputs], ['face', ['out/photo-face.png']]);
    const { xmp } = await sharp(world.path('out/photo-face.png')).metadata();
    assert.match(String(xmp), /face/);
    assert.doesNotMatch(String(xmp), /secret-folder/);
  });

  it('is refused before any photo is read where there is none, and by its reason where it is no network', async () => {
    const draw = (style: string) => world.run(['stylize', 'photo.png', '--style', style, '-o', 'none.png']);
    const gone = await draw('./gone.pt');
    assert.deepEqual(
      [gone.exitCode, /Expected a model file at \.\/gone\.pt but there is none/.test(gone.stderr)],
      [5, true],
    );
    await world.file('empty/x', '');
    assert.match((await draw('./empty')).stderr, /a manifest\.json in the folder \.\/empty/);
    await world.file('page.pt', '<!doctype html>');
    const page = await draw('page.pt');
    assert.deepEqual([page.exitCode, /it is a web page/.test(page.stderr)], [5, true], page.stderr);
  });
});
