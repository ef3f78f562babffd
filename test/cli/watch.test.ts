// `nigaoe watch` as a user has it: folders that fill, restarts, kills, broken photos, folders that vanish.

import assert from 'node:assert/strict';
import { copyFile, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { CliWorld } from './cli-world.js';
import { Running } from './running.js';

const QUICK = ['--settle', '150'];

describe('nigaoe watch', () => {
  const world = CliWorld.inSuite();
  const running: Running[] = [];

  before(async function () {
    // Signals are not what they are elsewhere.
    if (process.platform === 'win32') this.skip();
    await world.photo('small.jpg');
    await world.photo('large.jpg', { width: 640, height: 480 });
    await world.photo('huge.jpg', { width: 1400, height: 1000 });
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.end('SIGKILL');
  });

  function watch(...args: string[]): Running {
    const one = new Running(world, ['watch', ...args, ...QUICK]);
    running.push(one);
    return one;
  }
  const once = (...args: string[]) => world.run(['watch', ...args, '--once', '--json', ...QUICK]);
  const put = (name: string, from = 'small.jpg') => copyFile(world.path(from), world.path(name));
  /** Names of drawings, without what the watcher keeps for itself. */
  const drawings = async (folder: string) =>
    (await world.list(folder)).filter((name) => !name.startsWith('.'));
  const inputsOf = (lines: readonly Record<string, unknown>[], wanted = 'drawn') =>
    lines.filter(({ status }) => status === wanted).map(({ input }) => input);

  it('draws what lies there and what comes, and nothing twice', async () => {
    await world.photo('life/in/old.jpg');
    await world.photo('life/in/sub/deep/b.png');
    await world.file('life/in/.hidden.jpg', 'not to be read');
    await world.file('life/in/notes.txt', 'no photo');
    const first = watch('life/in', 'life/out', '--recursive', '--json');
    await first.says('b-ink.png');
    await put('life/in/new.jpg.part');
    await put('life/in/second.jpg');
    await first.says('second-ink.jpg');
    await rename(world.path('life/in/new.jpg.part'), world.path('life/in/new.jpg'));
    await first.says('new-ink.jpg');
    const startMs = performance.now();
    assert.equal(await first.end('SIGTERM'), 0);
    assert.ok(performance.now() - startMs < 2_000);
    assert.deepEqual(first.json[0], {
      event: 'watching',
      in: 'life/in',
      out: 'life/out',
      style: 'ink',
      drawn: 0,
      waiting: 2,
      left: 0,
    });
    assert.deepEqual(first.json.at(-1), { event: 'stopped', drawn: 4, failed: 0 });
    assert.deepEqual(await drawings('life/out'), [
      'new-ink.jpg',
      'old-ink.jpg',
      'second-ink.jpg',
      'sub/deep/b-ink.png',
    ]);

    await put('life/in/second.jpg', 'large.jpg');
    await rm(world.path('life/out/old-ink.jpg'));
    const changed = await once('life/in', 'life/out', '--recursive');
    assert.deepEqual(inputsOf(changed.json), ['life/in/old.jpg', 'life/in/second.jpg']);
    const otherwise = await once('life/in', 'life/out', '--recursive', '--strength', '0.5');
    assert.equal(inputsOf(otherwise.json).length, 4);
    assert.equal((await drawings('life/out')).length, 4);
  });

  it('draws the oldest first, and leaves alone what lies there with --new-only', async () => {
    for (const [name, hour] of [
      ['b', 1],
      ['a', 2],
      ['c', 3],
    ] as const) {
      await world.photo(`age/in/${name}.jpg`);
      await utimes(world.path(`age/in/${name}.jpg`), hour * 3600, hour * 3600);
    }
    const { json } = await once('age/in', 'age/out');
    assert.deepEqual(inputsOf(json), ['age/in/b.jpg', 'age/in/a.jpg', 'age/in/c.jpg']);
    const fresh = watch('age/in', 'age/new', '--new-only', '--poll', '0.1');
    await fresh.says('Watching');
    await put('age/in/d.jpg');
    await fresh.says('d-ink.jpg');
    assert.equal(await fresh.end('SIGINT'), 0);
    assert.deepEqual(await drawings('age/new'), ['d-ink.jpg']);
  });

  it('reads a photo when it is complete, however slowly it comes', async () => {
    await world.photo('slow/in/first.jpg');
    const slow = watch('slow/in', 'slow/out', '--json');
    await slow.says('first-ink.jpg');
    const bytes = await readFile(world.path('large.jpg'));
    const file = await open(world.path('slow/in/slow.jpg'), 'w');
    // Shorter than a photo takes to settle, and once longer.
    for (const [part, ms] of [50, 50, 50, 500, 50].entries()) {
      await file.write(bytes.subarray((part * bytes.length) / 5, ((part + 1) * bytes.length) / 5));
      await pause(ms);
    }
    await file.close();
    await slow.says('slow-ink.jpg');
    await slow.end();
    assert.deepEqual(inputsOf(slow.json), ['slow/in/first.jpg', 'slow/in/slow.jpg']);
    assert.deepEqual(inputsOf(slow.json, 'failed'), []);
  });

  it('draws at the next start what it was killed over, and leaves nothing half', async () => {
    await world.photo('kill/in/first.jpg');
    const killed = watch('kill/in', 'kill/out', '--json');
    await killed.says('first-ink.jpg');
    await put('kill/in/huge.jpg', 'huge.jpg');
    await pause(450);
    await killed.end('SIGKILL');
    // As if the kill was some time ago: until then a lock may be that of a watcher that is only slow.
    await utimes(world.path('kill/out/.nigaoe-watch.lock'), 0, 0);
    await world.file(`kill/out/.nigaoe-${2 ** 30}-0123456789ab`, 'half a picture of a process that is dead');
    assert.deepEqual(await drawings('kill/out'), ['first-ink.jpg']);
    const { json, exitCode } = await once('kill/in', 'kill/out');
    assert.deepEqual([exitCode, inputsOf(json)], [0, ['kill/in/huge.jpg']]);
    assert.deepEqual(await world.list('kill/out'), ['.nigaoe-watch.jsonl', 'first-ink.jpg', 'huge-ink.jpg']);
  });

  it('is the only one that draws into a folder', async () => {
    await world.photo('two/in/a.jpg');
    const first = watch('two/in', 'two/out');
    await first.says('a-ink.jpg');
    const { exitCode, stderr } = await world.run(['watch', 'two/in', 'two/out', ...QUICK]);
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /Expected to be the only watcher that draws into two\/out but another one does\n {2}Stop/,
    );
    assert.equal(await first.end(), 0);
  });

  it('moves photos aside that cannot be drawn, with the reason', async () => {
    await world.photo('bad/in/good.jpg');
    await world.file('bad/in/sub/text.jpg', 'hello');
    await world.file('bad/in/cut.jpg', (await readFile(world.path('large.jpg'))).subarray(0, 5000));
    const { exitCode, json, stderr } = await once('bad/in', 'bad/out', '--recursive');
    assert.equal(exitCode, 3, stderr);
    assert.deepEqual(inputsOf(json, 'failed').sort(), ['bad/in/cut.jpg', 'bad/in/sub/text.jpg']);
    assert.deepEqual(await world.list('bad/in'), [
      ...[
        'failed/cut.jpg',
        'failed/cut.jpg.txt',
        'failed/sub/text.jpg',
        'failed/sub/text.jpg.txt',
        'good.jpg',
      ],
    ]);
    const reason = await readFile(world.path('bad/in/failed/cut.jpg.txt'), 'utf8');
    assert.match(reason, /^bad\/in\/cut\.jpg is incomplete.*\n.*\nPut it into the watched folder again/);

    // As by a camera that writes one file again and again, and was cut off once.
    await put('bad/in/good.jpg', 'bad/in/failed/cut.jpg');
    assert.deepEqual(inputsOf((await once('bad/in', 'bad/out')).json, 'failed'), ['bad/in/good.jpg']);
    await put('bad/in/good.jpg');
    const { json: mended } = await once('bad/in', 'bad/out');
    assert.deepEqual(mended.find(({ status }) => status === 'drawn')?.outputs, ['bad/out/good-ink.jpg']);
  });

  it('remembers those that stay where they are', async () => {
    await world.file('keep/in/text.jpg', 'hello');
    const first = await once('keep/in', 'keep/out', '--keep-failed');
    assert.deepEqual([first.exitCode, inputsOf(first.json, 'failed')], [3, ['keep/in/text.jpg']]);
    const second = await once('keep/in', 'keep/out', '--keep-failed');
    assert.deepEqual([second.exitCode, inputsOf(second.json, 'failed')], [0, []]);
    // Where nothing can be moved to, it is as if that was asked for.
    await world.file('keep/blocked', 'a file');
    const blocked = await once('keep/in', 'keep/other', '--failed', 'keep/blocked/failed');
    assert.equal(blocked.json.find(({ event }) => event === 'stuck')?.input, 'keep/in/text.jpg');
    assert.deepEqual(await world.list('keep/in'), ['text.jpg']);
  });

  it('leaves photos alone when the fault is not theirs', async () => {
    await world.photo('fault/in/a.jpg');
    const { exitCode } = await once('fault/in', 'fault/out', '--style', 'hayao', '--accept-licence');
    assert.equal(exitCode, 5);
    assert.deepEqual(await world.list('fault/in'), ['a.jpg']);
  });

  it('never lets one result overwrite that of another photo', async () => {
    await world.photo('name/in/a.jpg');
    const only = watch('name/in', 'name/out', '--done', 'name/done');
    await only.says('a-ink.jpg');
    await put('name/in/a.jpeg', 'large.jpg');
    await only.says('a.jpeg-ink.jpg');
    await put('name/in/a.jpg');
    await only.says('a.jpg-ink.jpg');
    await put('name/in/a.jpg');
    await only.says('a-2-ink.jpg');
    await only.end();
    assert.deepEqual(await world.list('name/done'), ['a-2.jpg', 'a-3.jpg', 'a.jpeg', 'a.jpg']);
    assert.deepEqual(await drawings('name/in'), []);
    assert.equal((await drawings('name/out')).length, 4);
  });

  it('takes results within the watched folder for no photos', async () => {
    await world.photo('loop/a.jpg');
    await once('loop', 'loop/drawn', '--recursive');
    const { json } = await once('loop', 'loop/drawn', '--recursive');
    assert.deepEqual(inputsOf(json), []);
    for (const out of ['loop/../loop', '.']) {
      const refused = await once('loop', out);
      assert.equal(refused.exitCode, 2);
      assert.match(refused.stderr, /Expected a folder that does not hold IN for OUT/);
    }
  });

  it('waits for folders that vanish', async () => {
    await world.photo('gone/in/a.jpg');
    const waiting = watch('gone/in', 'gone/out');
    await waiting.says('a-ink.jpg');
    await rename(world.path('gone/in'), world.path('gone/unplugged'));
    await waiting.says('gone/in is gone');
    await rename(world.path('gone/unplugged'), world.path('gone/in'));
    await waiting.says('gone/in is back');
    await put('gone/in/b.jpg');
    await waiting.says('b-ink.jpg');
    await rename(world.path('gone/out'), world.path('gone/unplugged'));
    await put('gone/in/c.jpg');
    await waiting.says('its folder is gone');
    await rename(world.path('gone/unplugged'), world.path('gone/out'));
    await waiting.says('c-ink.jpg');
    assert.equal(await waiting.end(), 0);
    assert.deepEqual(await drawings('gone/out'), ['a-ink.jpg', 'b-ink.jpg', 'c-ink.jpg']);
  });

  it('goes on with a journal that is torn or lost, and with what stylize has drawn', async () => {
    await world.photo('lost/in/a.jpg');
    await world.run(['stylize', 'lost/in', '-o', 'lost/out']);
    const drawnMs = (await stat(world.path('lost/out/a-ink.jpg'))).mtimeMs;
    await put('lost/in/b.jpg');
    assert.deepEqual(inputsOf((await once('lost/in', 'lost/out')).json), ['lost/in/b.jpg']);
    await world.file('lost/out/.nigaoe-watch.jsonl', 'no journal\n{"photo": 7}\n');
    const { json } = await once('lost/in', 'lost/out');
    const told = json.find(({ event }) => event === 'journal');
    assert.deepEqual([inputsOf(json), told?.damagedLines], [[], 2]);
    assert.equal((await stat(world.path('lost/out/a-ink.jpg'))).mtimeMs, drawnMs);
    assert.deepEqual(await drawings('lost/out'), ['a-ink.jpg', 'b-ink.jpg']);
  });

  it('says what is wrong with its folders and flags', async () => {
    await world.photo('flag/in/a.jpg');
    const cases = [
      [['flag/none', 'flag/out'], /Expected a folder for IN but received "flag\/none"/],
      [['flag/in', 'small.jpg'], /Expected a folder for OUT but received "small.jpg"/],
      [['flag/in', 'flag/out', '--failed', 'flag'], /does not hold IN for --failed/],
      [['flag/in', 'flag/out', '--once', '--new-only'], /Expected no --new-only for --once/],
      [['flag/in', 'flag/out', '--keep-failed', '--failed', 'x'], /Expected no --failed for --keep-failed/],
      [['flag/in', 'flag/out', '--settle', 'soon'], /from 0 to 3600000 for --settle/],
    ] as const;
    for (const [args, sentence] of cases) {
      const { exitCode, stderr } = await world.run(['watch', ...args]);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, sentence);
    }
    await assert.rejects(stat(world.path('flag/out')));
  });
});
