// nigaoe video: stopped, killed, gone on with.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { filmed, frameTimes } from '../../fixtures/ffmpeg.js';
import { FilmWorld, SAME } from './film-world.js';

/** What a killed run must have left: more than one segment, and frames behind it. */
const THIRD_SEGMENT = '00003.nut';

describe(filmed('a film that is stopped'), () => {
  const world = FilmWorld.inSuite();
  let whole: Buffer;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    await world.variable('film.mp4', 360);
    assert.equal((await world.draw('film.mp4', 'whole.mp4')).exitCode, 0);
    whole = await readFile(world.path('whole.mp4'));
  });

  /** Draws until the third segment is begun, sends the signal, and returns what came of it. */
  async function stopped(
    out: string,
    signal: NodeJS.Signals,
  ): Promise<{ exitCode: number | null; stderr: string }> {
    let ended = false;
    let kill: ((signal: NodeJS.Signals) => void) | undefined;
    const run = world
      .run(['video', 'film.mp4', '-o', out, '--style', SAME], { onStderr: (_, end) => (kill = end) })
      .finally(() => (ended = true));
    const third = world.path(`.${out}.nigaoe/${THIRD_SEGMENT}`);
    while (!ended && !existsSync(third)) await pause(10);
    kill?.(signal);
    return run;
  }

  /** ffmpegs that work in the folder of this suite. */
  async function ffmpegs(): Promise<string[]> {
    const list = spawn('ps', ['-eo', 'stat,args']);
    const chunks: Buffer[] = [];
    for await (const chunk of list.stdout) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString().split('\n');
    return lines.filter((line) => line.includes('ffmpeg') && line.includes(world.cli.folder));
  }

  it('by Ctrl-C ends with 6, leaves no half film and no ffmpeg, and says how to go on', async () => {
    const { exitCode, stderr } = await stopped('cancelled.mp4', 'SIGINT');
    assert.equal(exitCode, 6, stderr);
    assert.match(stderr, /\d+ frames are kept in .*: the same command with --resume goes on there/);
    assert.deepEqual(await ffmpegs(), []);
    assert.ok(!(await world.cli.list('.')).includes('cancelled.mp4'));
    await rm(world.path('.cancelled.mp4.nigaoe'), { recursive: true });
  });

  describe('by a kill', () => {
    before(async () => {
      await stopped('killed.mp4', 'SIGKILL');
    });

    it('leaves no ffmpeg behind', async () => {
      for (let tries = 0; tries < 50 && (await ffmpegs()).length > 0; tries++) await pause(100);
      assert.deepEqual(await ffmpegs(), []);
    });

    it('is not begun anew by accident', async () => {
      const { exitCode, stderr } = await world.draw('film.mp4', 'killed.mp4');
      assert.equal(exitCode, 2);
      assert.match(
        stderr,
        /Expected --resume or --force for killed\.mp4 .*: \d+ frames of it are drawn already/,
      );
    });

    it('is gone on with to the same bytes as without the kill, and leaves nothing else', async () => {
      const { exitCode, stderr, json } = await world.draw('film.mp4', 'killed.mp4', '--resume', '--json');
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /Going on after \d+ frames of an earlier run/);
      assert.ok((await readFile(world.path('killed.mp4'))).equals(whole));
      assert.equal(json.at(-1)?.frames, (await frameTimes(world.path('film.mp4'))).length);
      assert.ok(!(await world.cli.list('.')).some((file) => file.includes('.nigaoe')));
    });
  });

  it('is begun anew with other options, and says so', async () => {
    await stopped('other.mp4', 'SIGKILL');
    const { exitCode, stderr } = await world.draw('film.mp4', 'other.mp4', '--resume', '--to', '0.5');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /had another film, style, options or version of nigaoe: beginning anew/);
  });

  it('before it began is just begun', async () => {
    const { exitCode, stderr } = await world.draw('film.mp4', 'fresh.mp4', '--resume', '--to', '0.3');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /nothing to go on with: beginning anew/);
  });

  it('by an ffmpeg that dies fails with its last words', async () => {
    const dying = world.path('ffmpeg');
    // The third call encodes: all others are real.
    const script = `#!/bin/sh\ncase "$*" in *libx264*) echo "the card is on fire" >&2; exit 9;; esac\nexec ffmpeg "$@"\n`;
    await writeFile(dying, script, { mode: 0o755 });
    await writeFile(world.path('ffprobe'), '#!/bin/sh\nexec ffprobe "$@"\n', { mode: 0o755 });
    const { exitCode, stderr } = await world.run(['video', 'film.mp4', '-o', 'fire.mp4', '--style', SAME], {
      env: { NIGAOE_FFMPEG: dying },
    });
    assert.equal(exitCode, 1);
    assert.match(stderr, /Expected ffmpeg to write fire\.mp4 but it ended: the card is on fire/);
    assert.ok(!(await world.cli.list('.')).some((file) => file.includes('fire')));
  });
});
