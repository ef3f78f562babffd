// `nigaoe imagine` over pictures, by tiny networks: sizes, masks, previews, and what is refused.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { writeTinyDiffusion } from '../fixtures/tiny-diffusion.js';
import { CliWorld } from './cli-world.js';

describe('nigaoe imagine over a picture', () => {
  const world = CliWorld.inSuite();

  before(async () => {
    await writeTinyDiffusion(world.path('sd'));
    await writeTinyDiffusion(world.path('one-way'), { encoder: 'none' });
    await world.photo('photo.png', { width: 150, height: 99 });
    await world.photo('even.png', { width: 128, height: 64 });
    await world.photo('huge.png', { width: 2300, height: 64 });
    await mask('left.png', { width: 32, height: 16, white: { left: 0, top: 0, width: 16, height: 16 } });
    await mask('dot.png', { width: 128, height: 64, white: { left: 5, top: 5, width: 2, height: 2 } });
    await mask('black.png', { width: 32, height: 16 });
  });

  interface Rect {
    left: number;
    top: number;
    width: number;
    height: number;
  }
  async function mask(name: string, { white, ...size }: { width: number; height: number; white?: Rect }) {
    const blank = sharp({ create: { ...size, channels: 3, background: 'black' } });
    const { left = 0, top = 0, ...area } = white ?? { width: 1, height: 1 };
    const paint = { create: { ...area, channels: 3 as const, background: white ? 'white' : 'black' } };
    await blank
      .composite([{ input: paint, left, top }])
      .png()
      .toFile(world.path(name));
  }

  const imagine = (...args: string[]) =>
    world.run(['imagine', '--model', 'sd', '--steps', '4', '--device', 'cpu', ...args]);
  const pixels = async (name: string) => {
    const { data, info } = await sharp(await readFile(world.path(name)))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, size: `${info.width} x ${info.height}` };
  };
  async function drawn(...args: string[]) {
    const { exitCode, stderr } = await imagine(...args, '--force', '-o', 'drawn.png');
    assert.equal(exitCode, 0, stderr);
    return pixels('drawn.png');
  }

  const SIZES: [what: string, args: string[], size: string][] = [
    ['at its own size, rounded to multiples of 8', [], '152 x 96'],
    ['at a size that is said, of which it covers all', ['--width', '64', '--height', '128'], '64 x 128'],
    ['at a width, its height by its proportions', ['--width', '304'], '304 x 200'],
    ['at a height, its width by its proportions', ['--height', '200'], '304 x 200'],
  ];
  for (const [what, args, size] of SIZES)
    it(`draws ${what}`, async () => {
      assert.equal((await drawn('--image', 'photo.png', ...args)).size, size);
    });

  it('draws the same for the same seed, and further from the picture the higher the strength', async () => {
    const args = ['--image', 'even.png', '--prompt', 'a cat', '--seed', '3'];
    const first = await drawn(...args, '--strength', '0.5');
    assert.ok((await drawn(...args, '--strength', '0.5')).data.equals(first.data));
    assert.ok((await drawn(...args)).data.equals((await drawn(...args, '--strength', '0.6')).data));
    assert.ok(!(await drawn(...args, '--strength', '1')).data.equals(first.data));
  });

  it('draws anew what is white in a mask of any size, and keeps the rest to the last bit', async () => {
    const [{ data }, photo] = [
      await drawn('--image', 'even.png', '--mask', 'left.png', '--strength', '1'),
      await pixels('even.png'),
    ];
    const isSame = (at: number) =>
      [0, 1, 2].every((channel) => data[3 * at + channel] === photo.data[3 * at + channel]);
    const places = Array.from({ length: 128 * 64 }, (_, at) => at);
    // Lanczos makes the edge of the scaled mask soft.
    assert.ok(places.filter((at) => at % 128 >= 76).every(isSame));
    assert.ok(places.filter((at) => at % 128 < 52).filter(isSame).length < 50);
  });

  it('draws anew what is smaller than a latent too', async () => {
    const { data } = await drawn('--image', 'even.png', '--mask', 'dot.png', '--strength', '1');
    const photo = await pixels('even.png');
    const changed = [...data.keys()]
      .filter((at) => data[at] !== photo.data[at])
      .map((at) => Math.floor(at / 3));
    assert.deepEqual([...new Set(changed)], [645, 646, 773, 774]);
  });

  it('writes one picture without a frame, and says that it is made of a photo', async () => {
    assert.equal((await drawn('--width', '72', '--height', '64')).size, '72 x 64');
    await imagine('--image', 'even.png', '-o', 'label.jpg');
    assert.match(
      (await readFile(world.path('label.jpg'))).toString('latin1'),
      /compositeWithTrainedAlgorithmicMedia/,
    );
  });

  const REFUSALS: [what: string, args: string[], exitCode: number, message: RegExp][] = [
    [
      'a mask without a picture',
      ['--mask', 'left.png'],
      2,
      /^nigaoe: Expected no --mask for a drawing without --image but received "left\.png"\n {2}Give the picture/,
    ],
    ['a strength without a picture', ['--strength', '0.5'], 2, /no --strength for a drawing without --image/],
    [
      'a mask that shows nothing',
      ['--image', 'even.png', '--mask', 'black.png'],
      2,
      /Expected white where the picture is drawn anew for --mask but received "black\.png"/,
    ],
    [
      'a picture that is too large as it is',
      ['--image', 'huge.png'],
      2,
      /Expected a picture of at most 2048 px a side for --image but received "2304 x 64"\n {2}Say how large/,
    ],
    ['a picture that is not there', ['--image', 'no.png'], 3, /no\.png.*it is not there/],
    ['a strength that leaves no step', ['--image', 'even.png', '--strength', '0.1'], 2, /one step or more/],
    [
      'a folder that cannot draw over pictures',
      ['--model', 'one-way', '--image', 'even.png'],
      5,
      /Expected vae_encoder\/model\.onnx in one-way, which drawing over a picture takes/,
    ],
    ['steps between previews that nobody wants', ['--preview-every', '2'], 2, /no --preview-every for/],
    [
      'a preview that is the picture',
      ['--preview', './refused.png'],
      2,
      /another file than --out for --preview/,
    ],
    ['a preview over what is there', ['--preview', 'even.png'], 2, /Expected a new file for --preview/],
    ['a preview that is a folder', ['--preview', 'sd'], 2, /Expected a file for --preview/],
  ];
  for (const [what, args, exitCode, message] of REFUSALS)
    it(`refuses ${what}`, async () => {
      const finished = await imagine(...args, '-o', 'refused.png');
      assert.equal(finished.exitCode, exitCode, finished.stderr);
      assert.match(finished.stderr, message);
      assert.ok(!existsSync(world.path('refused.png')));
    });

  it('leaves the finished picture in the preview as well', async () => {
    await drawn('--image', 'even.png', '--mask', 'left.png', '--preview', 'now.png', '--preview-every', '1');
    assert.ok((await pixels('now.png')).data.equals((await pixels('drawn.png')).data));
  });

  it('shows previews on its way, and ends with 6 and whole files only when Ctrl-C comes between steps', async function () {
    if (process.platform === 'win32') this.skip();
    const before = await world.list('.');
    let waiting: NodeJS.Timeout | undefined;
    const many = ['--steps', '900', '--width', '512', '--height', '512'];
    const args = ['imagine', '--model', 'sd', ...many, '--preview', 'cut/now.png', '-o', 'cut/done.png'];
    const { exitCode, stderr } = await world.run(args, {
      onStderr: (_, kill) => {
        waiting ??= setInterval(() => {
          if (!existsSync(world.path('cut/now.png'))) return;
          clearInterval(waiting);
          kill('SIGINT');
        }, 20);
      },
    });
    clearInterval(waiting);
    assert.equal(exitCode, 6, stderr);
    const after = (await world.list('.')).filter((name) => !before.includes(name));
    assert.deepEqual(after, ['cut/now.png']);
    assert.equal((await pixels('cut/now.png')).size, '512 x 512');
  });
});
