// Whether a network that was cut draws what it drew: at one size, and in tiles.

import assert from 'node:assert/strict';
import {
  type Cut,
  cutNetwork,
  type Frozen,
  type Halo,
  type Measures,
  type Size,
} from '../../../shared/models/frozen/cut.js';
import { type OnnxModel, readOnnx, writeOnnx } from '../../../shared/models/onnx/file.js';
import { openSession } from '../../../shared/models/session.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import { random } from '../../fixtures/tiny-gan.js';

/** A rectangle of a picture. */
interface Part extends Size {
  top: number;
  left: number;
}

export interface Sizes {
  multipleOf?: number;
  minPx?: number;
  whole?: Size;
  tile?: Size;
  /** Largest difference, of what the drawing spans. */
  tolerance?: number;
}

const WHOLE: Size = { height: 144, width: 176 };
const TILE: Size = { height: 80, width: 96 };
const TOLERANCE = 2e-5;

export const copyOf = (model: OnnxModel): OnnxModel => readOnnx(writeOnnx(model));

/** Waves and noise, brighter to the lower right: no part of it is like another. */
export function scene({ height, width }: Size, layout: 'nchw' | 'nhwc' = 'nchw'): Tensor {
  const noise = random(5);
  const planes = Float32Array.from({ length: 3 * height * width }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width) % height];
    const wave = Math.sin(x / 7 + Math.floor(at / (width * height))) * Math.cos(y / 11);
    return 0.4 * wave + 0.5 * noise() + (x + y) / (width + height) - 0.5;
  });
  if (layout === 'nchw') return tensor([1, 3, height, width], planes);
  const pixels = planes.map((_, at) => planes[(at % 3) * height * width + Math.floor(at / 3)]);
  return tensor([1, height, width, 3], pixels);
}

const isNhwc = ({ graph }: OnnxModel): boolean =>
  graph.input[0].type?.tensorType?.shape?.dim[3]?.dimValue === 3;

/** Runs a model once; its first output. */
export async function run(
  model: OnnxModel,
  picture: Tensor,
  others: Record<string, Tensor> = {},
): Promise<Tensor> {
  return Object.values(await runAll(model, picture, others))[0];
}

async function runAll(
  model: OnnxModel,
  picture: Tensor,
  others: Record<string, Tensor> = {},
): Promise<Record<string, Tensor>> {
  const session = await openSession(model, { name: 'network', device: 'cpu' });
  try {
    return await session.run({ [session.inputs[0].name]: picture, ...others });
  } finally {
    await session.close();
  }
}

export const cutOf = (
  model: OnnxModel,
  { multipleOf = 4, minPx = 16 }: Sizes = {},
): Promise<Cut | undefined> => cutNetwork(copyOf(model), { multipleOf, minPx });

export async function measuresOf(cut: Cut, picture: Tensor): Promise<Measures> {
  return cut.asks === 0 ? new Map() : new Map(Object.entries(await runAll(cut.study(), picture)));
}

/** A picture with what the network made of it. */
class Drawn {
  readonly pixels: Tensor;
  readonly nhwc: boolean;

  constructor(pixels: Tensor, nhwc: boolean) {
    this.pixels = pixels;
    this.nhwc = nhwc;
  }

  at(channel: number, y: number, x: number): number {
    const [, , b, c] = this.pixels.dims;
    return this.pixels.data[this.nhwc ? (y * b + x) * c + channel : (channel * b + y) * c + x];
  }

  get size(): Size {
    const [, a, b, c] = this.pixels.dims;
    return this.nhwc ? { height: a, width: b } : { height: b, width: c };
  }

  /** A part, what lies beyond the edge mirrored. */
  part({ top, left, height, width }: Part): Tensor {
    const { size } = this;
    const inside = (at: number, length: number) => {
      const phase = Math.abs(at) % (2 * length - 2);
      return phase < length ? phase : 2 * length - 2 - phase;
    };
    const part = tensor(this.nhwc ? [1, height, width, 3] : [1, 3, height, width]);
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          part.data[this.nhwc ? (y * width + x) * 3 + c : (c * height + y) * width + x] = this.at(
            c,
            inside(top + y, size.height),
            inside(left + x, size.width),
          );
    return part;
  }
}

/** The largest difference between a tile's drawing and the whole's within `kept`, which is a part of the whole. */
function worstWithin(
  whole: Drawn,
  tile: Drawn,
  { top, left }: { top: number; left: number },
  kept: Part,
): number {
  let worst = 0;
  for (let c = 0; c < 3; c++)
    for (let y = kept.top; y < kept.top + kept.height; y++)
      for (let x = kept.left; x < kept.left + kept.width; x++)
        worst = Math.max(worst, Math.abs(whole.at(c, y, x) - tile.at(c, y - top, x - left)));
  return worst;
}

function spanOf({ data }: Tensor): number {
  const low = data.reduce((least, value) => Math.min(least, value));
  const high = data.reduce((most, value) => Math.max(most, value));
  return Math.max(high - low, 1e-3);
}

/** What of a tile is that of the whole: borders that are the picture's own are right. */
function keptOf(at: Part, whole: Size, halo: Halo, isOpen: boolean): Part {
  const own = (isEdge: boolean, px: number) => (isEdge && !isOpen ? 0 : px);
  const from = (start: number, px: number) => Math.max(start + own(start === 0, px), isOpen ? px : 0);
  const to = (end: number, length: number, px: number) =>
    Math.min(end - own(end === length, px), isOpen ? length - px : length);
  const [top, left] = [from(at.top, halo.top), from(at.left, halo.left)];
  return {
    top,
    left,
    height: to(at.top + at.height, whole.height, halo.bottom) - top,
    width: to(at.left + at.width, whole.width, halo.right) - left,
  };
}

/** Corners, edges and the middle, at multiples. */
function partsOf(whole: Size, tile: Size, multipleOf: number): Part[] {
  const [down, across] = [whole.height - tile.height, whole.width - tile.width];
  const middle = (px: number) => Math.floor(px / 2 / multipleOf) * multipleOf;
  return [0, middle(down), down].flatMap((top) =>
    [0, middle(across), across].map((left) => ({ top, left, ...tile })),
  );
}

/** A network that was cut, with the picture that it drew whole. */
export interface Case {
  cut: Cut;
  whole: Size;
  tile: Size;
  multipleOf: number;
  measures: Measures;
  picture: Tensor;
  drawing: Tensor;
  isNhwc: boolean;
  span: number;
  tolerance: number;
}

/** Cuts the network and has it draw a picture; fails where it cannot be cut. */
export async function caseOf(model: OnnxModel, sizes: Sizes = {}): Promise<Case> {
  const { whole = WHOLE, tile = TILE, multipleOf = 4, tolerance = TOLERANCE } = sizes;
  const cut = (await cutOf(model, sizes)) ?? assert.fail('it was not cut');
  const nhwc = isNhwc(model);
  const picture = scene(whole, nhwc ? 'nhwc' : 'nchw');
  const drawing = await run(copyOf(model), picture);
  const measures = await measuresOf(cut, picture);
  return {
    cut,
    whole,
    tile,
    multipleOf,
    measures,
    picture,
    drawing,
    isNhwc: nhwc,
    span: spanOf(drawing),
    tolerance,
  };
}

async function drawPart({ model, windows }: Frozen, picture: Tensor, at: Part): Promise<Tensor> {
  return run(copyOf(model), picture, windows(at));
}

/** Frozen for the picture's own size it draws the same. */
export async function agreesWhole(given: Case): Promise<void> {
  const { cut, whole, measures, picture, drawing, span, tolerance } = given;
  const frozen = cut.freeze(measures, { tile: whole, whole, isOpen: false });
  const drawn = await drawPart(frozen, picture, { top: 0, left: 0, ...whole });
  assert.deepEqual(drawn.dims, drawing.dims);
  const worst = drawn.data.reduce((most, v, at) => Math.max(most, Math.abs(v - drawing.data[at])), 0) / span;
  assert.ok(worst <= tolerance, `whole: differs by ${worst}`);
}

/** Its tiles are those of the whole, inside of the halo. */
export async function agreesInTiles(given: Case, isOpen: boolean): Promise<void> {
  const { cut, whole, tile, multipleOf, measures, span, tolerance } = given;
  const halo = cut.halo(tile);
  const { model, windows } = cut.freeze(measures, { tile, whole, isOpen });
  const session = await openSession(copyOf(model), { name: 'tile', device: 'cpu' });
  const seen = new Drawn(given.picture, given.isNhwc);
  const drawing = new Drawn(given.drawing, given.isNhwc);
  const beyond = Math.ceil(Math.max(...Object.values(halo)) / multipleOf) * multipleOf;
  const parts = partsOf(whole, tile, multipleOf);
  const moved = isOpen ? [{ ...parts[0], top: -beyond, left: -beyond }, ...parts.slice(4, 5)] : parts;
  try {
    for (const at of moved) {
      const kept = keptOf(at, whole, halo, isOpen);
      assert.ok(kept.height > 8 && kept.width > 8, `nothing is kept: ${JSON.stringify({ halo, at })}`);
      const results = await session.run({ [session.inputs[0].name]: seen.part(at), ...windows(at) });
      const drawn = new Drawn(Object.values(results)[0], given.isNhwc);
      const worst = worstWithin(drawing, drawn, at, kept) / span;
      assert.ok(
        worst <= tolerance,
        `${isOpen ? 'open ' : ''}tile at ${at.top}, ${at.left}: differs by ${worst}`,
      );
    }
  } finally {
    await session.close();
  }
}

/** All of it: whole, closed tiles, open tiles. */
export async function draws(model: OnnxModel, sizes: Sizes = {}): Promise<Case> {
  const given = await caseOf(model, sizes);
  await agreesWhole(given);
  await agreesInTiles(given, false);
  await agreesInTiles(given, true);
  return given;
}
