// Style id or model file -> open generator: one opener per kind of style.

import type { GanEntry, ProceduralEntry, StyleEntry } from '../models/entry.js';
import { readStyleNetwork } from '../models/imports/style-network.js';
import { type OpenModelOptions, openModel, readNetwork } from '../models/open-model.js';
import { openSession } from '../models/session.js';
import { allEntries } from '../models/store/installed.js';
import { openStore } from '../models/store/store.js';
import { findStyle, isStyleFile, nameOfStyleFile } from '../models/styles.js';
import { isDiffusion, parseOptions } from '../options.js';
import { mergedIn } from './diffusion/loras.js';
import { openDiffusionStyle } from './diffusion/style.js';
import { ganGenerator } from './gan.js';
import type { Generator } from './generator.js';
import { openInk } from './ink/generator.js';

export interface OpenGeneratorOptions extends Partial<OpenModelOptions> {
  /** Changes of the networks of a Stable Diffusion folder, each FILE or FILE:STRENGTH. */
  lora?: readonly string[] | undefined;
}

type Opener<Entry> = (entry: Entry, options: OpenModelOptions) => Promise<Generator>;

/** How each kind of style is opened; a kind without a row is a type error. */
const OPENERS: { [Kind in StyleEntry['kind']]: Opener<Extract<StyleEntry, { kind: Kind }>> } = {
  gan: async (entry: GanEntry, options) => {
    const session = await openModel(entry, { ...options, ...promiseOf(entry) });
    // What a cancelled job was told is of no concern to a network that is read for a later one.
    return ganGenerator(entry, session, () => readNetwork(entry, { store: options.store }));
  },
  procedural: (_: ProceduralEntry, options) => openInk(options),
};

/**
 * Opens a style by its id, or by the path of an ONNX file (layout and range guessed from its shapes and last steps), of a
 * checkpoint of a known architecture, or of a folder of raw variables; a path without a model file's ending needs a separator.
 * `sd:FOLDER` is Stable Diffusion, which draws over pictures as the run says.
 * @throws `options` for an unknown device, `model-unknown` with the nearest id, and what the store and the session throw
 */
export async function openGenerator(
  idOrPath: string,
  options: OpenGeneratorOptions = {},
): Promise<Generator> {
  const { device, requireDevice, lora } = parseOptions({
    device: options.device,
    requireDevice: options.requireDevice,
    lora: options.lora,
  });
  const complete = { ...options, device, requireDevice, store: options.store ?? openStore() };
  if (isDiffusion(idOrPath)) {
    const { onNotice, signal, store } = complete;
    const cache = mergedIn(store.settings.home);
    return openDiffusionStyle(idOrPath, { device, requireDevice, onNotice, signal, lora, cache });
  }
  if (isStyleFile(idOrPath)) return openFile(idOrPath, complete);
  return openEntry(findStyle(idOrPath, await allEntries(complete.store)), complete);
}

function openEntry(entry: StyleEntry, options: OpenModelOptions): Promise<Generator> {
  // The table is complete by its type; the union of its rows is what TypeScript cannot call.
  return (OPENERS[entry.kind] as Opener<StyleEntry>)(entry, options);
}

async function openFile(path: string, options: OpenModelOptions): Promise<Generator> {
  const { file, model, io, side } = await readStyleNetwork(path);
  const session = await openSession(file ?? model, { ...options, ...promiseOf({ side }), name: path });
  const network = async () => (await readStyleNetwork(path)).model;
  return ganGenerator({ id: nameOfStyleFile(path), io, side }, session, network);
}

/** The adapter of such networks feeds one picture at a time, padded to these multiples. */
const promiseOf = ({ side }: Pick<GanEntry, 'side'>) => ({ sidesMultipleOf: side.multipleOf });
