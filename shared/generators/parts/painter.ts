// Draws pictures of any size tile by tile: what the network measures of the whole is measured first, on a mosaic of it.

import { throwIfCancelled } from '../../errors.js';
import type { RealDevice } from '../../models/device.js';
import type { GeneratorIo, Side } from '../../models/entry.js';
import { type Cut, cutNetwork, type Frozen, type Size } from '../../models/frozen/cut.js';
import type { OnnxModel } from '../../models/onnx/file.js';
import { openSession, type Session } from '../../models/session.js';
import { planeSize, type Tensor } from '../../tensor.js';
import type { Run, Statistics } from '../generator.js';
import { pack, paddedSize, unpack } from '../pack.js';
import type { Canvas, Part } from './canvas.js';
import { mosaicOf } from './mosaic.js';
import { planTiles, type Tile } from './plan.js';

export interface PainterOptions {
  id: string;
  io: GeneratorIo;
  side: Side;
  device: RealDevice;
  /** The network, read when it is needed: a copy of its own. */
  network(): Promise<OnnxModel>;
}

/** Memory of the process that a large picture is drawn in, and of that, what is taken before the first tile. */
const MOST_MEMORY = 1024 * 2 ** 20;
const MEMORY_BEFORE = 160 * 2 ** 20;
/**
 * Pictures of up to so many pixels may take twice that, as those that are drawn whole do: in few tiles little is drawn twice.
 */
const MEDIUM_PX = 4e6;
/** The photo, the drawing and what encodes it. */
const BYTES_PER_PICTURE_PIXEL = 9;
/**
 * What onnxruntime takes for a byte of the feature maps that must be there at a time: it keeps them in its own layout beside them,
 * and asks for memory in powers of two. Measured: 1.5 to 2.3.
 */
const BYTES_PER_BYTE = 2.2;
/** A tile's pixels as floats on their way in and out. */
const BYTES_PER_TILE_PIXEL = 100;
/** Pixels that statistics are taken from. */
const STUDIED_PX = 512 * 384;

/** The same for all pictures, so that their brush is the same. */
const NOTHING: Statistics = new Map();

/** An open network for tiles of one size, of pictures of one size, with the statistics of one picture. */
interface Brush {
  statistics: Statistics;
  picture: Size;
  frozen: Frozen;
  session: Session;
  tiles: readonly Tile[];
}

/** What a generator draws large pictures with. */
export class Painter {
  readonly #options: PainterOptions;
  #cut: Promise<Cut | undefined> | undefined;
  #brush: Brush | undefined;

  constructor(options: PainterOptions) {
    this.#options = options;
  }

  /** Measures a picture. Nothing is measured of it by networks that cannot be cut, and by those that measure nothing. */
  async study(canvas: Canvas): Promise<Statistics> {
    const cut = await this.#network();
    if (cut === undefined || cut.asks === 0) return NOTHING;
    const { id, io, side, device } = this.#options;
    const { multipleOf } = side;
    const mosaic = mosaicOf(canvas, { multipleOf, mostPixels: STUDIED_PX });
    const session = await openSession(cut.study(), { name: id, device, sidesMultipleOf: multipleOf });
    try {
      const packed = pack(mosaic, io, paddedSize(planeSize(mosaic), side));
      return new Map(Object.entries(await session.run({ [session.inputs[0].name]: packed })));
    } finally {
      await session.close();
    }
  }

  /** Draws the canvas with these statistics, or with its own; false, and nothing is drawn, where the network cannot. */
  async paint(canvas: Canvas, { statistics, signal, onProgress }: Run): Promise<boolean> {
    throwIfCancelled(signal);
    if ((await this.#network()) === undefined) return false;
    const known = statistics ?? (await this.study(canvas));
    const brush = await this.#brushFor(known, canvas).catch(() => undefined);
    if (brush === undefined) return this.#giveUp();
    for (const [done, tile] of brush.tiles.entries()) {
      throwIfCancelled(signal);
      onProgress?.(done, brush.tiles.length);
      const drawn = await this.#drawTile(brush, canvas, tile);
      const { keep, top, left } = tile;
      canvas.write(keep, drawn, { top: keep.top - top, left: keep.left - left });
    }
    onProgress?.(brush.tiles.length, brush.tiles.length);
    // The next photo has numbers of its own: until then the memory is for what becomes of this one.
    if (statistics === undefined && known.size > 0) await this.close();
    return true;
  }

  async close(): Promise<void> {
    await this.#brush?.session.close();
    this.#brush = undefined;
  }

  #network(): Promise<Cut | undefined> {
    const { side, network } = this.#options;
    // A network that it cannot be done with is one to be drawn whole, whatever the reason.
    this.#cut ??= network().then((model) => cutNetwork(model, side).catch(() => undefined));
    // What could not be read this time may be there the next time.
    this.#cut.catch(() => {
      this.#cut = undefined;
    });
    return this.#cut;
  }

  /** A network whose parts cannot be opened after all is drawn whole from now on. */
  #giveUp(): false {
    this.#cut = Promise.resolve(undefined);
    return false;
  }

  async #drawTile({ frozen, session }: Brush, canvas: Canvas, tile: Tile): Promise<Tensor> {
    const { io } = this.#options;
    const { top, left } = tile;
    const inside = within(canvas, tile);
    const lead = { top: inside.top - top, left: inside.left - left };
    const packed = pack(canvas.read(inside), io, tile, lead);
    const results = await session.run({
      [session.inputs[0].name]: packed,
      ...frozen.windows({ top, left }),
    });
    return unpack(results[session.outputs[0].name], io, tile);
  }

  /** The last brush again, where it fits: frames of a film are drawn with one. */
  async #brushFor(statistics: Statistics, canvas: Canvas): Promise<Brush> {
    const { id, side, device } = this.#options;
    const cut = (await this.#network())!;
    const picture = { height: canvas.height, width: canvas.width };
    const last = this.#brush;
    if (last && isSame(last.statistics, statistics) && isEqual(last.picture, picture)) return last;
    await this.close();
    const bytesPerPixel = cut.bytesPerPixel * BYTES_PER_BYTE + BYTES_PER_TILE_PIXEL;
    const mostPixels = memoryFor(picture) / bytesPerPixel;
    const whole = paddedSize(canvas, side);
    const { size, tiles, isOpen } = planTiles({ picture, ...side, halo: cut.halo(whole), mostPixels });
    const frozen = cut.freeze(statistics, { tile: size, whole, isOpen });
    const session = await openSession(frozen.model, { name: id, device, sidesMultipleOf: size.height });
    this.#brush = { statistics, picture, frozen, session, tiles };
    return this.#brush;
  }
}

/** Bytes that a tile of this picture may take; of the largest pictures nothing would be left, and something must be. */
function memoryFor({ height, width }: Size): number {
  const most = height * width <= MEDIUM_PX ? 2 * MOST_MEMORY : MOST_MEMORY;
  const left = most - MEMORY_BEFORE - BYTES_PER_PICTURE_PIXEL * height * width;
  return Math.max(left, MOST_MEMORY / 4);
}

/** What of a part lies in the picture: tiles may reach over its edges. */
function within(picture: Size, part: Part): Part {
  const [top, left] = [Math.max(0, part.top), Math.max(0, part.left)];
  return {
    top,
    left,
    height: Math.min(part.top + part.height, picture.height) - top,
    width: Math.min(part.left + part.width, picture.width) - left,
  };
}

/** By value: what was measured of a shot comes back with each of its frames, from another process or from the disk. */
function isSame(a: Statistics, b: Statistics): boolean {
  if (a === b) return true;
  const bytesOf = (values: Tensor | undefined) =>
    values && Buffer.from(values.data.buffer, values.data.byteOffset, values.data.byteLength);
  return (
    a.size === b.size && [...a].every(([name, values]) => bytesOf(b.get(name))?.equals(bytesOf(values)!))
  );
}

const isEqual = (a: Size, b: Size): boolean => a.height === b.height && a.width === b.width;
