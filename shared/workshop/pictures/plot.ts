// The losses of a training as lines over its steps, in SVG.

import { letters, widthOf } from '../../photo/lettering.js';
import { circle, legend, sheet } from './legend.js';
import { linearScale, logScale, type Scale } from './scale.js';

export interface Series {
  name: string;
  points: readonly Point[];
}
type Point = readonly [step: number, value: number];

const [WIDTH, HEIGHT, RIGHT, BOTTOM] = [840, 480, 840 - 36, 480 - 46];
const INK = '#444';
/** Told apart with any kind of colour vision (Okabe and Ito 2008, without yellow). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#333333'];
/** From so many points on a line is smoothed, and what it was stays as a pale shadow. */
const MANY = 80;
/** Places along a line at which something is drawn. */
const COLUMNS = 400;

/**
 * The lines as SVG of 840 x 480, named in a legend. Values that are no finite numbers are left out; the scale is logarithmic
 * where all values are above 0 and span more than two decades.
 */
export function lossPlot(series: readonly Series[], title: string): string {
  const finite = series.map(({ name, points }) => ({
    name,
    points: points.filter((point) => point.every(Number.isFinite)),
  }));
  const lines = finite.filter(({ points }) => points.length > 0);
  const [first, last] = rangeOf(lines, 0);
  const [low, high] = rangeOf(lines, 1);
  const y = low > 0 && high > 100 * low ? logScale(low, high) : linearScale(low, high);
  const x = linearScale(first, last, { leastStep: 1 });
  const left = 24 + Math.max(...y.ticks.map(({ label }) => widthOf(label)));
  const marks = lines.map(({ name }, index) => ({
    name,
    mark: `<path d="M0 0H18" ${pen(index)} stroke-width="2.5"/>`,
  }));
  const names = legend(marks, { left, top: 62, width: RIGHT - left });
  const top = 62 + names.height;
  const place = ([step, value]: Point): Point => [
    left + x.place(step) * (RIGHT - left),
    BOTTOM - y.place(value) * (BOTTOM - top),
  ];
  // Many shadows would hide the lines.
  const shadow = Math.min(0.25, 0.8 / lines.length);
  const drawn = lines.map(({ points }, index) => drawLine(points, place, pen(index), shadow));
  const heading = letters(title, { at: [left, 34], capPx: 12, colour: '#222' });
  return sheet(WIDTH, HEIGHT, [heading, names.svg, drawAxes(x, y, left, top), ...drawn]);
}

function rangeOf(lines: readonly Series[], axis: 0 | 1): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of lines)
    for (const { [axis]: value } of points) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low > high ? [0, 1] : [low, high];
}

function drawAxes(x: Scale, y: Scale, left: number, top: number): string {
  const rows = y.ticks.map(({ value, label }) => {
    const at = BOTTOM - y.place(value) * (BOTTOM - top);
    const line = `<path d="M${left} ${at.toFixed(1)}H${RIGHT}" stroke="#e4e4e4"/>`;
    return line + letters(label, { at: [left - 10, at + 4.5], anchor: 'end' });
  });
  const columns = x.ticks
    .filter(({ value }) => value >= 0)
    .map(({ value, label }) => {
      const at = left + x.place(value) * (RIGHT - left);
      const line = `<path d="M${at.toFixed(1)} ${BOTTOM}v5" stroke="${INK}"/>`;
      return line + letters(label, { at: [at, BOTTOM + 20], anchor: 'middle' });
    });
  const unit = letters('step', { at: [RIGHT, BOTTOM + 38], anchor: 'end' });
  const frame = `<path d="M${left} ${top}V${BOTTOM}H${RIGHT}" fill="none" stroke="${INK}"/>`;
  return [...rows, ...columns, unit, frame].join('');
}

/** When all colours are used up, dashes begin. */
function pen(index: number): string {
  const dashes = index < COLOURS.length ? '' : ' stroke-dasharray="6 4"';
  return `stroke="${COLOURS[index % COLOURS.length]}" fill="none" stroke-linejoin="round"${dashes}`;
}

function drawLine(
  points: readonly Point[],
  place: (point: Point) => Point,
  ink: string,
  shadow: number,
): string {
  const path = (through: readonly Point[], style: string) => {
    const corners = through.map((point) =>
      place(point)
        .map((number) => number.toFixed(1))
        .join(' '),
    );
    return `<path d="M${corners.join('L')}" ${style}/>`;
  };
  if (points.length >= MANY) {
    const pale = `${ink.replace(/ stroke-dasharray.*/, '')} stroke-opacity="${shadow.toFixed(2)}"`;
    return path(outline(points), pale) + path(smoothed(points), `${ink} stroke-width="1.6"`);
  }
  const dots = points.length > 30 ? [] : points.map((point) => circle(...place(point), 2.2, ink));
  return path(points, `${ink} stroke-width="1.6"`) + dots.join('');
}

/** The lowest and the highest point of each column: no peak is lost. */
function outline(points: readonly Point[]): readonly Point[] {
  const size = Math.ceil(points.length / COLUMNS);
  if (size <= 2) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, at) => {
    const byValue = points.slice(at * size, (at + 1) * size).sort(([, one], [, other]) => one - other);
    return [byValue[0], byValue[byValue.length - 1]].sort(([one], [other]) => one - other);
  }).flat();
}

/** Means over a fortieth of the points around each place. */
function smoothed(points: readonly Point[]): Point[] {
  const [count, reach] = [points.length, Math.max(4, Math.ceil(points.length / 80))];
  const sums = new Float64Array(count + 1);
  for (const [index, [, value]] of points.entries()) sums[index + 1] = sums[index] + value;
  return Array.from({ length: Math.min(count, COLUMNS) }, (_, at, places = Math.min(count, COLUMNS)) => {
    const index = Math.round((at * (count - 1)) / (places - 1));
    const [from, to] = [Math.max(0, index - reach), Math.min(count, index + reach + 1)];
    return [points[index][0], (sums[to] - sums[from]) / (to - from)];
  });
}
