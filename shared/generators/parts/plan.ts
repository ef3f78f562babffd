// Which tiles a picture is drawn in: all of one size, overlapping by what their borders get wrong, the least work in all.

import type { Halo, Size } from '../../models/frozen/cut.js';
import type { Part } from './canvas.js';

/** A tile to be drawn, and what of it is kept. Tiles of open plans reach beyond the picture. */
export interface Tile extends Part {
  keep: Part;
}

export interface TilePlan {
  size: Size;
  tiles: readonly Tile[];
  /**
   * Whether the picture is continued beyond its edge by its mirror image, and all borders of all tiles are thrown away. Else
   * tiles end with the picture, and the network mirrors its feature maps there.
   */
  isOpen: boolean;
}

interface PlanOptions {
  picture: Size;
  multipleOf: number;
  /** Shortest side that the network takes: smaller pictures are padded to it, as where they are drawn whole. */
  minPx: number;
  halo: Halo;
  /** Most pixels of a tile. */
  mostPixels: number;
}

/** Groups of rows that convolutions take together: heights that are so many multiples are drawn faster. */
const ROWS_TOGETHER = 4;
/** What a pixel of an open tile costs, of one that is not; measured with AnimeGANv2 and v3, which mirror every map. */
const OPEN_COST = 0.88;

/** The size of tile, of at most `mostPixels`, whose tiles come to the least work. */
export function planTiles(options: PlanOptions): TilePlan {
  const closed = bestPlan(options, false);
  const open = isMirrorable(options) ? bestPlan(options, true) : undefined;
  const best = open && (!closed || open.work * OPEN_COST < closed.work) ? open : closed;
  return (best ?? smallestPlan(options)).plan();
}

/** Whether what lies beyond the edge can be mirrored from what lies within. */
const isMirrorable = ({ picture, halo, multipleOf }: PlanOptions): boolean =>
  Math.min(picture.height, picture.width) > Math.max(...Object.values(halo)) + 2 * multipleOf;

interface Candidate {
  work: number;
  plan(): TilePlan;
}

function bestPlan(options: PlanOptions, isOpen: boolean): Candidate | undefined {
  const { picture, halo, multipleOf, mostPixels } = options;
  const [down, across] = axesOf(options, isOpen);
  const widths = countedSides(across, multipleOf);
  let best: Candidate | undefined;
  for (const [height, rows] of countedSides(down, multipleOf * ROWS_TOGETHER))
    for (const [width, columns] of widths) {
      if (height * width > mostPixels) break;
      const work = rows * columns * height * width;
      if (work > 0 && (best === undefined || work < best.work))
        best = { work, plan: () => planOf({ picture, halo, size: { height, width }, isOpen }, down, across) };
    }
  return best;
}

/** Where nothing that fits into the memory leaves anything between its borders: twice the borders, whatever it takes. */
function smallestPlan(options: PlanOptions): Candidate {
  const { picture, halo, multipleOf, minPx } = options;
  const [down, across] = axesOf(options, false);
  const side = ({ length, before, after }: Axis) =>
    Math.min(length, Math.ceil(Math.max(2 * (before + after), minPx) / multipleOf + 1) * multipleOf);
  const size = { height: side(down), width: side(across) };
  return { work: 0, plan: () => planOf({ picture, halo, size, isOpen: false }, down, across) };
}

/** One side of a picture, and what is lost at each end of a tile along it. */
interface Axis {
  length: number;
  before: number;
  after: number;
  multipleOf: number;
  minPx: number;
  isOpen: boolean;
}

function axesOf({ picture, halo, multipleOf, minPx }: PlanOptions, isOpen: boolean): [Axis, Axis] {
  const length = (px: number) => (isOpen ? px : Math.ceil(Math.max(px, minPx) / multipleOf) * multipleOf);
  const both = { multipleOf, minPx, isOpen };
  return [
    { length: length(picture.height), before: halo.top, after: halo.bottom, ...both },
    { length: length(picture.width), before: halo.left, after: halo.right, ...both },
  ];
}

/** Sides to try with the tiles that each of them takes: multiples of `step`, and what covers everything at once. */
function countedSides(axis: Axis, step: number): [side: number, count: number][] {
  const { length, after, multipleOf, minPx, isOpen } = axis;
  const whole = isOpen ? Math.ceil((length + after - firstOf(axis)) / multipleOf) * multipleOf : length;
  const sides = Array.from({ length: Math.floor(whole / step) }, (_, at) => (at + 1) * step);
  const all = sides.at(-1) === whole ? sides : [...sides, whole];
  return all.filter((side) => side >= Math.min(minPx, whole)).map((side) => [side, countAlong(axis, side)]);
}

/** Where the first tile begins. */
const firstOf = ({ before, multipleOf, isOpen }: Axis): number =>
  isOpen ? -Math.ceil(before / multipleOf) * multipleOf : 0;

/** How many tiles a side takes; 0 where tiles of this size keep nothing. */
const countAlong = (axis: Axis, side: number): number => startsAlong(axis, side).length;

function startsAlong(axis: Axis, side: number): number[] {
  const { length, before, after, multipleOf, isOpen } = axis;
  const starts = [firstOf(axis)];
  const isDone = (start: number) => (isOpen ? start + side - after >= length : start + side >= length);
  for (let start = starts[0]; !isDone(start); starts.push(start)) {
    const next = Math.floor((start + side - after - before) / multipleOf) * multipleOf;
    if (next <= start) return [];
    start = isOpen ? next : Math.min(next, length - side);
  }
  return starts;
}

interface Chosen extends Pick<PlanOptions, 'picture' | 'halo'> {
  size: Size;
  isOpen: boolean;
}

function planOf({ picture, size, isOpen }: Chosen, down: Axis, across: Axis): TilePlan {
  const rows = keptAlong(down, size.height, picture.height);
  const columns = keptAlong(across, size.width, picture.width);
  const tiles = rows.flatMap(({ start: top, from, to }) =>
    columns.map(({ start: left, from: first, to: last }) => ({
      ...{ top, left, ...size },
      keep: { top: from, left: first, height: to - from, width: last - first },
    })),
  );
  return { size, tiles, isOpen };
}

/** Where tiles begin along a side, and from where to where each is kept. */
function keptAlong(axis: Axis, side: number, length: number) {
  const starts = startsAlong(axis, side);
  const end = (at: number) => Math.min(length, starts[at] + side - axis.after);
  return starts.flatMap((start, at) => {
    const from = at === 0 ? 0 : end(at - 1);
    const to = at === starts.length - 1 ? length : end(at);
    return to > from ? [{ start, from, to }] : [];
  });
}
