// Planar RGB in -1..1 <-> the layout, channel order, range and size that a network wants.

import { expected } from '../errors.js';
import type { GeneratorIo, Side } from '../models/entry.js';
import { planeSize, type Tensor, tensor } from '../tensor.js';

/** Sides rounded up to what the network takes; the excess is filled by reflection. */
export function paddedSize(
  { height, width }: { height: number; width: number },
  { multipleOf, minPx }: Side,
): { height: number; width: number } {
  const padded = (side: number) => Math.ceil(Math.max(side, minPx) / multipleOf) * multipleOf;
  return { height: padded(height), width: padded(width) };
}

/** Smaller pictures are padded; a network of one size takes no larger ones: throws `options`. */
export function checkSize(
  id: string,
  { width, height }: { width: number; height: number },
  { minPx, maxPx }: Side,
): void {
  if (minPx < maxPx || Math.max(width, height) <= maxPx) return;
  const hint = `${id} draws at this size only: resize the picture, or cut out a part of it.`;
  throw expected(`a picture of at most ${maxPx} x ${maxPx} px`, id, `${width} x ${height}`, hint);
}

/**
 * Pixels as the network wants them: `[1,H,W,3]` or `[1,3,H,W]` at the padded size. `lead` is how many mirrored rows and columns
 * come before the picture; the others come after it.
 */
export function pack(
  pixels: Tensor,
  io: GeneratorIo,
  to: { height: number; width: number },
  lead = { top: 0, left: 0 },
): Tensor {
  const from = planeSize(pixels);
  const rows = mirrorTable(to.height, from.height, lead.top);
  const columns = mirrorTable(to.width, from.width, lead.left);
  const out = tensor(io.layout === 'nhwc' ? [1, to.height, to.width, 3] : [1, 3, to.height, to.width]);
  const { pixel, plane } = strides(io, to);
  const [low, high] = io.range;
  for (let channel = 0; channel < 3; channel++) {
    const source = channel * from.height * from.width;
    const target = channelOf(channel, io) * plane;
    for (let y = 0, at = target; y < to.height; y++) {
      const row = source + rows[y] * from.width;
      for (let x = 0; x < to.width; x++, at += pixel) {
        out.data[at] = low + ((pixels.data[row + columns[x]] + 1) / 2) * (high - low);
      }
    }
  }
  return out;
}

/** The way back: planar RGB in -1..1, clipped, cut to `size`. */
export function unpack(packed: Tensor, io: GeneratorIo, size: { height: number; width: number }): Tensor {
  const [, a, b, c] = packed.dims;
  const from = io.layout === 'nhwc' ? { height: a, width: b } : { height: b, width: c };
  const out = tensor([1, 3, size.height, size.width]);
  const { pixel, plane } = strides(io, from);
  const [low, high] = io.range;
  for (let channel = 0, to = 0; channel < 3; channel++) {
    const source = channelOf(channel, io) * plane;
    for (let y = 0; y < size.height; y++) {
      for (let x = 0, at = source + y * from.width * pixel; x < size.width; x++, at += pixel, to++) {
        out.data[to] = clip(((packed.data[at] - low) / (high - low)) * 2 - 1);
      }
    }
  }
  return out;
}

/** Distance in memory between neighbouring pixels, and between channels. */
function strides({ layout }: GeneratorIo, { height, width }: { height: number; width: number }) {
  return layout === 'nhwc' ? { pixel: 3, plane: 1 } : { pixel: 1, plane: height * width };
}

const channelOf = (channel: number, { channels }: GeneratorIo): number =>
  channels === 'rgb' ? channel : 2 - channel;

/** For each index below `to` the index below `from` that it mirrors (the border not repeated), `lead` of them before the first. */
function mirrorTable(to: number, from: number, lead: number): Int32Array {
  const period = Math.max(1, 2 * (from - 1));
  return Int32Array.from({ length: to }, (_, i) => {
    const phase = Math.abs(i - lead) % period;
    return phase < from ? phase : period - phase;
  });
}

const clip = (value: number): number => (value < -1 ? -1 : value > 1 ? 1 : value);
