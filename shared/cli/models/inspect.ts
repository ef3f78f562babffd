// `nigaoe models inspect`: what a model takes, gives and is made of.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { NigaoeError } from '../../errors.js';
import { findEntry } from '../../models/catalogue.js';
import { readEmbedded } from '../../models/embedded/read.js';
import type { ModelEntry } from '../../models/entry.js';
import { type OnnxModel, readOnnx } from '../../models/onnx/file.js';
import { allEntries } from '../../models/store/installed.js';
import { bytesOfEntry } from '../../models/store/layout.js';
import { type ModelStore, openStore } from '../../models/store/store.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { anatomyLines, anatomyOf } from './anatomy.js';
import { entryLines } from './entry-lines.js';
import { stateOf } from './state.js';

/** Something to look into: an entry of the catalogue, an ONNX file, or both. */
interface Specimen {
  entry?: ModelEntry;
  state?: string;
  path?: string;
  bytes?: number;
  sha256?: string;
  model?: OnnxModel;
}

/** Shows the models one after the other. */
export async function inspectModels(words: readonly string[], _: FlagValues, stage: Stage): Promise<number> {
  const store = openStore();
  const entries = await allEntries(store, (sentence) => stage.terminal.notice(sentence));
  const blocks: string[] = [];
  for (const word of words) {
    const specimen = await find(word, { store, entries });
    stage.terminal.jsonOnly(objectFor(specimen));
    blocks.push(linesFor(word, specimen).join('\n'));
  }
  if (!stage.terminal.json) stage.terminal.result(blocks.join('\n\n'), {});
  return 0;
}

async function find(
  word: string,
  { store, entries }: { store: ModelStore; entries: readonly ModelEntry[] },
): Promise<Specimen> {
  const entry = entries.find(({ id }) => id === word);
  if (entry !== undefined) return findInStore(entry, store);
  const isFile = (await stat(word).catch(() => undefined)) !== undefined;
  if (isFile || word.toLowerCase().endsWith('.onnx')) return readSpecimen(word);
  return findInStore(findEntry(word, entries), store);
}

async function findInStore(entry: ModelEntry, store: ModelStore): Promise<Specimen> {
  const state = await stateOf(store, entry);
  const known = { entry, state, bytes: bytesOfEntry(entry) };
  if (state === 'present') return { ...known, ...(await readSpecimen(store.pathOf(entry))) };
  // The graph of a procedural style is written anew for every picture size.
  if (state === 'embedded' && entry.kind !== 'procedural')
    return { ...known, model: readOnnx(readEmbedded(entry.id), entry.id) };
  return known;
}

async function readSpecimen(path: string): Promise<Specimen> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const message = `Expected a model file at ${path} but it cannot be read`;
    throw new NigaoeError('model-missing', message, { hint: 'Check the path.', cause });
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, bytes: bytes.length, sha256, model: readOnnx(bytes, path) };
}

function objectFor({ entry, model, ...rest }: Specimen): object {
  return { ...entry, ...rest, ...(model && anatomyOf(model)) };
}

function linesFor(word: string, { entry, state, path, bytes, sha256, model }: Specimen): string[] {
  const file: [string, string | undefined][] = [
    ['state', state],
    ['file', path],
    ['bytes', bytes ? String(bytes) : undefined],
    ['sha256', sha256],
  ];
  const rows = file.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(11)} ${value}`],
  );
  const anatomy = model ? anatomyLines(anatomyOf(model)) : [`  ${closed(word, state)}`];
  return [word, ...(entry ? entryLines(entry) : []), ...rows, ...anatomy];
}

function closed(id: string, state: string | undefined): string {
  return state === 'not pulled'
    ? `\`nigaoe models pull ${id}\` fetches it; then its network can be shown.`
    : 'An algorithm: its graph is written anew for each picture size.';
}
