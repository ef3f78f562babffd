// The stylizer from bytes to bytes with the style ink: what each scope and option makes of a photo, and what a job says.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { NigaoeError } from '../shared/errors.js';
import { type Progress, STAGES, type StylizeResult } from '../shared/job.js';
import type { PartialOptions } from '../shared/options.js';
import { decodePhoto } from '../shared/photo/decode.js';
import { encodePhoto } from '../shared/photo/encode.js';
import type { Photo } from '../shared/photo/photo.js';
import { openStylizer, type Stylizer } from '../shared/stylizer.js';
import { MIRROR, NO_MODELS, titled } from './fixtures/mirror.js';
import { hills, levelsAt, paintPhoto, psnr, readSample } from './fixtures/photos.js';

/** Quick ones: the CPU, small squares, the networks of the package. */
const QUICK: PartialOptions = { device: 'cpu', size: 96, detector: 'embedded', landmarker: 'embedded' };
const WIDTH = 480;
const HEIGHT = 320;

describe('the stylizer', () => {
  let stylizer: Stylizer;
  let people: Photo;
  let jpeg: Uint8Array;
  /** What a job without any change would be compared with: the decoded JPEG. */
  let shown: Photo;
  let flat: Uint8Array;
  before(async () => {
    stylizer = await openStylizer({ store: NO_MODELS });
    people = await readSample(1, WIDTH);
    jpeg = (await encodePhoto(people, { format: 'jpeg', quality: 95 })).bytes;
    shown = await decodePhoto(jpeg);
    flat = (await encodePhoto(paintPhoto(96, 80, hills), { format: 'png' })).bytes;
  });
  after(() => stylizer.close());

  const draw = (options: PartialOptions, bytes = jpeg) => stylizer.stylize(bytes, { ...QUICK, ...options });
  const lossless = (options: PartialOptions, bytes = jpeg) => draw({ format: 'png', ...options }, bytes);

  describe('scope photo', () => {
    it('draws the whole photo at its size and looks for no faces', async () => {
      const result = await draw({ scope: 'photo' });
      assert.deepEqual([result.width, result.height, result.format], [WIDTH, HEIGHT, 'jpeg']);
      assert.deepEqual([result.pictures.length, result.faces, result.scope], [1, [], 'photo']);
      const picture = await decodePhoto(result.bytes);
      assert.deepEqual([picture.width, picture.height], [WIDTH, HEIGHT]);
      assert.ok(psnr(picture.data, shown.data) < 35, 'it is a drawing, not the photo');
    });

    it('says with which style and device, and how long each stage took', async () => {
      const { model, device, timings } = await draw({ scope: 'photo' });
      assert.deepEqual([model, device], ['ink', 'cpu']);
      assert.deepEqual(Object.keys(timings), [...STAGES]);
      for (const stage of ['decode', 'crop', 'generate', 'blend', 'encode'] as const)
        assert.ok(timings[stage] > 0, stage);
      assert.equal(timings.faces, 0);
    });

    it('says so when maxSide reduces the photo, and keeps its size', async () => {
      const { notices, width, height } = await draw({ scope: 'photo', maxSide: 240 });
      assert.deepEqual(notices, [
        'ink drew the photo at 240 x 160 and enlarged the drawing to 480 x 320; --max-side sets another limit',
      ]);
      assert.deepEqual([width, height], [WIDTH, HEIGHT]);
      assert.deepEqual((await draw({ scope: 'photo', maxSide: WIDTH })).notices, []);
    });

    it('at strength 0 is the photo, at 0.5 halfway', async () => {
      const [none, half, full] = await Promise.all(
        [0, 0.5, 1].map((strength) => read(lossless({ scope: 'photo', strength }))),
      );
      assert.deepEqual(none.data, shown.data);
      for (const [at, level] of half.data.entries())
        if (Math.abs(level - (shown.data[at] + full.data[at]) / 2) > 1) assert.fail(`byte ${at} is ${level}`);
    });

    it('keeps the transparency of a PNG', async () => {
      const alpha = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => at % 255);
      const { bytes } = await encodePhoto({ ...people, alpha }, { format: 'png' });
      for (const scope of ['photo', 'faces'] as const)
        assert.deepEqual((await read(draw({ scope, format: 'same' }, bytes))).alpha, alpha, scope);
    });
  });

  describe('scope faces', () => {
    let result: StylizeResult;
    let picture: Photo;
    before(async () => {
      result = await lossless({ scope: 'faces' });
      picture = await decodePhoto(result.bytes);
    });

    it('draws three faces into one picture of the same size', () => {
      assert.deepEqual([result.width, result.height, result.pictures.length], [WIDTH, HEIGHT, 1]);
      assert.equal(result.faces.length, 3);
      assert.ok(result.timings.faces > 0);
    });

    it('changes each face, and not the wall beside them', () => {
      for (const { landmarks } of result.faces) {
        const near = landmarks.slice(27).map(([x, y]) => [Math.round(x), Math.round(y)] as const);
        assert.ok(near.some(([x, y]) => apart(picture, shown, x, y) > 8));
      }
      for (const [x, y] of [
        [5, 5],
        [475, 315],
        [290, 20],
      ])
        assert.equal(apart(picture, shown, x, y), 0, `${x}, ${y}`);
    });

    it('draws the rest in the style of the background, at equal strength', async () => {
      const drawn = await read(lossless({ scope: 'faces', background: 'ink' }));
      const whole = await read(lossless({ scope: 'photo' }));
      assert.equal(apart(drawn, whole, 5, 5), 0);
      const half = await read(lossless({ scope: 'faces', background: 'ink', strength: 0.5 }));
      for (const [at, level] of half.data.entries())
        if (Math.abs(level - (shown.data[at] + drawn.data[at]) / 2) > 1)
          assert.fail(`byte ${at} is ${level}`);
    });

    it('at strength 0 is the photo', async () => {
      assert.deepEqual((await read(lossless({ scope: 'faces', strength: 0 }))).data, shown.data);
    });
  });

  describe('scope portrait', () => {
    it('makes one aligned square per face, left to right', async () => {
      const result = await draw({ scope: 'portrait' });
      assert.deepEqual(
        result.pictures.map(({ width, height }) => [width, height]),
        [
          [96, 96],
          [96, 96],
          [96, 96],
        ],
      );
      assert.equal(result.faces.length, 3);
      assert.deepEqual(result.bytes, result.pictures[0].bytes);
      const squares = await Promise.all(result.pictures.map(({ bytes }) => decodePhoto(bytes)));
      assert.ok(psnr(squares[0].data, squares[1].data) < 25, 'they show different faces');
    });

    it('at strength 0 shows the cut faces as they are', async () => {
      const [drawn, cut] = await Promise.all(
        [1, 0].map((strength) => read(lossless({ scope: 'portrait', strength }))),
      );
      const both = await read(lossless({ scope: 'portrait', sideBySide: true }));
      assert.deepEqual([both.width, both.height], [192, 96]);
      for (const [x, y] of [
        [10, 10],
        [48, 50],
      ]) {
        assert.deepEqual(levelsAt(both, x, y), levelsAt(cut, x, y));
        assert.deepEqual(levelsAt(both, x + 96, y), levelsAt(drawn, x, y));
      }
    });
  });

  describe('options', () => {
    it('auto takes the scope that suits the style: the whole photo for ink', async () => {
      assert.equal((await draw({ scope: 'auto' })).scope, 'photo');
    });

    it('sideBySide doubles the width: the photo left, the drawing right', async () => {
      const both = await read(lossless({ scope: 'photo', sideBySide: true }));
      assert.deepEqual([both.width, both.height], [2 * WIDTH, HEIGHT]);
      assert.equal(apart(both, shown, 200, 100), 0);
    });

    it('landmarks are drawn over the result, in every scope', async () => {
      for (const scope of ['photo', 'faces', 'portrait'] as const) {
        const [plain, marked] = await Promise.all(
          [false, true].map((landmarks) => lossless({ scope, landmarks, strength: 0 })),
        );
        assert.equal(marked.faces.length, 3, scope);
        assert.notDeepEqual(marked.bytes, plain.bytes, scope);
      }
      const marked = await read(lossless({ scope: 'photo', landmarks: true, strength: 0 }));
      const { faces } = await draw({ scope: 'faces' });
      const [x, y] = faces[0].landmarks[30].map(Math.round);
      assert.ok(apart(marked, shown, x, y) > 10, 'the tip of the nose is marked');
    });

    it('format and quality are those asked for', async () => {
      const webp = await draw({ scope: 'photo', format: 'webp' });
      assert.equal(webp.format, 'webp');
      assert.equal((await decodePhoto(webp.bytes)).metadata.format, 'webp');
      const [small, large] = await Promise.all([20, 95].map((quality) => draw({ scope: 'photo', quality })));
      assert.ok(small.bytes.length < large.bytes.length / 2);
    });

    it('that are wrong fail before any work', async () => {
      await assert.rejects(draw({ size: 10 }), {
        code: 'options',
        message: 'Expected a whole number from 64 to 4096 for --size but received 10',
      });
      await assert.rejects(draw({ style: 'inc' }), { code: 'model-unknown', hint: 'Did you mean ink?' });
    });
  });

  describe('a photo without faces', () => {
    for (const scope of ['faces', 'portrait'] as const)
      it(`fails in scope ${scope} with exit code 4 and says what to do`, async () => {
        await assert.rejects(draw({ scope }, flat), (error: NigaoeError) => {
          assert.deepEqual([error.code, error.exitCode, error.status], ['no-face', 4, 422]);
          assert.equal(
            error.message,
            `Expected a face for scope ${scope} but the photo shows none that was found`,
          );
          return error.hint?.includes('--no-face photo') ?? false;
        });
      });

    it('is handed through unchanged and unsigned with noFace skip', async () => {
      const result = await draw({ scope: 'portrait', noFace: 'skip' }, flat);
      const [given, received] = await Promise.all([flat, result.bytes].map((bytes) => decodePhoto(bytes)));
      assert.deepEqual(received.data, given.data);
      assert.deepEqual([result.device, result.faces, result.pictures.length], [undefined, [], 1]);
      assert.equal(await xmpOf(result.bytes), undefined);
    });

    it('is drawn whole with noFace photo', async () => {
      const result = await draw({ scope: 'faces', noFace: 'photo' }, flat);
      assert.deepEqual([result.scope, result.width, result.height], ['photo', 96, 80]);
      assert.deepEqual(result.bytes, (await draw({ scope: 'photo' }, flat)).bytes);
    });
  });

  describe('a job', () => {
    it('signs the picture: program, style and how it came about', async () => {
      const { bytes } = await draw({ scope: 'photo' });
      const xmp = (await xmpOf(bytes)) ?? '';
      assert.match(xmp, /nigaoe \d+\.\d+/);
      assert.match(xmp, /\bink\b/);
      assert.match(xmp, /digitalsourcetype\/algorithmicallyEnhanced/);
    });

    it("claims no rights in the user's photo for a free style", async () => {
      for (const format of ['jpeg', 'png'] as const) {
        const { bytes } = await draw({ scope: 'photo', format });
        for (const claim of ['dc:rights', 'UsageTerms', 'Copyright', 'MIT'])
          assert.equal(Buffer.from(bytes).includes(claim), false, `${format}: ${claim}`);
      }
    });

    it('draws the same picture each time', async () => {
      assert.deepEqual((await draw({ scope: 'faces' })).bytes, (await draw({ scope: 'faces' })).bytes);
    });

    it('reports its stages in order, and the crops that are drawn up to the last', async () => {
      const reports: Progress[] = [];
      const onProgress = (progress: Progress) => reports.push(progress);
      await stylizer.stylize(jpeg, { ...QUICK, scope: 'faces' }, { onProgress });
      const order = reports.map(({ stage }) => STAGES.indexOf(stage));
      assert.deepEqual([order[0], order.at(-1)], [0, STAGES.length - 1]);
      const drawn = reports
        .filter(({ stage }) => stage === 'generate')
        .map(({ done, total }) => `${done}/${total}`);
      assert.deepEqual(drawn, ['0/3', '1/3', '2/3', '3/3']);
    });

    it('that is cancelled before it starts fails with cancelled', async () => {
      const run = { signal: AbortSignal.abort() };
      await assert.rejects(stylizer.stylize(jpeg, QUICK, run), { code: 'cancelled', exitCode: 6 });
    });

    it('that is cancelled between two faces draws no more', async () => {
      const controller = new AbortController();
      const drawn: string[] = [];
      const onProgress = ({ stage, done }: Progress) => {
        drawn.push(`${stage} ${done}`);
        if (stage === 'generate' && done === 1) controller.abort();
      };
      const run = { signal: controller.signal, onProgress };
      await assert.rejects(stylizer.stylize(jpeg, { ...QUICK, scope: 'faces' }, run), { code: 'cancelled' });
      assert.equal(drawn.at(-1), 'generate 1');
    });

    it('waits for the one before it, and a failed one does not stop the next', async () => {
      const stages: string[] = [];
      const start = (name: string, bytes: Uint8Array): Promise<StylizeResult> => {
        const onProgress = ({ stage }: Progress) => stages.push(`${name} ${stage}`);
        return stylizer.stylize(bytes, { ...QUICK, scope: 'photo' }, { onProgress });
      };
      const jobs = [start('first', jpeg), start('second', Uint8Array.of(1, 2, 3)), start('third', flat)];
      const outcomes = await Promise.allSettled(jobs);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      const names = stages.map((entry) => entry.split(' ')[0]);
      assert.deepEqual([...new Set(names)], ['first', 'second', 'third']);
      assert.deepEqual([...names].sort(), names, 'no stage of a job before the end of the one before');
    });

    it('fails with what its onProgress threw, as it is, and the next job runs', async () => {
      const mine = new TypeError('the page is gone');
      const onProgress = ({ stage }: Progress) => {
        if (stage === 'crop') throw mine;
      };
      const options: PartialOptions = { ...QUICK, scope: 'photo' };
      await assert.rejects(stylizer.stylize(flat, options, { onProgress }), (error) => error === mine);
      assert.equal((await stylizer.stylize(flat, options)).width, 96);
    });

    it('that fails by a fault of ours fails with internal, and tells the cause', async () => {
      const cause = new TypeError('x is not a function');
      const signal = Object.defineProperty(new AbortController().signal, 'aborted', {
        get() {
          throw cause;
        },
      });
      const run = { signal };
      await assert.rejects(stylizer.stylize(flat, QUICK, run), (error: NigaoeError) => {
        assert.deepEqual([error.code, error.exitCode], ['internal', 1]);
        return error.cause === cause;
      });
    });

    it('of broken bytes names the photo', async () => {
      const run = { name: 'cat.jpg' };
      await assert.rejects(stylizer.stylize(Uint8Array.of(1, 2, 3), QUICK, run), (error: NigaoeError) => {
        return error.exitCode === 3 && error.message.startsWith('cat.jpg ');
      });
    });
  });

  describe('closing', () => {
    it('waits for the running job, refuses later ones, and may be done twice', async () => {
      const other = await openStylizer({ store: NO_MODELS });
      const job = other.stylize(flat, { ...QUICK, scope: 'photo' });
      await Promise.all([job, other.close()]);
      assert.equal((await job).width, 96);
      await assert.rejects(other.stylize(flat, QUICK), /this stylizer is closed/);
      await other.close();
    });
  });
});

describe(titled('a style that is not free for commercial use', MIRROR), () => {
  let home: string;
  before(function () {
    if (!MIRROR) return this.skip();
    home = mkdtempSync(join(tmpdir(), 'nigaoe-stylizer-'));
  });
  after(() => {
    if (home) rmSync(home, { recursive: true, force: true });
  });

  it('is drawn with only once its licence is accepted, and its notice stands in the picture', async () => {
    const stylizer = await openStylizer({ store: { home, mirror: MIRROR, offline: true } });
    const { bytes } = await encodePhoto(paintPhoto(96, 80, hills), { format: 'png' });
    const options: PartialOptions = { ...QUICK, style: 'hayao', scope: 'photo' };
    await assert.rejects(stylizer.stylize(bytes, options), { code: 'licence-not-accepted', exitCode: 5 });
    const result = await stylizer.stylize(bytes, options, { acceptLicence: true });
    await stylizer.close();
    assert.deepEqual([result.model, result.width, result.height], ['hayao', 96, 80]);
    const xmp = (await xmpOf(result.bytes)) ?? '';
    assert.match(xmp, /<dc:rights>.*non-commercial purposes/);
    assert.match(xmp, /compositeWithTrainedAlgorithmicMedia/);
  });
});

/** The XMP packet of a picture file. */
async function xmpOf(bytes: Uint8Array): Promise<string | undefined> {
  return (await sharp(bytes).metadata()).xmpAsString;
}

async function read(result: Promise<StylizeResult>): Promise<Photo> {
  return decodePhoto((await result).bytes);
}

/** How far two photos are apart at a pixel, in the worst channel. */
function apart(a: Photo, b: Photo, x: number, y: number): number {
  const [left, right] = [levelsAt(a, x, y), levelsAt(b, x, y)];
  return Math.max(...left.map((level, channel) => Math.abs(level - right[channel])));
}
