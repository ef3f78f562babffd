// Codes of three numbers as points in space, coloured by what they stand for, in SVG.

import { letters } from '../../photo/lettering.js';
import { circle, legend, sheet } from './legend.js';
import { linearScale, type Scale } from './scale.js';

type Point = readonly [x: number, y: number, z: number];

/** Ten that are told apart with any kind of colour vision (Tol 2021, "muted"). */
const COLOURS = '#332288 #88ccee #44aa99 #117733 #999933 #ddcc77 #cc6677 #882255 #aa4499 #777777'.split(' ');
const [WIDTH, HEIGHT] = [720, 600];
/** More points would hide each other. */
const MOST = 8000;

/**
 * The points as SVG of 720 x 600: far ones first and paler, in front of the far sides of a box around them. Labels are whole
 * numbers from 0, one for each point; points of which a number is not finite are left out.
 */
export function codePlot(points: readonly Point[], labels: ArrayLike<number>): string {
  const finite = points
    .map((at, index) => ({ at, label: labels[index] }))
    .filter(({ at }) => at.every(Number.isFinite));
  const every = Math.ceil(finite.length / MOST);
  const shown = finite.filter((_, index) => index % every === 0);
  const scales = [0, 1, 2].map((axis) => scaleOf(shown.map(({ at }) => at[axis])));
  const radius = shown.length > 2500 ? 1.8 : 2.6;
  const dots = shown
    .map(({ at, label }) => ({ ...seen(at.map((value, axis) => 2 * scales[axis].place(value) - 1)), label }))
    .sort((one, other) => one.near - other.near)
    .map(({ x, y, near, label }) => circle(x, y, radius, ink(label, 0.3 - 0.3 * near)));
  const used = [...new Set(shown.map(({ label }) => label))].sort((one, other) => one - other);
  const names = used.map((label) => ({ name: `${label}`, mark: circle(9, 0, 5, ink(label, 0)) }));
  return sheet(WIDTH, HEIGHT, [
    drawBox(scales),
    ...dots,
    legend(names, { left: 650, top: 60, width: 0 }).svg,
  ]);
}

const scaleOf = (values: readonly number[]): Scale =>
  values.length === 0 ? linearScale(0, 1) : linearScale(Math.min(...values), Math.max(...values));

/** The colour of a label, mixed with a share of white. */
function ink(label: number, white: number): string {
  const colour = Number.parseInt((COLOURS[label % COLOURS.length] ?? COLOURS[9]).slice(1), 16);
  const levels = [16, 8, 0].map((bits) => (colour >> bits) & 255);
  return `fill="rgb(${levels.map((level) => Math.round(level + (255 - level) * white)).join(' ')})"`;
}

/** The eye stands in front, to the left and above, infinitely far away. */
const [TURN_RAD, RISE_RAD] = [-60, 26].map((degrees) => (degrees * Math.PI) / 180);
const [COS_TURN, SIN_TURN, COS_RISE, SIN_RISE] = [TURN_RAD, RISE_RAD].flatMap((rad) => [
  Math.cos(rad),
  Math.sin(rad),
]);

/** Where a point of the box -1..1 is seen, and how near it is, -1..1. */
function seen([x, y, z]: readonly number[]): { x: number; y: number; near: number } {
  const [right, ahead] = [COS_TURN * y - SIN_TURN * x, COS_TURN * x + SIN_TURN * y];
  const near = (COS_RISE * ahead + SIN_RISE * z) / Math.sqrt(3);
  return { x: 326 + 184 * right, y: 298 - 184 * (COS_RISE * z - SIN_RISE * ahead), near };
}

/** The corner of the box that is farthest away. */
const FAR = [-1, 1, -1];
/** For each axis along which others its grid lines come near, and where from their beginnings numbers and a name stand. */
const AXES = [
  { begin: 1, end: 2, number: [-6, 18], name: [-32, 44], nameAt: 0, anchor: 'end' },
  { begin: 0, end: 2, number: [8, 14], name: [34, 40], nameAt: 0, anchor: 'start' },
  { begin: 1, end: 0, number: [-10, 4], name: [0, -16], nameAt: 1, anchor: 'end' },
] as const;

/** The far sides of the box, and round numbers along its near edges. */
function drawBox(scales: readonly Scale[]): string {
  const sides = [0, 1, 2].map((axis) => {
    const [one, other] = [0, 1, 2].filter((each) => each !== axis);
    return path(
      [[], [one], [one, other], [other], []].map((near) => corner(near)),
      'fill="#f8f8f8" stroke="#bbb"',
    );
  });
  const marks = AXES.map(({ begin, end, number, name, nameAt, anchor }, axis) => {
    const across = (at: number) => [[begin], [], [end]].map((near) => corner(near).with(axis, at));
    const write = (text: string, at: number, [dx, dy]: readonly [number, number]) => {
      const { x, y } = seen(across(at)[0]);
      return letters(text, { at: [x + dx, y + dy], anchor, capPx: 8.5 });
    };
    const lines = scales[axis].ticks.map(({ value, label }) => {
      const at = 2 * scales[axis].place(value) - 1;
      return path(across(at), 'fill="none" stroke="#e0e0e0"') + write(label, at, number);
    });
    return [...lines, write(`code ${axis + 1}`, nameAt, name)].join('');
  });
  return [...sides, ...marks].join('');
}

const corner = (near: readonly number[]): number[] =>
  FAR.map((value, axis) => (near.includes(axis) ? -value : value));

function path(points: readonly (readonly number[])[], style: string): string {
  const corners = points.map(seen).map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`);
  return `<path d="M${corners.join('L')}" ${style}/>`;
}
