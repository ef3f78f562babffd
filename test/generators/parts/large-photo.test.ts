// A large photo from bytes to bytes: painted in tiles, with everything that options make of a drawing.

import assert from 'node:assert/strict';
import { toPhoto } from '../../../shared/blend/raster.js';
import { planesOf } from '../../../shared/crop/whole.js';
import { ganGenerator } from '../../../shared/generators/gan.js';
import { openGenerator } from '../../../shared/generators/open.js';
import type { Progress } from '../../../shared/job.js';
import { openSession } from '../../../shared/models/session.js';
import type { PartialOptions } from '../../../shared/options.js';
import { decodePhoto } from '../../../shared/photo/decode.js';
import { encodePhoto } from '../../../shared/photo/encode.js';
import type { Photo } from '../../../shared/photo/photo.js';
import { openStylizer, type Stylizer } from '../../../shared/stylizer.js';
import { NO_MODELS } from '../../fixtures/mirror.js';
import { hills, paintPhoto, psnr } from '../../fixtures/photos.js';
import { ImportWorld } from '../../models/imports/world.js';
import { IO, rowStyle, SIDE, tinyStyle } from './tiny-style.js';

const WIDTH = 1400;
const HEIGHT = 1100;

/** Hills with a fine grain, some of them behind glass. */
function photo(): Photo {
  const painted = paintPhoto(WIDTH, HEIGHT, (x, y) => {
    const grain = ((x * 7919 + y * 104729) % 31) - 15;
    const [red, green, blue] = hills(x, y);
    return [red + grain, green + grain, blue - grain];
  });
  return { ...painted, alpha: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, at) => 55 + (at % 200)) };
}

describe('a large photo', () => {
  const world = new ImportWorld();
  const given = photo();
  let stylizer: Stylizer;
  let style: string;
  let bytes: Uint8Array;
  let painted: Photo;
  const steps: Progress[] = [];
  const draw = async (options: PartialOptions = {}, onProgress?: (progress: Progress) => void) => {
    const result = await stylizer.stylize(
      bytes,
      { device: 'cpu', style, scope: 'photo', format: 'png', maxSide: WIDTH, ...options },
      onProgress && { onProgress },
    );
    return { result, photo: await decodePhoto(result.bytes) };
  };
  before(async () => {
    style = world.file('mine.onnx', tinyStyle());
    stylizer = await openStylizer({ store: NO_MODELS });
    bytes = (await encodePhoto(given, { format: 'png' })).bytes;
    painted = (await draw({}, (progress) => steps.push(progress))).photo;
  });
  after(async () => {
    await stylizer.close();
    world.close();
  });

  it('is drawn in tiles, and progress tells of them', () => {
    const tiles = steps.filter(({ stage, step }) => stage === 'generate' && step);
    assert.ok(tiles.length > 2, `${tiles.length} steps`);
    assert.equal(tiles.at(-1)!.step!.done, tiles.at(-1)!.step!.total);
    const last = steps.filter(({ stage }) => stage === 'generate').at(-1)!;
    assert.deepEqual([last.done, last.total], [1, 1]);
  });

  it('is the drawing of the whole, but for what pieces tell less than it', async () => {
    const session = await openSession(tinyStyle(), { name: 'whole', device: 'cpu' });
    const whole = ganGenerator({ id: 'whole', io: IO, side: SIDE }, session);
    const drawn = toPhoto(await whole.generate(planesOf(given)), given);
    await whole.close();
    const near = psnr(painted.data, drawn.data);
    // Hills are smoother than photos: what pieces have of seams counts for more.
    assert.ok(near > 28, `${near} dB`);
    assert.ok(psnr(painted.data, given.data) < near - 6, 'it is a drawing');
  });

  it('is drawn from its bytes as from floats', async () => {
    const generator = await openGenerator(style, { device: 'cpu' });
    const floats = await generator.generate(planesOf(given));
    await generator.close();
    assert.deepEqual(painted.data, toPhoto(floats, given).data);
  });

  it('keeps its size and its transparency', () => {
    assert.deepEqual([painted.width, painted.height], [WIDTH, HEIGHT]);
    assert.deepEqual(painted.alpha, given.alpha);
  });

  it('at strength 0.5 is halfway between the photo and the drawing', async () => {
    const half = (await draw({ strength: 0.5 })).photo;
    for (const [at, level] of half.data.entries())
      if (Math.abs(level - (given.data[at] + painted.data[at]) / 2) > 1) assert.fail(`byte ${at}: ${level}`);
  });

  it('stands beside its drawing', async () => {
    const both = (await draw({ sideBySide: true })).photo;
    assert.deepEqual([both.width, both.height], [2 * WIDTH, HEIGHT]);
    const row = 500 * 2 * WIDTH * 3;
    assert.deepEqual(
      both.data.subarray(row, row + WIDTH * 3),
      given.data.subarray(row / 2, row / 2 + WIDTH * 3),
    );
    assert.deepEqual(
      both.data.subarray(row + WIDTH * 3, row + 2 * WIDTH * 3),
      painted.data.subarray(row / 2, row / 2 + WIDTH * 3),
    );
  });

  it('is drawn whole in a style that cannot be painted', async () => {
    const seen: Progress[] = [];
    const { result } = await draw({ style: world.file('rows.onnx', rowStyle()) }, (each) => seen.push(each));
    assert.deepEqual([result.width, result.height], [WIDTH, HEIGHT]);
    assert.ok(seen.every(({ step }) => step === undefined));
  });

  it('is left between two tiles when the job is cancelled', async () => {
    const abort = new AbortController();
    const onProgress = ({ step }: Progress) => step?.done === 1 && abort.abort();
    const options = { device: 'cpu', style, scope: 'photo', maxSide: WIDTH } as const;
    await assert.rejects(
      stylizer.stylize(bytes, options, { signal: abort.signal, onProgress: (each) => void onProgress(each) }),
      { code: 'cancelled' },
    );
  });
});
