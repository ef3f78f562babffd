// Shots: where they begin in painted films, and that each is drawn in the colours of its first frame.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drawFrame } from '../../shared/film/frame.js';
import { rememberInto, type ShotMemory } from '../../shared/film/memory.js';
import type { Statistics } from '../../shared/generators/generator.js';
import { parseOptions } from '../../shared/options.js';
import type { Photo } from '../../shared/photo/photo.js';
import type { OpenStyle, Studio } from '../../shared/studio.js';
import { tensor } from '../../shared/tensor.js';
import { openVideo } from '../../shared/video/decode.js';
import { probe } from '../../shared/video/probe.js';
import { frameSize } from '../../shared/video/size.js';
import { findTools } from '../../shared/video/tools.js';
import { ffmpeg, filmed, HAS_FFMPEG } from '../fixtures/ffmpeg.js';
import { paintPhoto } from '../fixtures/photos.js';

/** Painted scenes of unlike colours, half a second each at 20 frames a second. */
const SCENES = {
  bars: 'smptehdbars=s=320x180:r=20:d=0.5',
  fractal: 'mandelbrot=s=320x180:r=20:end_pts=10,trim=end=0.5',
  warm: 'gradients=s=320x180:r=20:d=0.5:c0=orange:c1=darkred:seed=1',
  cold: 'gradients=s=320x180:r=20:d=0.5:c0=navy:c1=cyan:seed=2',
};
const still = 'testsrc2=s=1280x720:r=20:d=1,trim=end_frame=1,loop=loop=19:size=1,setpts=N/20/TB';
/** Films of one shot, whatever the camera does. */
const MOVES = {
  'a pan of a third of the picture in a second': `${still},crop=320:180:x=5*n:y=200`,
  'a zoom to double the size in a second': `${still},zoompan=z=1+in*0.05:d=1:s=320x180:fps=20`,
  'a shake of a tenth of the picture': `${still},crop=320:180:x=400+32*sin(n*2.1):y=200+18*cos(n*1.7)`,
  'a fade from black and to black': `${still},scale=320:180,fade=in:0:10,fade=out:10:10`,
  'a rising exposure': `${still},scale=320:180,eq=brightness=-0.2+n*0.02:eval=frame`,
};

describe(filmed('the shots of a film'), () => {
  let folder: string;
  before(async function () {
    if (!HAS_FFMPEG) this.skip();
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-shots-'));
  });
  after(() => folder && rm(folder, { recursive: true }));

  /** The shot that each frame of a painted film belongs to. */
  async function shotsOf(graph: string): Promise<number[]> {
    const file = path.join(folder, 'film.mkv');
    await ffmpeg(
      '-filter_complex',
      `${graph},format=yuv420p`,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-crf',
      '20',
      file,
    );
    const film = await probe(file, 'film.mkv');
    const [tools, size] = [await findTools(), frameSize(film, 0, true)];
    const footage = await openVideo(film, { tools, size, alpha: false, onNotice: assert.fail });
    const shots: number[] = [];
    let memory: ShotMemory | undefined;
    for await (const { photo } of footage.frames) {
      memory = rememberInto(photo, memory);
      shots.push(memory.shot);
    }
    return shots;
  }

  it('begin at cuts and nowhere else', async () => {
    const scenes = Object.values(SCENES);
    const graph = scenes.map((scene, at) => `${scene},setsar=1,format=yuv420p[${at}]`).join(';');
    const shots = await shotsOf(
      `${graph};${scenes.map((_, at) => `[${at}]`).join('')}concat=n=${scenes.length}`,
    );
    assert.deepEqual(
      shots,
      [1, 2, 3, 4].flatMap((shot) => Array<number>(10).fill(shot)),
    );
  });

  for (const [what, graph] of Object.entries(MOVES))
    it(`do not begin in ${what}`, async () => {
      const seen = new Set((await shotsOf(graph)).filter((shot) => shot > 0));
      assert.deepEqual([...seen], [1]);
    });

  it('begin behind black', async () => {
    const black = 'color=black:s=320x180:r=20:d=0.2,format=yuv420p[b]';
    const shots = await shotsOf(
      `${SCENES.warm},format=yuv420p[a];${black};${SCENES.cold},format=yuv420p[c];[a][b][c]concat=n=3`,
    );
    assert.deepEqual([shots[0], shots[12], shots.at(-1)], [1, 1, 2]);
  });
});

/** Draws a picture as its own mean, or as the one that was measured. */
function meanStudio(studies: number[]): Studio {
  const meanOf = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
  const style: OpenStyle = {
    ...{ id: 'mean', side: { multipleOf: 1, minPx: 1, maxPx: 512 }, mix: 1 },
    ...{ device: 'cpu', deviceReason: 'asked for' },
    draw: async ({ dims, data }, { statistics }) => {
      const mean = statistics?.get('mean')?.data[0] ?? meanOf(data);
      return tensor(dims, new Float32Array(data.length).fill(mean));
    },
    study: async ({ data }): Promise<Statistics> => {
      studies.push(meanOf(data));
      return new Map([['mean', tensor([1], Float32Array.of(meanOf(data)))]]);
    },
  };
  const traits = { id: 'mean', kind: 'gan', scope: 'photo' } as const;
  const studio = { traits: async () => traits, style: async () => style };
  // Of the studio a frame of scope photo asks nothing else.
  return studio as unknown as Studio;
}

describe('the colours of a shot', () => {
  const options = parseOptions({ style: 'mean', scope: 'photo', device: 'cpu' });
  /** Stripes, brighter from frame to frame; after frame 3 another scene. */
  const frames: Photo[] = Array.from({ length: 6 }, (_, at) =>
    paintPhoto(64, 48, (x, y) =>
      at < 3 ? [90 + 4 * at + (x % 32), 80, 70] : [20, 30, 150 + 4 * at + (y % 32)],
    ),
  );

  async function drawn(freeze: boolean, studies: number[] = []): Promise<string[]> {
    const studio = meanStudio(studies);
    const colours: string[] = [];
    let memory: ShotMemory | undefined;
    for (const [at, photo] of frames.entries()) {
      const frame = await drawFrame({ photo, timeMs: at * 40, memory, freeze }, options, studio, {});
      // It may have lain on the disk between two frames.
      memory = structuredClone(frame.memory);
      colours.push(String(frame.photo.data.subarray(0, 3)));
    }
    return colours;
  }

  it('are those of its first frame, which is measured once', async () => {
    const studies: number[] = [];
    const colours = await drawn(true, studies);
    assert.equal(new Set(colours.slice(0, 3)).size, 1);
    assert.equal(new Set(colours.slice(3)).size, 1);
    assert.notEqual(colours[0], colours[3]);
    assert.equal(studies.length, 2);
  });

  it('are those of each frame where nothing is held', async () => {
    const studies: number[] = [];
    assert.equal(new Set(await drawn(false, studies)).size, 6);
    assert.deepEqual(studies, []);
  });
});
