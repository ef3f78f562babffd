// The way of a user's weights into the store: read, recognised, tried, and kept as a style with its entry and licence.

import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { throwIfCancelled } from '../../errors.js';
import type { GanEntry, ModelEntry, StyleEntry } from '../entry.js';
import { writeOnnx } from '../onnx/file.js';
import { parseEntry } from '../parse-entry.js';
import { checkFree, keepOwn } from '../store/own.js';
import { type ModelStore, openStore } from '../store/store.js';
import { checkId, idOfFile } from './ids.js';
import { knownEntryOf } from './known-file.js';
import { labelled, oneLine } from './label.js';
import { type LicenceWishes, licenceAdvice, licenceFor } from './licences.js';
import type { IoWishes } from './pixels.js';
import { type CheckpointWishes, readStyleNetwork, type StyleNetwork, shortTitle } from './style-network.js';
import { tryNetwork } from './trial.js';
import { checkWishes } from './wishes.js';

export interface ImportOptions extends LicenceWishes, IoWishes, CheckpointWishes {
  /** Letters, digits, dots, dashes and underscores; default: made of the file's name. */
  id?: string | undefined;
  /** One line for `models list`; default: made of the architecture and the file's name. */
  title?: string | undefined;
  /** What scope `auto` means for it; default: what the file or its architecture says, else photo. */
  scope?: StyleEntry['scope'] | undefined;
  /** Where it is kept; default: what the environment says. */
  store?: ModelStore | undefined;
  /** Take the place of an imported model of the same id; default false. */
  replace?: boolean | undefined;
  /** A sentence that the user should read, such as that the network takes one size only. */
  onNotice?: ((sentence: string) => void) | undefined;
  /** Raised to cancel; nothing is left behind. */
  signal?: AbortSignal | undefined;
}

/** What came of an import. */
export interface Imported {
  entry: GanEntry;
  network: StyleNetwork;
  /** Whether another model of that id was there before. */
  replaced: boolean;
  /** Where the file lies now. */
  path: string;
}

/**
 * Makes a style of the user's weights: an `.onnx` file, a checkpoint of an architecture that nigaoe knows, or a folder of raw
 * variables. The network draws a small picture before it is kept; afterwards every door knows it by its id. Importing
 * counts as accepting the licence.
 * @throws NigaoeError `options`, `model-missing`, `model-corrupt`, `model-unsupported`, `store-unwritable` or `cancelled`;
 * nothing is left behind then
 */
export async function importModel(path: string, options: ImportOptions = {}): Promise<ModelEntry> {
  return (await importStyle(path, options)).entry;
}

/** The same, with all that was found out on the way. */
export async function importStyle(path: string, options: ImportOptions = {}): Promise<Imported> {
  const { replace, signal, store = openStore() } = options;
  const { home } = store.settings;
  checkWishes(path, options);
  const id = options.id === undefined ? idOfFile(path) : checkId(options.id);
  await checkFree(home, id, { replace });
  throwIfCancelled(signal);
  const network = await readStyleNetwork(path, options);
  throwIfCancelled(signal);
  const written = network.file ?? writeOnnx(network.model);
  const side = await tryNetwork({ ...network, name: path, network: written });
  throwIfCancelled(signal);
  const known = await knownEntryOf(path);
  const { entry, bytes } = packed(path, { id, network: { ...network, side }, options, known });
  for (const sentence of noticesOn(entry, options, known)) options.onNotice?.(sentence);
  const replaced = await keepOwn(home, { entry, bytes }, { replace, signal });
  return { entry, network, replaced, path: store.pathOf(entry) };
}

interface Parcel {
  id: string;
  network: StyleNetwork;
  options: ImportOptions;
  /** The entry of the catalogue that has this file. */
  known: ModelEntry | undefined;
}

/** The entry and the bytes of its file. */
function packed(
  path: string,
  { id, network, options, known }: Parcel,
): { entry: GanEntry; bytes: Uint8Array } {
  const { io, side, label, file } = network;
  const words = {
    title: options.title ?? label.title ?? titleFor(path, network),
    source: known?.source ?? label.source ?? `imported from ${nameOf(path)}`,
    licence: licenceFor(options, known?.licence ?? label.licence),
    scope: options.scope ?? label.scope ?? 'photo',
    ...(label.quantized && { quantized: label.quantized }),
  };
  const bytes = file ?? writeOnnx(labelled(network.model, { ...label, ...words, io, side }));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const files = [{ name: `${id}.onnx`, urls: [], sha256, bytes: bytes.length }];
  const entry = parseEntry({ id, ...words, files, kind: 'gan', io, side }, 'models import') as GanEntry;
  return { entry, bytes };
}

const nameOf = (path: string): string => oneLine(basename(resolve(path)));

/** What the user may not have meant. */
function noticesOn(entry: GanEntry, wishes: LicenceWishes, known: ModelEntry | undefined): string[] {
  const { side, licence } = entry;
  const advice = licenceAdvice(wishes);
  const coarse = `It draws at ${side.maxPx} px only, so that whole photos become coarse: export it with free sides where it was made, or draw faces with it`;
  return [
    ...(known ? [knownAs(known, licence)] : []),
    ...(advice === undefined ? [] : [advice]),
    ...(side.minPx === side.maxPx ? [coarse] : []),
  ];
}

function knownAs({ id, licence: published }: ModelEntry, licence: GanEntry['licence']): string {
  const use = published.commercial ? '' : ', not for commercial use';
  const terms = `${published.name}${use}`;
  return licence.name === published.name
    ? `The catalogue knows this file as ${id}: it is under ${terms}`
    : `The catalogue knows this file as ${id}, under ${terms}: make sure that ${licence.name} is right`;
}

/** `AnimeGANv2 generator, imported from face.pt`. */
function titleFor(path: string, { origin }: StyleNetwork): string {
  const from = nameOf(path);
  return origin === undefined
    ? `Imported from ${from}`
    : `${shortTitle(origin.architecture)}, imported from ${from}`;
}
