// `nigaoe stylize` when something goes wrong on the way: the other photos are drawn, and nothing is left half done.

import assert from 'node:assert/strict';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { GraphBuilder } from '../../shared/models/onnx/builder.js';
import { type OnnxModel, writeOnnx } from '../../shared/models/onnx/file.js';
import { shrinkingGan } from '../fixtures/tiny-gan.js';
import { CliWorld, type Finished } from './cli-world.js';

describe('nigaoe stylize goes on after a failure', () => {
  const world = CliWorld.inSuite();
  const codes = ({ json }: Finished) =>
    json.map(({ error }) => (error as { code: string } | undefined)?.code);

  before(async () => {
    await world.photo('good.jpg');
    await world.photo('batch/1.jpg');
    await world.photo('batch/4.png');
    await world.file('batch/2.jpg', '');
    const whole = await readFile(world.path('good.jpg'));
    await world.file('batch/3.jpg', whole.subarray(0, whole.length / 2));
    await world.file('text.txt', 'text');
    await world.file('bad.onnx', 'not a model');
  });

  it('draws the good ones, names the bad ones and ends with their exit code', async () => {
    const finished = await world.run(['stylize', 'batch', '-o', 'out', '--json']);
    assert.equal(finished.exitCode, 3);
    assert.deepEqual(codes(finished), [undefined, 'photo-unreadable', 'photo-unreadable', undefined]);
    assert.deepEqual(await world.list('out'), ['1-ink.jpg', '4-ink.png']);
    assert.match(finished.stderr, /batch\/2\.jpg is empty/);
    assert.match(finished.stderr, /4 photos: 2 drawn, 2 failed/);
  });

  it('draws the others when one of several files is not there', async () => {
    const { exitCode, stderr } = await world.run(['stylize', 'none.jpg', 'good.jpg', '-o', 'others']);
    assert.equal(exitCode, 3);
    assert.match(stderr, /Expected to read none\.jpg but cannot: it is not there/);
    assert.deepEqual(await world.list('others'), ['good-ink.jpg']);
  });

  it('ends with 1 when the failures differ', async () => {
    const args = ['stylize', 'good.jpg', 'batch/2.jpg', '-o', 'mixed', '--scope', 'faces', '--json'];
    const finished = await world.run(args);
    assert.deepEqual([finished.exitCode, codes(finished)], [1, ['no-face', 'photo-unreadable']]);
  });

  it('ends with 4 where no face is found, and does as --no-face says', async () => {
    const { exitCode, stderr } = await world.run(['stylize', 'good.jpg', '-o', 'f.jpg', '--scope', 'faces']);
    assert.equal(exitCode, 4);
    assert.match(stderr, /good\.jpg: Expected a face.*\n.*--no-face/);
    const drawn = await world.run([
      'stylize',
      'good.jpg',
      '-o',
      'f.jpg',
      '--scope',
      'faces',
      '--no-face',
      'photo',
    ]);
    assert.equal(drawn.exitCode, 0, drawn.stderr);
  });

  it('stops at once when the model is no model', async () => {
    const { exitCode, stderr } = await world.run(['stylize', 'batch', '-o', 'm', '--style', 'bad.onnx']);
    assert.equal(exitCode, 5);
    assert.match(stderr, /Expected an ONNX model in .*bad\.onnx/);
    assert.match(stderr, /1 failed, 3 not done/);
  });

  it('goes on when the model cannot draw one picture', async () => {
    await world.photo('sizes/1.png', { width: 64, height: 64 });
    await world.photo('sizes/2.png', { width: 128, height: 64 });
    await world.photo('sizes/3.png', { width: 64, height: 64 });
    for (const [name, model] of [
      ['picky', pickyGan(64)],
      ['shrinking', shrinkingGan()],
    ] as const) {
      await world.file(`${name}.onnx`, writeOnnx(model));
      const { stderr, json } = await world.run([
        'stylize',
        'sizes',
        '-o',
        name,
        '--style',
        `${name}.onnx`,
        '--json',
      ]);
      const drawn = name === 'picky' ? 'drawn' : 'failed';
      assert.deepEqual(
        json.map(({ status }) => status),
        [drawn, 'failed', drawn],
        stderr,
      );
    }
  });

  it('refuses a folder in the place of the result', async () => {
    await mkdir(world.path('taken/good-ink.jpg'), { recursive: true });
    const { exitCode, stderr } = await world.run(['stylize', 'good.jpg', '-o', 'taken']);
    assert.equal(exitCode, 1);
    assert.match(stderr, /it is a folder/);
    assert.deepEqual(await world.list('taken'), []);
  });

  it('draws without a store that can be written, as ink needs none', async () => {
    const env = { NIGAOE_HOME: world.path('text.txt') };
    const { exitCode, stderr } = await world.run(['stylize', 'good.jpg', '-o', 'no-store.jpg'], { env });
    assert.equal(exitCode, 0, stderr);
    const pull = await world.run(['models', 'pull', 'yunet'], { env });
    assert.equal(pull.exitCode, 5);
    assert.match(pull.stderr, /writable model store/);
  });

  it('shows where an internal error comes from only when asked', async () => {
    const { stderr } = await world.run(['stylize', 'batch/2.jpg', '-o', 'x.jpg'], {
      env: { NIGAOE_DEBUG: '1' },
    });
    assert.match(stderr, /\n {4}at /);
  });

  describe('on POSIX systems', () => {
    before(function () {
      if (process.platform === 'win32') this.skip();
    });

    it('says that a file grows too large, and leaves nothing behind', async () => {
      await world.photo('large.jpg', { width: 400, height: 300 });
      const { exitCode, stderr } = await world.bash('ulimit -f 4; nigaoe stylize large.jpg -o full/x.png');
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, /Expected to write full\/x\.png but cannot: the file is larger than is allowed/);
      assert.deepEqual(await world.list('full'), []);
    });

    it('says that a disk under standard output is full', async function () {
      if (process.platform !== 'linux') this.skip();
      const { exitCode, stderr } = await world.bash('nigaoe stylize good.jpg -o - > /dev/full');
      assert.equal(exitCode, 1);
      assert.match(stderr, /^nigaoe: .*standard output.*ENOSPC/m);
    });

    it('says that a folder is read-only', async function () {
      if (process.getuid?.() === 0) this.skip();
      await mkdir(world.path('locked'), { mode: 0o555 });
      const { exitCode, stderr } = await world.run(['stylize', 'good.jpg', '-o', 'locked']);
      assert.deepEqual([exitCode, /permission is denied/.test(stderr)], [1, true]);
    });

    it('is silent when the reader of its output has gone', async () => {
      const line =
        'nigaoe models list --json | head -1; echo "$' + '{PIPESTATUS[0]}"; nigaoe stylize --help | true';
      const { lines, stderr } = await world.bash(line);
      assert.equal(lines[1], '0');
      assert.equal(stderr, '');
    });

    it('takes a pipe with a name, and replaces what a link points to', async () => {
      await world.photo('real/old.jpg');
      await symlink('real/old.jpg', world.path('link.jpg'));
      const { exitCode, stderr } = await world.bash('nigaoe stylize <(cat good.jpg) -o link.jpg --force');
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual(await world.list('real'), ['old.jpg']);
      assert.deepEqual(await readFile(world.path('link.jpg')), await readFile(world.path('real/old.jpg')));
    });
  });
});

/** A network that takes pictures of any size by its ports, and in truth one size only. */
function pickyGan(sidePx: number): OnnxModel {
  const graph = new GraphBuilder('picky');
  const dims = [1, 3, 'height', 'width'];
  const dark = graph.weight([1, 1, sidePx, sidePx], new Float32Array(sidePx * sidePx).fill(-0.1));
  graph.output('drawing', graph.op('Add', [graph.input('picture', dims), dark]), dims);
  return graph.model();
}
