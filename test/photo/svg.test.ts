// Drawings of nigaoe's own as PNG, and letters that need no font.

import assert from 'node:assert/strict';
import { decodePhoto } from '../../shared/photo/decode.js';
import { letters, widthOf } from '../../shared/photo/lettering.js';
import type { Photo } from '../../shared/photo/photo.js';
import { drawSvg } from '../../shared/photo/svg.js';
import { pixel } from './pictures.js';

const svg = (content: string, width = 300, height = 40): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
  `<rect width="${width}" height="${height}" fill="#fff"/>${content}</svg>`;
const draw = async (content: string, options = {}): Promise<Photo> =>
  decodePhoto(await drawSvg(svg(content), options));

/** Where ink is: the outermost columns and rows. */
function inkOf(photo: Photo): { left: number; right: number; top: number; bottom: number } {
  const [columns, rows] = [new Set<number>(), new Set<number>()];
  for (let at = 0; at < photo.width * photo.height; at++) {
    const [x, y] = [at % photo.width, Math.floor(at / photo.width)];
    if (pixel(photo, x, y)[1] > 200) continue;
    columns.add(x);
    rows.add(y);
  }
  const [x, y] = [[...columns], [...rows]];
  return { left: Math.min(...x), right: Math.max(...x), top: Math.min(...y), bottom: Math.max(...y) };
}

describe('drawSvg', () => {
  it('draws as wide as the drawing says, or as asked, with sharp edges', async () => {
    const red = '<path d="M100 0H200V40H100z" fill="#c00"/>';
    const photo = await draw(red);
    assert.deepEqual([photo.width, photo.height], [300, 40]);
    const large = await draw(red, { widthPx: 1200 });
    assert.deepEqual([large.width, large.height], [1200, 160]);
    assert.deepEqual(
      [pixel(large, 399, 80), pixel(large, 400, 80)],
      [
        [255, 255, 255],
        [204, 0, 0],
      ],
    );
  });
});

describe('letters', () => {
  const place = { at: [150, 30], capPx: 16, colour: '#000' } as const;

  it('stand on their baseline, as wide as they say, from, around or up to their place', async () => {
    const width = widthOf('HELL', 16);
    for (const [anchor, left] of [
      ['start', 150],
      ['middle', 150 - width / 2],
      ['end', 150 - width],
    ] as const) {
      const ink = inkOf(await draw(letters('HELL', { ...place, anchor })));
      const wanted = { left, right: left + width, top: 14, bottom: 30 };
      for (const side of ['left', 'right', 'top', 'bottom'] as const)
        assert.ok(Math.abs(ink[side] - wanted[side]) <= 2, `${side} ${ink[side]} ${wanted[side]}`);
    }
  });

  it('differ, for all that English and numbers need', () => {
    const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:-+_/()';
    const paths = [...all].map((letter) => letters(letter, { at: [0, 0] }).match(/ d="([^"]+)"/)![1]);
    assert.equal(new Set(paths).size, all.length);
    const box = letters('日', { at: [0, 0] }).match(/ d="([^"]+)"/)![1];
    assert.ok(!paths.includes(box));
  });

  it('need no escape', async () => {
    const photo = await draw(letters('a<b & "c"', place));
    assert.ok(inkOf(photo).right > 200);
  });
});
