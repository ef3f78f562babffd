// A style of the catalogue, of the user's own, or of a file, whoever made it.

import { readFile } from 'node:fs/promises';
import { expected } from '../../errors.js';
import type { StyleEntry } from '../../models/entry.js';
import { knownEntryOf } from '../../models/imports/known-file.js';
import type { Label } from '../../models/imports/label.js';
import { readCheckpointOf, readStyleNetwork, type StyleNetwork } from '../../models/imports/style-network.js';
import { hasFloat16, widenToFloat32 } from '../../models/onnx/float32.js';
import { allEntries } from '../../models/store/installed.js';
import { openStore } from '../../models/store/store.js';
import { findStyle, isStyleFile, nameOfStyleFile } from '../../models/styles.js';
import type { Origin, OriginOptions } from './origin.js';
import { printOfBytes } from './origin.js';

/** Large enough for lines, small enough for steps of seconds. */
const USUAL_PX = 256;

/** Throws `options` for a style without a network, and what pulling and reading it throw. */
export async function styleOrigin(from: string, options: OriginOptions): Promise<Origin> {
  const { file, network, label } = await (isStyleFile(from) ? ofFile(from) : ofEntry(from, options));
  const { model, io } = network;
  if (hasFloat16(model)) widenToFloat32(model);
  const { licence, side = network.side } = label;
  if (licence && !licence.commercial) options.onNotice?.(`${from}: ${licence.notice}`);
  const { minPx, maxPx, multipleOf } = side;
  const size = Math.ceil(Math.max(minPx, Math.min(maxPx, USUAL_PX)) / multipleOf) * multipleOf;
  return {
    style: { name: from, model, io, side, label },
    ...{ defaults: { size, channels: '3' }, only: { channels: '3' } },
    print: printOfBytes(await readFile(file)),
  };
}

interface Found {
  file: string;
  network: StyleNetwork;
  /** What the file that comes out will say of itself. */
  label: Label;
}

/** Its licence is known where the catalogue has the file, under whatever name. */
async function ofFile(file: string): Promise<Found> {
  const [network, known] = [await readStyleNetwork(file), await knownEntryOf(file)];
  const { label } = network;
  const { title = nameOfStyleFile(file) } = label;
  return { file, network, label: { ...label, title, licence: known?.licence ?? label.licence } };
}

/** What the entry says of pixels, sides and scope goes before what the file shows. */
async function ofEntry(id: string, { signal }: OriginOptions): Promise<Found> {
  const store = openStore();
  const entry: StyleEntry = findStyle(id, await allEntries(store));
  if (entry.kind !== 'gan')
    throw expected(
      'a style with a network of its own',
      '--from',
      id,
      'It is drawn by rules, which do not learn.',
    );
  const file = await store.ensure(entry, { signal });
  const { title, licence, source, scope, side, io } = entry;
  const network = (await readCheckpointOf(entry, file)) ?? { ...(await readStyleNetwork(file, io)), io };
  return { file, network, label: { ...network.label, title, licence, source, scope, side } };
}
