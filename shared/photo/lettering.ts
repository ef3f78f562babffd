// Lettering for `drawSvg`: without fonts, as on many servers, each letter of a text would come out as a box.

/** Where and how letters stand. */
interface Place {
  /** Where the baseline begins, has its middle, or ends, in units of the drawing. */
  at: readonly [x: number, y: number];
  anchor?: 'start' | 'middle' | 'end';
  /** Height of a capital; default 9, which reads like text of 13 px. */
  capPx?: number;
  colour?: string;
}

/** How wide letters of this size stand. */
export function widthOf(text: string, capPx = CAP_PX): number {
  const units = [...text].reduce((sum, letter) => sum + glyphOf(letter).width + GAP, -GAP);
  return (units * capPx) / 10;
}

/** A text of one line as SVG. It has the letters of English; in place of any other stands a box. */
export function letters(
  text: string,
  { at: [x, y], anchor = 'start', capPx = CAP_PX, colour = INK }: Place,
): string {
  const left = x - widthOf(text, capPx) * ANCHORS[anchor];
  let along = 0;
  const strokes = [...text].map((letter) => {
    const { width, path } = glyphOf(letter);
    along += width + GAP;
    return `<path transform="translate(${(along - width - GAP).toFixed(1)})" d="${path}"/>`;
  });
  const place = `translate(${left.toFixed(2)} ${(y - capPx).toFixed(2)}) scale(${capPx / 10})`;
  return `<g transform="${place}" stroke="${colour}" ${PEN}>${strokes.join('')}</g>`;
}

const CAP_PX = 9;
const INK = '#444';
const PEN = 'fill="none" stroke-width="1.25" stroke-linecap="round" stroke-linejoin="round"';
const ANCHORS = { start: 0, middle: 0.5, end: 1 } as const;
/** Between two letters. */
const GAP = 2.7;

interface Glyph {
  width: number;
  /** What the pen draws, as the `d` of an SVG path. */
  path: string;
}
const glyphOf = (letter: string): Glyph => GLYPHS.get(letter) ?? BOX;
const BOX: Glyph = { width: 4, path: 'M0 3H4V10H0z' };

// Ten units are the height of a capital: the baseline lies at 10, small letters begin at 3 and hang down to 13. After
// a letter its width and what the pen draws; @ is the round that many small letters share.
const DRAWN = `
0 6 M0 3.6a3 3.6 0 0 1 6 0v2.8a3 3.6 0 0 1-6 0z  1 6 M1.2 2.2L3.8 0V10
2 6 M.2 2.7C.5 1 1.6 0 3.1 0C4.8 0 5.8 1.1 5.8 2.7C5.8 4.7 4 6.4.1 10H6  4 6 M4.5 10V0L0 7.2H6.2
3 6 M.4 1.8C.9.6 1.8 0 3 0C4.6 0 5.6 1 5.6 2.4C5.6 3.9 4.4 4.7 2.4 4.7C4.7 4.7 6 5.6 6 7.3C6 11-.2 10.6 0 7.9
5 6 M5.5 0H1L.6 4.7C3 2.2 6 4 6 6.7C6 10.8.6 11 0 8.2  7 6 M0 0H6C3.8 3.2 2.5 6.2 2.2 10
6 6 M5.5 1.4C5 .5 4.2 0 3.2 0C1 0 0 2.3 0 6.1V6.9a3 3.1 0 0 0 6 0a3 3.1 0 0 0-6 0
8 6 M3 4.7a2.6 2.35 0 1 1 .1 0zM3 4.7a3 2.65 0 1 0 .1 0z  a 5.6 @M5.6 3V10  b 5.6 @M0 0V10
9 6 M.5 8.6C1 9.5 1.8 10 2.8 10C5 10 6 7.7 6 3.9V3.1a3 3.1 0 0 0-6 0a3 3.1 0 0 0 6 0  d 5.6 @M5.6 0V10
c 5 M5 4.4C3.6 1.8 0 2.8 0 6.5C0 10.2 3.6 11.2 5 8.6  f 3.4 M3.5.1C2-.2 1.3.7 1.3 2.2V10M0 3H3.3
e 5.6 M0 6.4H5.6C5.6 4.3 4.5 3 2.9 3C1.1 3 0 4.5 0 6.5C0 10.2 4 11.2 5.4 8.7  i 0 M0 3V10M0 .3V.4
g 5.6 @M5.6 3V10C5.6 13.4 1.8 13.8.4 11.9  h 5.2 M0 0V10M0 5.8a2.6 2.8 0 0 1 5.2 0V10  l 1.6 M0 0V8.4C0 9.6.5 10 1.6 10
j 1 M1 3V11C1 12.4.4 13-.6 12.9M1 .3V.4  k 5 M0 0V10M4.7 3L0 7.4M1.7 5.9L5 10
m 8.4 M0 3V10M0 5.4a2.1 2.4 0 0 1 4.2 0V10M4.2 5.4a2.1 2.4 0 0 1 4.2 0V10  o 5.6 @  p 5.6 @M0 3V13
n 5.2 M0 3V10M0 5.8a2.6 2.8 0 0 1 5.2 0V10  q 5.6 @M5.6 3V13  r 3.2 M0 3V10M0 6.2C.3 4 1.5 2.9 3.2 3.1
s 4.8 M4.6 4.4C3.6 2.3.4 2.7.4 4.7C.4 7 4.8 5.9 4.8 8.2C4.8 10.5 1 10.7 0 8.5  v 5.2 M0 3L2.6 10L5.2 3
t 3.2 M1.3.8V8C1.3 9.5 2 10.1 3.3 9.9M0 3H3.2  u 5.2 M0 3V7.2a2.6 2.8 0 0 0 5.2 0M5.2 3V10
w 7.8 M0 3L2 10L3.9 3.6L5.8 10L7.8 3  x 5 M0 3L5 10M5 3L0 10  z 4.8 M.2 3H4.6L0 10H4.8
y 5.2 M0 3L2.7 10M5.2 3L2.3 11.2C1.8 12.6 1.2 13 .2 12.9  A 7 M0 10L3.5 0L7 10M1.2 6.6H5.8
B 5.8 M0 4.7H3.1a2.35 2.35 0 0 0 0-4.7H0V10H3.2a2.65 2.65 0 0 0 0-5.3
C 6.8 M6.8 2.2C6.1.8 5.2 0 3.9 0C1.5 0 0 2.1 0 5C0 7.9 1.5 10 3.9 10C5.2 10 6.1 9.2 6.8 7.8
D 6.6 M0 0V10H2.4C5 10 6.6 8.1 6.6 5C6.6 1.9 5 0 2.4 0z  E 5.2 M5.2 0H0V10H5.2M0 4.8H4.7
F 5 M5 0H0V10M0 4.9H4.5  H 6.4 M0 0V10M6.4 0V10M0 4.8H6.4  I 0 M0 0V10  J 3.6 M3.6 0V7.2C3.6 10.5.6 10.8 0 9
G 7 M6.7 2.2C6.1.8 5.2 0 3.9 0C1.5 0 0 2.1 0 5C0 7.9 1.5 10 3.9 10C5.9 10 7 8.4 7 5.5H4.1  L 4.8 M0 0V10H4.8
K 6.2 M0 0V10M5.9 0L0 6.2M2.1 4L6.2 10  M 8 M0 10V0L4 7L8 0V10  N 6.4 M0 10V0L6.4 10V0
O 7.8 M0 5a3.9 5 0 0 1 7.8 0a3.9 5 0 0 1-7.8 0  P 5.6 M0 10V0H2.9a2.7 2.75 0 0 1 0 5.5H0
Q 7.8 M0 5a3.9 5 0 0 1 7.8 0a3.9 5 0 0 1-7.8 0M4.9 7.3L7.6 10.6
R 6 M0 10V0H2.9a2.7 2.75 0 0 1 0 5.5H0M3.1 5.5L6 10  T 6.4 M0 0H6.4M3.2 0V10
S 5.8 M5.5 1.7C4.5-.9.3-.4.3 2.5C.3 5.8 5.8 4.1 5.8 7.4C5.8 10.8.6 11 0 8  V 6.8 M0 0L3.4 10L6.8 0
U 6.2 M0 0V6.6a3.1 3.4 0 0 0 6.2 0V0  W 9.6 M0 0L2.4 10L4.8.8L7.2 10L9.6 0  X 6.2 M0 0L6.2 10M6.2 0L0 10
Y 6.4 M0 0L3.2 5.2L6.4 0M3.2 5.2V10  Z 6 M.2 0H5.8L0 10H6  . 0 M0 9.8V10  , .4 M.4 9.7L0 11.6  _ 5 M0 11.6H5
: 0 M0 4V4.2M0 9.8V10  - 3.4 M0 6.2H3.4  + 5 M0 6.2H5M2.5 3.7V8.7  / 4 M4-.6L0 11.2
( 2 M2-.8C-.6 2.8-.6 8.4 2 12  ) 2 M0-.8C2.6 2.8 2.6 8.4 0 12`;
const ROUND = 'M5.6 6.5a2.8 3.5 0 0 0-5.6 0a2.8 3.5 0 0 0 5.6 0';
const GLYPHS = new Map<string, Glyph>([[' ', { width: 1.6, path: '' }]]);
for (const drawn of DRAWN.trim().split(/ {2}|\n/)) {
  const [letter, width, ...path] = drawn.split(' ');
  GLYPHS.set(letter, { width: Number(width), path: path.join(' ').replace('@', ROUND) });
}
