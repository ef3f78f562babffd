// Where the int8 form of a style goes: into the store, or into a file.

import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { expected } from '../../../errors.js';
import type { GanEntry } from '../../../models/entry.js';
import { checkId, idOfFile } from '../../../models/imports/ids.js';
import { parseEntry } from '../../../models/parse-entry.js';
import { isOnnxPath } from '../../../models/read-model-file.js';
import { checkFree, keepOwn } from '../../../models/store/own.js';
import { writeSheets } from '../../../outputs/write.js';
import type { FlagValues } from '../../flags.js';
import type { Search } from '../specimen.js';
import type { Source } from './source.js';

/** Where the result goes. */
interface Target {
  keep(bytes: Uint8Array, label: Source['label'], signal: AbortSignal): Promise<Kept>;
}

export interface Kept {
  /** In the store; undefined for a file. */
  id?: string;
  path: string;
  bytes: number;
  sha256: string;
}

/** Checked before the work begins. Throws `options` where something is there already. */
export function targetFor(word: string, flags: FlagValues, search: Search): Promise<Target> {
  return flags.out === undefined ? storeTarget(word, flags, search) : fileTarget(flags);
}

async function fileTarget({ out: wish, id, force }: FlagValues): Promise<Target> {
  const out = String(wish);
  if (id !== undefined)
    throw expected('no --id', '--out', out, 'A file has no id: import it to give it one.');
  if (!isOnnxPath(out)) throw expected('a file that ends in .onnx', '--out', out);
  if (force !== true && (await lstat(out).catch(() => undefined)) !== undefined)
    throw expected('a new file', '--out', out, 'It is there already; --force replaces it.');
  return {
    async keep(bytes) {
      await writeSheets([{ path: out, bytes }]);
      return { path: out, ...factsOf(bytes) };
    },
  };
}

async function storeTarget(word: string, flags: FlagValues, { store, entries }: Search): Promise<Target> {
  const own = entries.find(({ id }) => id === word)?.id ?? idOfFile(word);
  const id = flags.id === undefined ? checkId(`${own}-int8`) : checkId(String(flags.id));
  const { home } = store.settings;
  const replace = flags.force === true;
  await checkFree(home, id, { replace });
  return {
    async keep(bytes, { title, source, licence, scope, io, side, quantized }, signal) {
      const facts = factsOf(bytes);
      const files = [{ name: `${id}.onnx`, urls: [], sha256: facts.sha256, bytes: facts.bytes }];
      const words = { id, kind: 'gan', title, source, licence, scope, files, io, side, quantized };
      const entry = parseEntry(words, 'models quantize') as GanEntry;
      await keepOwn(home, { entry, bytes }, { replace, signal });
      return { id, path: store.pathOf(entry), ...facts };
    },
  };
}

const factsOf = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
