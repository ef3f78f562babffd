// Drawings with lettering: sizes, and that a machine without fonts draws the same letters.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodePhoto } from '../../shared/photo/decode.js';
import { letters, widthOf } from '../../shared/photo/lettering.js';
import type { Photo } from '../../shared/photo/photo.js';
import { drawSvg } from '../../shared/photo/svg.js';

const drawing = (body: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="30"><rect width="240" height="30" fill="#fff"/>${body}</svg>`;

/** How many pixels are darker than half. */
const ink = ({ data }: Photo): number => data.filter((level, at) => at % 3 === 0 && level < 128).length;

const drawn = async (text: string, place: Partial<Parameters<typeof letters>[1]> = {}): Promise<Photo> =>
  decodePhoto(
    await drawSvg(drawing(letters(text, { at: [10, 20], colour: '#000', ...place })), { widthPx: 480 }),
  );

/** The first and the last column with ink. */
function extent(photo: Photo): [number, number] {
  const columns = [...Array(photo.width).keys()].filter((x) => {
    for (let y = 0; y < photo.height; y++) if (photo.data[(y * photo.width + x) * 3] < 128) return true;
    return false;
  });
  return [columns[0], columns[columns.length - 1]];
}

describe('a drawing', () => {
  it('is as large as it says, or as wide as asked for, and sharp at any size', async () => {
    const svg = drawing('<rect x="120" width="120" height="30"/>');
    const plain = await decodePhoto(await drawSvg(svg));
    const large = await decodePhoto(await drawSvg(svg, { widthPx: 720 }));
    assert.deepEqual([plain.width, plain.height, large.width, large.height], [240, 30, 720, 90]);
    assert.deepEqual([large.data[359 * 3], large.data[360 * 3]], [255, 0]);
  });
});

describe('lettering', () => {
  it('draws every letter of English, each in its own way', async () => {
    const known = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-+_/()'];
    const pictures = await Promise.all(known.map((letter) => drawn(letter)));
    assert.ok(pictures.every((picture) => ink(picture) > 0));
    assert.equal(new Set(pictures.map(({ data }) => data.join())).size, known.length);
  });

  it('shows a box for a letter that it has not, and survives signs of XML', async () => {
    for (const strange of ['é', '<', '&', '"', '語', '😀'])
      assert.equal(widthOf(strange), widthOf('é'), strange);
    assert.ok(ink(await drawn('<&"')) > 0);
  });

  it('stands where it is told to, as wide as it says', async () => {
    const width = 2 * widthOf('Hello');
    const [left, right] = extent(await drawn('Hello', { at: [60, 20] }));
    assert.ok(Math.abs(left - 120) <= 2 && Math.abs(right - 120 - width) <= 2, `${left} to ${right}`);
    const [, end] = extent(await drawn('Hello', { at: [60, 20], anchor: 'end' }));
    assert.ok(Math.abs(end - 120) <= 2, `ends at ${end}`);
    const [from, to] = extent(await drawn('Hello', { at: [60, 20], anchor: 'middle' }));
    assert.ok(Math.abs((from + to) / 2 - 120) <= 2, `${from} to ${to}`);
  });

  it('is the same on a machine without fonts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nigaoe-fonts-'));
    try {
      writeFileSync(join(folder, 'fonts.conf'), '<fontconfig></fontconfig>');
      writeFileSync(join(folder, 'drawing.svg'), drawing(letters('loss 0.25', { at: [10, 20] })));
      const program = `
        import { readFileSync } from 'node:fs';
        import { drawSvg } from ${JSON.stringify(new URL('../../shared/photo/svg.js', import.meta.url).href)};
        process.stdout.write(Buffer.from(await drawSvg(readFileSync('drawing.svg', 'utf8'))).toString('base64'));`;
      const env = { ...process.env, FONTCONFIG_FILE: join(folder, 'fonts.conf') };
      const args = ['--input-type=module', '--eval', program];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
      const fontless = await decodePhoto(Buffer.from(stdout, 'base64'));
      const here = await decodePhoto(await drawSvg(drawing(letters('loss 0.25', { at: [10, 20] }))));
      assert.deepEqual(fontless.data, here.data);
      assert.ok(ink(here) > 50);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
