// A picture that is read and written part by part, so that it need not be in memory as floats.

import { planeSize, type Tensor, tensor } from '../../tensor.js';

/** A rectangle of a picture, in pixels. */
export interface Part {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** Where pixels come from and where drawn ones go. Parts are written once each and never read after that. */
export interface Canvas {
  readonly height: number;
  readonly width: number;
  /** The pixels of a part as planar RGB `[1,3,H,W]` in -1..1. */
  read(part: Part): Tensor;
  /** Puts drawn pixels there: of `pixels`, what begins at that row and column. */
  write(part: Part, pixels: Tensor, from: { top: number; left: number }): void;
}

/** A canvas over pixels `[1,3,H,W]`, and the drawing that is written. */
export function tensorCanvas(pixels: Tensor): { canvas: Canvas; drawn: Tensor } {
  const { height, width } = planeSize(pixels);
  const drawn = tensor(pixels.dims);
  const canvas: Canvas = {
    height,
    width,
    read(part) {
      const piece = tensor([1, 3, part.height, part.width]);
      copyPart(pixels, part, piece, { top: 0, left: 0 }, part);
      return piece;
    },
    write: (part, piece, from) => copyPart(piece, from, drawn, part, part),
  };
  return { canvas, drawn };
}

interface Corner {
  top: number;
  left: number;
}

/** Copies a rectangle from one picture into another, row by row. */
export function copyPart(
  from: Tensor,
  source: Corner,
  to: Tensor,
  target: Corner,
  size: { height: number; width: number },
): void {
  const [a, b] = [planeSize(from), planeSize(to)];
  for (let channel = 0; channel < 3; channel++)
    for (let row = 0; row < size.height; row++) {
      const start = (channel * a.height + source.top + row) * a.width + source.left;
      const at = (channel * b.height + target.top + row) * b.width + target.left;
      to.data.set(from.data.subarray(start, start + size.width), at);
    }
}
