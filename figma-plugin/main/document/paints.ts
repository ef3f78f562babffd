// Fills as plain data: which images they show, and the same fills with another image. Nothing here touches the document.

import type { ImagePaint, Paint } from '@figma/plugin-typings/plugin-api-standalone.js';

/** An image that takes the place of another. */
export interface Swap {
  /** Hash of the image that is shown now. */
  from: string;
  to: string;
  /** Pixels of the old image per pixel of the new one: the tiles of a TILE fill keep their size. */
  scale: number;
}

/** Hashes of the images, each once; fills without a picture have none. */
export function imageHashes(fills: readonly Paint[]): string[] {
  const hashes = fills.flatMap((paint) => (paint.type === 'IMAGE' ? [paint.imageHash] : []));
  return [...new Set(hashes.filter((hash) => hash !== null))];
}

/** Without those that the user has switched off. */
export function visible(fills: readonly Paint[]): readonly Paint[] {
  return fills.filter((paint) => paint.visible !== false);
}

/** The same fills with the image exchanged and all else kept; undefined where none of them shows it any more. */
export function swapImage(fills: readonly Paint[], swap: Swap): Paint[] | undefined {
  if (!imageHashes(fills).includes(swap.from)) return undefined;
  return fills.map((paint) => (shows(paint, swap.from) ? withImage(paint, swap) : paint));
}

/** Whether two pictures have the same shape, up to the rounding of one pixel; turned by 90° counts, as EXIF does that. */
export function sameShape(a: Size, b: Size): boolean {
  return (
    isNear(a.width * b.height, a.height * b.width, b) || isNear(a.width * b.width, a.height * b.height, b)
  );
}
/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

function shows(paint: Paint, hash: string): paint is ImagePaint {
  return paint.type === 'IMAGE' && paint.imageHash === hash;
}

function withImage(paint: ImagePaint, { to, scale }: Swap): ImagePaint {
  const tiled = paint.scaleMode === 'TILE' && paint.scalingFactor !== undefined;
  const tile = tiled ? { scalingFactor: (paint.scalingFactor ?? 1) * scale } : {};
  return { ...paint, imageHash: to, ...tile };
}

function isNear(a: number, b: number, { width, height }: Size): boolean {
  return Math.abs(a - b) <= Math.max(width, height);
}
