// Style id or ONNX file -> open generator: one opener per kind of style.

import { basename, extname } from 'node:path';
import { NigaoeError } from '../errors.js';
import type { GanEntry, GeneratorIo, ProceduralEntry, Side, StyleEntry } from '../models/entry.js';
import { type OpenModelOptions, openModel, readModelFile } from '../models/open-model.js';
import { openSession, type Session } from '../models/session.js';
import { allEntries } from '../models/store/installed.js';
import { openStore } from '../models/store/store.js';
import { findStyle, isStyleFile } from '../models/styles.js';
import { parseOptions } from '../options.js';
import { ganGenerator } from './gan.js';
import type { Generator } from './generator.js';
import { openInk } from './ink/generator.js';

export type OpenGeneratorOptions = Partial<OpenModelOptions>;

type Opener<Entry> = (entry: Entry, options: OpenModelOptions) => Promise<Generator>;

/** How each kind of style is opened; a kind without a row is a type error. */
const OPENERS: { [Kind in StyleEntry['kind']]: Opener<Extract<StyleEntry, { kind: Kind }>> } = {
  gan: async (entry: GanEntry, options) => ganGenerator(entry, await openModel(entry, options)),
  procedural: (_: ProceduralEntry, options) => openInk(options),
};

/**
 * Opens a style by its catalogue id, or an ONNX file by its path (layout guessed from its shape, RGB in -1..1).
 * @throws `options` for an unknown device, `model-unknown` with the nearest id, and what the store and the session throw
 */
export async function openGenerator(
  idOrPath: string,
  options: OpenGeneratorOptions = {},
): Promise<Generator> {
  const { device, requireDevice } = parseOptions({
    device: options.device,
    requireDevice: options.requireDevice,
  });
  const complete = { ...options, device, requireDevice, store: options.store ?? openStore() };
  if (isStyleFile(idOrPath)) return openFile(idOrPath, complete);
  return openEntry(findStyle(idOrPath, await allEntries(complete.store)), complete);
}

function openEntry(entry: StyleEntry, options: OpenModelOptions): Promise<Generator> {
  // The table is complete by its type; the union of its rows is what TypeScript cannot call.
  return (OPENERS[entry.kind] as Opener<StyleEntry>)(entry, options);
}

async function openFile(path: string, options: OpenModelOptions): Promise<Generator> {
  const id = basename(path, extname(path));
  const session = await openSession(await readModelFile(path), { ...options, name: path });
  try {
    const io = guessIo(path, session);
    return ganGenerator({ id, io, side: sideOf(path, session, io) }, session);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A network of fixed sides takes nothing else; where sides are free, what most networks of this kind take. */
function sideOf(path: string, { inputs: [{ dims }] }: Session, { layout }: GeneratorIo): Side {
  const [height, width] = layout === 'nhwc' ? dims.slice(1, 3) : dims.slice(2, 4);
  if (typeof height !== 'number' || typeof width !== 'number')
    return { multipleOf: 32, minPx: 64, maxPx: 1280 };
  if (height === width) return { multipleOf: height, minPx: height, maxPx: height };
  throw new NigaoeError(
    'model-corrupt',
    `Expected a square picture input in ${path} but it takes ${width} x ${height} only`,
    {
      hint: 'Export the model with free sides, or with a square of fixed side.',
    },
  );
}

function guessIo(path: string, { inputs }: Session): GeneratorIo {
  const dims = inputs[0]?.dims ?? [];
  const layout = dims[3] === 3 ? 'nhwc' : dims[1] === 3 ? 'nchw' : undefined;
  if (inputs.length === 1 && dims.length === 4 && layout) return { layout, channels: 'rgb', range: [-1, 1] };
  const shapes = inputs.map((input) => `${input.name} ${input.dims.join('x')}`).join(', ');
  throw new NigaoeError(
    'model-corrupt',
    `Expected one picture input (1x3xHxW or 1xHxWx3) in ${path} but it takes ${shapes}`,
    {
      hint: 'Only picture-to-picture models are styles.',
    },
  );
}
