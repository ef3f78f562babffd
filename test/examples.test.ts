// The examples, run as their readers run them: compiled, in a folder of their own.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { samplePath } from './fixtures/photos.js';
import { cycleFile } from './models/imports/world.js';

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url));

describe('the examples', () => {
  let folder = '';

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'nigaoe-examples-')));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are all tested here', async () => {
    const names = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.js'));
    assert.deepEqual(names.sort(), ['demo.js', 'import-style.js', 'steps.js', 'train-style.js']);
  });

  it('draw the sample photo in all three scopes and say so', async () => {
    const stdout = await runExample('demo.js');
    const sides: Record<string, number[]> = {
      'sample1-ink-photo.jpg': [1920, 1280],
      'sample1-ink-faces.jpg': [1920, 1280],
      'sample1-ink-portrait-1.jpg': [512, 512],
      'sample1-ink-portrait-2.jpg': [512, 512],
      'sample1-ink-portrait-3.jpg': [512, 512],
    };
    const out = path.join(folder, 'out');
    assert.deepEqual((await readdir(out)).sort(), Object.keys(sides).sort());
    assert.match(stdout, /^Drawing .*sample1\.jpg in the style ink\n/);
    for (const [name, [width, height]] of Object.entries(sides)) {
      const file = path.join(out, name);
      const found = await sharp(await readFile(file)).metadata();
      assert.deepEqual([found.format, found.width, found.height], ['jpeg', width, height], name);
      assert.ok(stdout.includes(`-> ${file}  (${width} x ${height})\n`), stdout);
    }
    assert.equal(stdout.match(/^ {2}3 faces, [\d.]+ s on \w+$/gm)?.length, 2, stdout);
  });

  it('take the stations one by one', async () => {
    const drawn = path.join(folder, 'steps.png');
    const stdout = await runExample('steps.js', samplePath(3), drawn);
    const { format, width, height } = await sharp(await readFile(drawn)).metadata();
    assert.equal(stdout, `3 faces drawn on cpu -> ${drawn} (${width} x ${height})\n`);
    assert.equal(format, 'png');
  });

  it('make a style of weights of their own and draw with it', async () => {
    const weights = path.join(folder, 'horse2zebra.pt');
    const drawn = path.join(folder, 'zebra.png');
    const photo = path.join(folder, 'horse.png');
    await writeFile(weights, cycleFile());
    await sharp(samplePath(3)).resize(160).toFile(photo);
    const stdout = await runExample('import-style.js', weights, photo, drawn);
    const { width, height } = await sharp(await readFile(drawn)).metadata();
    const [first, second] = stdout.trimEnd().split('\n');
    assert.equal(first, 'horse2zebra: CycleGAN ResNet generator, imported from horse2zebra.pt');
    assert.equal(second, `${photo} drawn on cpu -> ${drawn} (${width} x ${height})`);
    assert.equal(width, 160);
  });

  it('train a style and draw with it', async () => {
    for (const [kind, tint] of Object.entries({ photos: '#88aa66', paintings: '#aa6688' }))
      for (const index of [1, 2]) {
        await mkdir(path.join(folder, kind), { recursive: true });
        await sharp(samplePath(index))
          .resize(90)
          .tint(tint)
          .toFile(path.join(folder, kind, `${index}.png`));
      }
    const [photo, drawn] = ['photos/1.png', 'trained.png'].map((name) => path.join(folder, name));
    const stdout = await runExample('train-style.js', 'photos', 'paintings', 'run', photo, drawn, '2');
    const [first, second] = stdout.trimEnd().split('\n');
    assert.match(first, /^Trained 2 steps on \w+: run.a-to-b\.onnx, run.b-to-a\.onnx$/);
    assert.equal(second, `${photo} -> ${drawn}`);
    assert.equal((await sharp(await readFile(drawn)).metadata()).width, 90);
  });

  async function runExample(name: string, ...args: string[]): Promise<string> {
    const env = { ...process.env, NIGAOE_HOME: path.join(folder, 'home'), NIGAOE_OFFLINE: '1' };
    const program = [path.join(EXAMPLES, name), ...args];
    return (await promisify(execFile)(process.execPath, program, { cwd: folder, env })).stdout;
  }
});
