// What is learned from: idx files and folders as pictures of one shape, and which of them a step takes.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { NigaoeError } from '../../shared/errors.js';
import { encodePhoto } from '../../shared/photo/encode.js';
import { randomFor } from '../../shared/random.js';
import { openFolder } from '../../shared/workshop/data/folder.js';
import { openPictures } from '../../shared/workshop/data/open.js';
import { batch, batchIndices, split } from '../../shared/workshop/data/pictures.js';
import { MIRROR, titled } from '../fixtures/mirror.js';
import { type Painter, paintPhoto, samplePath } from '../fixtures/photos.js';

const MNIST = MIRROR && [resolve(MIRROR, '..', 'data', 'mnist')].find((folder) => existsSync(folder));

/** An idx file of bytes 0, 1, 2 and so on. */
function idx(...dims: readonly number[]): Buffer {
  const head = Buffer.alloc(4 + 4 * dims.length);
  head.writeUInt32BE(0x800 + dims.length);
  for (const [index, dim] of dims.entries()) head.writeUInt32BE(dim, 4 + 4 * index);
  const count = dims.reduce((product, dim) => product * dim, 1);
  return Buffer.concat([head, Buffer.from(Array.from({ length: count }, (_, index) => index % 256))]);
}

const levels = (picture: ArrayLike<number>): number[] =>
  Array.from(picture, (value) => Math.round((value + 1) * 127.5));

describe('pictures to learn from', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nigaoe-pictures-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (name: string, bytes: Uint8Array): string => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const paint = async (name: string, width: number, height: number, painter: Painter) =>
    put(name, (await encodePhoto(paintPhoto(width, height, painter), { format: 'png' })).bytes);
  const refuses = (path: string, message: RegExp, options = {}) =>
    assert.rejects(openPictures(path, options), ({ message: sentence }: NigaoeError) => {
      assert.match(sentence, message);
      return true;
    });

  describe('of idx files', () => {
    it('are grey, from -1 to 1, of their own size, with labels', async () => {
      put('t-images-idx3-ubyte', idx(2, 2, 3));
      put('t-labels-idx1-ubyte', idx(2));
      const pictures = await openPictures(folder);
      assert.deepEqual([pictures.count, pictures.dims, [...pictures.labels!]], [2, [1, 2, 3], [0, 1]]);
      assert.deepEqual(levels(await pictures.read(1)), [6, 7, 8, 9, 10, 11]);
      assert.equal((await pictures.read(0))[0], -1);
    });

    it('are joined in the order of their names, packed or not, with a dot or a hyphen', async () => {
      put('b-images-idx3-ubyte.gz', gzipSync(idx(1, 2, 2)));
      put('b-labels-idx1-ubyte.gz', gzipSync(idx(1)));
      put('a-images.idx3-ubyte', idx(3, 2, 2));
      put('a-labels.idx1-ubyte', idx(3));
      put('c-labels-idx1-ubyte', idx(9));
      const pictures = await openPictures(folder);
      assert.deepEqual([pictures.count, [...pictures.labels!]], [4, [0, 1, 2, 0]]);
    });

    it('have no labels where a file of them is missing, and may be named one by one', async () => {
      const path = put('digits.idx', idx(5, 2, 2));
      const pictures = await openPictures(path);
      assert.deepEqual([pictures.count, pictures.labels], [5, undefined]);
    });

    it('are scaled and coloured when asked', async () => {
      const path = put('t-images-idx3-ubyte', idx(1, 4, 4));
      const small = await openPictures(path, { sizePx: 2, channels: 3 });
      assert.deepEqual(small.dims, [3, 2, 2]);
      const seen = levels(await small.read(0));
      for (const from of [4, 8]) assert.deepEqual(seen.slice(from, from + 4), seen.slice(0, 4));
      assert.ok(seen[0] < seen[1] && seen[1] < seen[2] && seen[0] + seen[3] === 15, seen.join());
      const large = levels(await (await openPictures(path, { sizePx: 8 })).read(0));
      assert.deepEqual([large[0], large[63]], [0, 15]);
    });

    it('are refused when damaged, with the fault and the file', async () => {
      const whole = idx(2, 2, 2);
      const packed = gzipSync(idx(9, 9, 9));
      await refuses(put('a', whole.subarray(0, -1)), /^Expected 8 bytes \(2 x 2 x 2\) for a but received 7$/);
      await refuses(
        put('b', packed.subarray(0, 40)),
        /^Expected a whole gzip file for b but .* ends too early$/,
      );
      await refuses(put('c', idx(8)), /begins with 00000803.* for c but received 00000801$/);
      await refuses(put('d', idx(0, 2, 2)), /at least one picture for d but received none/);
      put('e/x-images-idx3-ubyte', whole);
      put('e/x-labels-idx1-ubyte', idx(3));
      await refuses(
        join(folder, 'e'),
        /as many labels as pictures \(2\) for x-labels-idx1-ubyte but received 3/,
      );
      put('f/x-images-idx3-ubyte', whole);
      put('f/y-images-idx3-ubyte', idx(2, 3, 3));
      await refuses(join(folder, 'f'), /pictures of 2 x 2 px for y-images-idx3-ubyte but received 3 x 3/);
    });

    it(titled('of MNIST are its digits', MNIST), async function () {
      if (MNIST === undefined) return this.skip();
      const { count, dims, labels } = await openPictures(MNIST);
      assert.deepEqual([count, dims, [...labels!.subarray(0, 5)]], [10_000, [1, 28, 28], [7, 2, 1, 0, 4]]);
    });
  });

  describe('of a folder', () => {
    it('are middle squares of one size, sorted by path; what is no picture is left out and said', async () => {
      await paint('z.png', 30, 10, (x) => (x < 10 || x >= 20 ? [0, 0, 0] : [255, 128, 0]));
      await paint('a/deep/b.png', 10, 20, () => [50, 50, 50]);
      put('notes.txt', Buffer.from('no picture'));
      const notices: string[] = [];
      const pictures = await openPictures(folder, { sizePx: 5, onNotice: (notice) => notices.push(notice) });
      assert.deepEqual([pictures.count, pictures.dims], [2, [3, 5, 5]]);
      assert.deepEqual(levels(await pictures.read(0)), Array(75).fill(50));
      const middle = levels(await pictures.read(1));
      // The centre of the middle, in each colour; the sharp filter swings a little beside the edge.
      const centre = [12, 37, 62].map((at) => middle[at]);
      for (const [index, level] of [255, 128, 0].entries())
        assert.ok(Math.abs(centre[index] - level) < 5, `${centre}`);
      assert.match(notices.join('\n'), /^Reading 3 files of .*\nLeft out: notes.txt is in an unknown format/);
    });

    it('are grey as people see it when one channel is asked for', async () => {
      await paint('green.png', 4, 4, () => [0, 255, 0]);
      const pictures = await openPictures(folder, { sizePx: 2, channels: 1 });
      assert.deepEqual(levels(await pictures.read(0)), [150, 150, 150, 150]);
    });

    it('vary by chance when asked: the same chance, the same part; without chance the middle', async () => {
      await paint('a.png', 56, 56, (x, y) => [4 * x, 4 * y, 0]);
      const pictures = await openPictures(folder, { sizePx: 50, augment: true });
      const read = async (seed: number) => levels(await pictures.read(0, randomFor(seed)));
      assert.deepEqual(await read(1), await read(1));
      const all = await Promise.all(Array.from({ length: 40 }, (_, seed) => read(seed)));
      const isMirrored = all.map((picture) => picture[0] > picture[49]);
      assert.ok(isMirrored.includes(true) && isMirrored.includes(false));
      const tops = new Set(all.map((picture) => picture[2500]));
      assert.deepEqual(
        [...tops].sort((one, other) => one - other),
        [0, 4, 8, 12, 16, 20, 24],
      );
      const middle = levels(await pictures.read(0));
      assert.deepEqual([middle[0], middle[2500]], [12, 12]);
    });

    it('beyond the memory that they may take are the same', async () => {
      await paint('a.png', 12, 12, (x, y) => [x, y, x * y]);
      const [kept, anew] = await Promise.all(
        [512, 0].map((memoryMb) => openFolder(folder, { sizePx: 7, memoryMb })),
      );
      assert.deepEqual(await anew.read(0), await kept.read(0));
    });

    it('may be the faces on them', async () => {
      put('people.jpg', readFileSync(samplePath(1)));
      await paint('wall.png', 99, 99, () => [90, 90, 90]);
      const notices: string[] = [];
      const options = { sizePx: 32, alignFaces: true, onNotice: (notice: string) => notices.push(notice) };
      const pictures = await openPictures(folder, options);
      assert.deepEqual([pictures.count, pictures.dims], [3, [3, 32, 32]]);
      assert.deepEqual(notices.slice(1), ['Left out: wall.png shows no face']);
    });

    it('are refused where there is none, and without a size', async () => {
      await refuses(folder, /^Expected a folder with pictures for the data to learn from but/, { sizePx: 8 });
      await refuses(
        folder,
        /whole number of pixels from 1 for the size of the pictures but received undefined/,
      );
      await refuses(join(folder, 'nowhere'), /^Expected a folder of pictures or an idx file/);
    });
  });

  describe('of a step', () => {
    it('come once an epoch, in another order each time, the same for the same seed', () => {
      const epoch = (seed: number, from: number) =>
        [0, 1, 2].flatMap((step) => batchIndices(12, 4, { seed, step: from + step }));
      for (const from of [1, 4])
        assert.deepEqual(
          epoch(1, from).sort((a, b) => a - b),
          Array.from({ length: 12 }, (_, at) => at),
        );
      assert.notDeepEqual(epoch(1, 1), epoch(1, 4));
      assert.notDeepEqual(epoch(1, 1), epoch(2, 1));
      assert.deepEqual(epoch(1, 4), epoch(1, 4));
    });

    it('fill the batch, whatever their number', () => {
      assert.equal(new Set([1, 2].flatMap((step) => batchIndices(11, 5, { seed: 1, step }))).size, 10);
      const few = batchIndices(3, 8, { seed: 1, step: 5 });
      const often = [0, 1, 2].map((picture) => few.filter((each) => each === picture).length);
      assert.deepEqual(often.sort(), [2, 3, 3]);
    });

    it('lie in one tensor, and those held back are the last ones', async () => {
      put('t-images-idx3-ubyte', idx(5, 1, 2));
      put('t-labels-idx1-ubyte', idx(5));
      const [learned, held] = split(await openPictures(folder), 2);
      assert.deepEqual([learned.count, held.count, [...held.labels!]], [3, 2, [3, 4]]);
      const { dims, data } = await batch(held, [1, 0, 1], () => randomFor(1));
      assert.deepEqual(
        [dims, levels(data)],
        [
          [3, 1, 1, 2],
          [8, 9, 6, 7, 8, 9],
        ],
      );
      assert.throws(
        () => split(learned, 3),
        /Expected a whole number from 0 to 2 for the pictures held back/,
      );
    });
  });
});
