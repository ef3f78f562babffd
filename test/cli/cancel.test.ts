// Ctrl-C in the middle of a batch.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { CliWorld } from './cli-world.js';

describe('Ctrl-C', () => {
  const world = CliWorld.inSuite();

  before(async function () {
    if (process.platform === 'win32') this.skip();
    for (const name of [1, 2, 3, 4, 5, 6]) await world.photo(`in/${name}.jpg`, { width: 900, height: 700 });
  });

  it('stops the batch, leaves whole files only, and ends with 6', async () => {
    let sent = false;
    const { exitCode, stderr, lines } = await world.run(['stylize', 'in', '-o', 'out'], {
      onStdout: (text, kill) => {
        if (!sent && text.includes('->')) kill('SIGINT');
        sent = true;
      },
    });
    assert.equal(exitCode, 6);
    assert.match(stderr, /Cancelled\. 6 photos: \d drawn, \d not done/);
    const names = await world.list('out');
    assert.ok(names.length >= 1 && names.length < 6, names.join());
    assert.equal(names.length, lines.length);
    for (const name of names)
      assert.equal((await sharp(await readFile(world.path(`out/${name}`))).stats()).channels.length, 3);
  });

  it('goes on where it was stopped', async () => {
    const before = (await world.list('out')).length;
    const { json } = await world.run(['stylize', 'in', '-o', 'out', '--json']);
    assert.equal(json.filter(({ status }) => status === 'kept').length, before);
    assert.equal((await world.list('out')).length, 6);
  });

  it('ends the process at once when pressed twice', async () => {
    const startMs = performance.now();
    let sent = false;
    const { exitCode } = await world.run(['stylize', 'in', '-o', 'twice'], {
      onStdout: (_, kill) => {
        if (sent) return;
        sent = true;
        kill('SIGTERM');
        setTimeout(() => kill('SIGINT'), 20);
      },
    });
    assert.equal(exitCode, 6);
    assert.ok(performance.now() - startMs < 30_000);
    assert.ok((await world.list('twice')).every((name) => /^\d-ink\.jpg$/.test(name)));
  });

  it('ends the doctor without a diagnosis', async () => {
    let sent = false;
    const { exitCode, stdout, stderr } = await world.run(['doctor'], {
      onStderr: (text, kill) => {
        if (!sent && text.includes('Trying the devices')) kill('SIGINT');
        sent = true;
      },
    });
    assert.equal(exitCode, 6);
    assert.match(stderr, /cancelled/);
    assert.equal(stdout.toString(), '');
  });
});
