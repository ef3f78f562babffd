// A long film goes through in the memory of a few frames, whoever is slow.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DrawnFrame, Frame } from '../../shared/film/frame.js';
import { rememberInto } from '../../shared/film/memory.js';
import { STAGES, type Timings } from '../../shared/job.js';
import { parseOptions } from '../../shared/options.js';
import type { FilmStylizer } from '../../shared/stylizer.js';
import { containerOf } from '../../shared/video/containers.js';
import { drawVideo } from '../../shared/video/draw-video.js';
import { probe } from '../../shared/video/probe.js';
import { readAhead } from '../../shared/video/read-ahead.js';
import { frameSize } from '../../shared/video/size.js';
import { findTools } from '../../shared/video/tools.js';
import { WorkFolder } from '../../shared/video/work-folder.js';
import { ffmpeg, filmed, HAS_FFMPEG } from '../fixtures/ffmpeg.js';

const NO_TIME = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Timings;

describe(filmed('a long film'), () => {
  let folder: string;
  before(async function () {
    if (!HAS_FFMPEG) this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-long-'));
  });
  after(() => folder && rm(folder, { recursive: true }));

  it('takes no more memory than a short one while it is drawn slowly', async () => {
    const file = path.join(folder, 'long.mp4');
    // 400 frames of 0.7 MB: 280 MB in all.
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=640x360:r=50:d=8',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      file,
    );
    const film = await probe(file, 'long.mp4');
    const work = new WorkFolder(path.join(folder, 'out.mp4'));
    await work.take();
    const before = process.memoryUsage.rss();
    let most = 0;
    const stylizer: FilmStylizer = {
      stylize: () => assert.fail(),
      close: async () => undefined,
      async drawFrame({ photo, memory }: Frame): Promise<DrawnFrame> {
        most = Math.max(most, process.memoryUsage.rss());
        await pause(5);
        const drawn = {
          photo,
          memory: rememberInto(photo, memory),
          faces: 0,
          scope: 'photo',
          model: 'none',
        } as const;
        return { ...drawn, timings: NO_TIME, notices: [] };
      },
    };
    const result = await drawVideo(
      {
        ...{
          film,
          out: path.join(folder, 'out.mp4'),
          container: containerOf('out.mp4'),
          tools: await findTools(),
        },
        ...{ size: frameSize(film, 0, true), fps: 0, freeze: true, options: parseOptions(), folder: work },
        provenance: { program: 'test', style: 'none', digitalSourceType: 'algorithmicallyEnhanced' },
        journal: { fingerprint: '', segments: [], tally: { frames: 0, shots: 0, workMs: 0, notices: [] } },
      },
      { stylizer, onNotice: assert.fail },
    );
    assert.equal(result.frames, 400);
    const grown = (most - before) / 1e6;
    assert.ok(grown < 140, `${grown} MB`);
  });
});

describe('reading ahead', () => {
  it('goes so far and no further, and hands on in order', async () => {
    let read = 0;
    async function* numbers() {
      while (read < 20) yield read++;
    }
    const seen: number[] = [];
    for await (const number of readAhead(numbers(), 3)) {
      await pause(2);
      seen.push(number);
      assert.ok(read <= number + 5, `${read} read at ${number}`);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 20 }, (_, at) => at),
    );
  });

  it('throws what the stream throws, after what came before it', async () => {
    async function* failing() {
      yield 1;
      throw new Error('torn');
    }
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const number of readAhead(failing(), 3)) seen.push(number);
    }, /torn/);
    assert.deepEqual(seen, [1]);
  });
});
