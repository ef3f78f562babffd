// SVG that nigaoe wrote itself -> PNG. Drawings of strangers are refused by `decodePhoto` and do not belong here.

import { plainBytes, sharp } from './codec.js';

/** Draws SVG with a `width` and a `height` as PNG, `widthPx` (whole number from 1) wide; by default as wide as it says. */
export async function drawSvg(svg: string, { widthPx }: { widthPx?: number } = {}): Promise<Uint8Array> {
  const bytes = Buffer.from(svg);
  const { width } = await sharp(bytes).metadata();
  // Drawn at the wanted size and not enlarged; at 72 dots per inch one unit is one pixel.
  const density = (72 * (widthPx ?? width)) / width;
  return plainBytes(await sharp(bytes, { density }).resize(widthPx).png().toBuffer());
}
