// A small landscape, painted by code: sky, sun, hills and a house give a style edges, tones and colours to draw.

import { writePng } from './png.js';

export const SIDE_PX = 256;

type Colour = readonly [red: number, green: number, blue: number];

/** x to the right and y down, both 0..1. */
type Painter = (x: number, y: number) => Colour | undefined;

/** What lies before what: the first that covers a point gives its colour. */
const LAYERS: readonly Painter[] = [
  (x, y) => (inside(x, y, [0.62, 0.66, 0.66, 0.76]) ? [110, 60, 40] : undefined),
  (x, y) => (inside(x, y, [0.55, 0.6, 0.73, 0.76]) ? shade([224, 196, 150], x) : undefined),
  (x, y) => (y > 0.48 && y < 0.6 && Math.abs(x - 0.64) < (y - 0.48) * 0.95 ? [176, 62, 48] : undefined),
  (x, y) => (Math.hypot(x - 0.22, y - 0.6) < 0.09 ? shade([58, 128, 62], y) : undefined),
  (x, y) => (inside(x, y, [0.205, 0.66, 0.235, 0.8]) ? [96, 70, 48] : undefined),
  (x, y) => (y > 0.74 - 0.05 * Math.sin(5 * x) ? shade([96, 164, 76], 1 - y) : undefined),
  (x, y) => (y > 0.58 - 0.1 * Math.sin(4 * x + 1) ? shade([70, 130, 92], y) : undefined),
  (x, y) => (y > 0.46 - 0.12 * Math.abs(Math.sin(6 * x)) ? shade([112, 128, 168], y) : undefined),
  (x, y) => (Math.hypot(x - 0.76, y - 0.2) < 0.08 ? [255, 236, 150] : undefined),
  (_, y) => [120 + 110 * y, 176 + 60 * y, 236],
];

/** A PNG file. */
export function paintLandscape(): Uint8Array {
  const pixels = new Uint8Array(SIDE_PX * SIDE_PX * 3);
  for (let at = 0; at < SIDE_PX * SIDE_PX; at++)
    pixels.set(colourAt((at % SIDE_PX) / SIDE_PX, Math.floor(at / SIDE_PX) / SIDE_PX), at * 3);
  return writePng({ pixels, widthPx: SIDE_PX, heightPx: SIDE_PX });
}

function colourAt(x: number, y: number): Colour {
  for (const paint of LAYERS) {
    const colour = paint(x, y);
    if (colour !== undefined) return colour.map(Math.round) as unknown as Colour;
  }
  return [0, 0, 0];
}

function inside(x: number, y: number, [left, top, right, bottom]: readonly number[]): boolean {
  return x > left && x < right && y > top && y < bottom;
}

/** Darker towards 0, so that no surface is flat. */
function shade(colour: Colour, light: number): Colour {
  return colour.map((level) => level * (0.75 + 0.25 * light)) as unknown as Colour;
}
