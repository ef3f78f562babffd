// What a training shows of itself: grids of pictures, lines of losses, and codes in space.

import assert from 'node:assert/strict';
import { drawSvg } from '../../shared/photo/svg.js';
import { tensor } from '../../shared/tensor.js';
import { codePlot } from '../../shared/workshop/pictures/code-plot.js';
import { grid } from '../../shared/workshop/pictures/grid.js';
import { lossPlot } from '../../shared/workshop/pictures/plot.js';
import { levelsAt } from '../fixtures/photos.js';

/** The circles of a drawing in the order in which they are drawn. */
const circlesOf = (svg: string) =>
  [...svg.matchAll(/<circle cx="(.+?)" cy="(.+?)" r="(.+?)" (?:fill="(.+?)")?/g)].map(([, x, y, , fill]) => ({
    x: Number(x),
    y: Number(y),
    fill,
  }));
const heights = (values: readonly number[]): number[] => {
  const points = values.map((value, index) => [index + 1, value] as const);
  return circlesOf(lossPlot([{ name: 'loss', points }], 'title')).map(({ y }) => y);
};
const isEven = ([one, two, three]: readonly number[]): boolean => Math.abs(one - two - (two - three)) < 0.3;

/** As a picture, after a look at its numbers. */
async function drawn(svg: string): Promise<Uint8Array> {
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  return drawSvg(svg);
}

describe('a grid of pictures', () => {
  it('shows tiny ones enlarged to squares of one colour, with grey between them', () => {
    const pictures = tensor([3, 1, 2, 2], Float32Array.of(-1, 1, 1, -1, 0, 0, 0, 0, 1, 1, 1, 1));
    const photo = grid([pictures], 2);
    assert.deepEqual([photo.width, photo.height], [2 * 56 + 3 * 4, 2 * 56 + 3 * 4]);
    assert.deepEqual(levelsAt(photo, 1, 1), [128, 128, 128]);
    assert.deepEqual(levelsAt(photo, 4 + 27, 4 + 27), [0, 0, 0]);
    assert.deepEqual(levelsAt(photo, 4 + 28, 4 + 27), [255, 255, 255]);
    assert.deepEqual(levelsAt(photo, 8, 8 + 56), [255, 255, 255]);
    assert.deepEqual(levelsAt(photo, 120, 120), [128, 128, 128]);
  });

  it('shows colours, and large pictures as they are', () => {
    const data = Float32Array.from({ length: 3 * 64 * 64 }, (_, at) => [1, 0, -1][Math.floor(at / 4096)]);
    const photo = grid([tensor([1, 3, 64, 64], data)], 8);
    assert.deepEqual([photo.width, photo.height], [72, 72]);
    assert.deepEqual(levelsAt(photo, 30, 30), [255, 128, 0]);
  });
});

describe('a plot of losses', () => {
  it('has a logarithmic scale for positive values over more than two decades, and an even one else', () => {
    assert.ok(isEven(heights([1, 100, 10_000])));
    assert.ok(isEven(heights([1, 50.5, 100])));
    assert.ok(isEven(heights([-1000, 0, 1000])));
  });

  it('leaves out what is no number', () => {
    assert.equal(heights([1, Number.NaN, 2, Number.POSITIVE_INFINITY, 3]).length, 3);
  });

  it('draws one point, equal values, and nothing at all', async () => {
    for (const points of [
      [[7, 0.5]],
      [
        [1, 0],
        [2, 0],
      ],
      [
        [1, -3],
        [1, -3],
      ],
      [],
    ] as const)
      await drawn(lossPlot([{ name: 'loss', points }], 'title'));
    await drawn(lossPlot([], ''));
  });

  it('stays small with 100,000 points, and keeps every peak', async () => {
    const points = Array.from(
      { length: 100_000 },
      (_, at) => [at + 1, at === 51_234 ? 9 : 1 + (at % 2)] as const,
    );
    const svg = lossPlot([{ name: 'loss', points }], 'title');
    assert.ok(svg.length < 50_000, `${svg.length}`);
    // The peak is the highest place of the pale line, at the upper end of the axis.
    const [pale, line] = [...svg.matchAll(/<path d="M([^"]+)" stroke="#0072b2" fill="none"/g)]
      .map(([, path]) => path)
      .filter((path) => path.includes('L'))
      .map((path) => Math.min(...path.split('L').map((corner) => Number(corner.split(' ')[1]))));
    assert.ok(pale < 110 && line > 300, `${pale} ${line}`);
    await drawn(svg);
  });

  it('draws the lines below the legend, however many names that has', () => {
    const series = Array.from({ length: 16 }, (_, line) => ({
      name: `a rather long name of loss ${line}`,
      points: [
        [1, 10 * line],
        [2, 5],
      ] as [number, number][],
    }));
    const svg = lossPlot(series, 'title');
    const rows = [...svg.matchAll(/<g transform="translate\((\S+) (\S+)\)"><path d="M0 0H18"/g)];
    assert.equal(rows.length, 16);
    const [lowest, highest] = [
      Math.max(...rows.map(([, , y]) => Number(y))),
      Math.min(...circlesOf(svg).map(({ y }) => y)),
    ];
    assert.ok(highest > lowest + 8, `${highest} ${lowest}`);
    const looks = [...svg.matchAll(/M0 0H18" (.+?) stroke-width/g)].map(([, look]) => look);
    assert.equal(new Set(looks.slice(0, 14)).size, 14);
  });
});

describe('a plot of codes', () => {
  it('draws far points first and paler, and one name for each label', async () => {
    const svg = codePlot(
      [
        [1, -1, 0],
        [-1, 1, 0],
        [0, 0, 1],
        [0, 0, -1],
      ],
      [3, 3, 8, 8],
    );
    const circles = circlesOf(svg);
    assert.equal(circles.length, 4 + 2);
    const greens = circles
      .slice(0, 4)
      .map(({ fill }) => fill.match(/\d+/g)!.map(Number))
      .filter(([red, green]) => green > red);
    assert.ok(greens[0][0] > greens[1][0], svg);
    await drawn(svg);
  });

  it('keeps all within the sheet, and leaves out what is no number', async () => {
    const points = Array.from(
      { length: 500 },
      (_, at) => [Math.sin(at) * 1e6, Math.cos(at * 7), at] as const,
    );
    const svg = codePlot(
      [...points, [Number.NaN, 0, 0]],
      Array.from({ length: 501 }, (_, at) => at % 10),
    );
    const circles = circlesOf(svg).slice(0, -10);
    assert.equal(circles.length, 500);
    for (const { x, y } of circles) assert.ok(x > 0 && x < 640 && y > 0 && y < 600, `${x} ${y}`);
    await drawn(svg);
  });

  it('draws a single point, and none', async () => {
    await drawn(codePlot([[1, 2, 3]], [0]));
    await drawn(codePlot([], []));
  });
});
