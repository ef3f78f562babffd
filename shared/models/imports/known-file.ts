// Tells whether a file that is imported is one of the catalogue's: its licence is known then, whatever its name.

import { stat } from 'node:fs/promises';
import { CATALOGUE } from '../catalogue.js';
import type { ModelEntry, ModelFile } from '../entry.js';
import { digestOf, hashFile } from '../store/verify.js';

/** Files of the catalogue whose size only git knows are smaller: larger ones are not hashed for them. */
const MOST_UNKNOWN_BYTES = 64 * 1024 * 1024;

/** The entry of the catalogue whose file lies at `path`, under whatever name. */
export async function knownEntryOf(path: string): Promise<ModelEntry | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const { size } = found;
  const digests = new Map<boolean, string>();
  const isFile = async (file: ModelFile) => {
    if (file.bytes === undefined ? size > MOST_UNKNOWN_BYTES : file.bytes !== size) return false;
    const bySha256 = file.sha256 !== undefined;
    const digest = digests.get(bySha256) ?? (await hashFile(path, file, { bytes: size }));
    digests.set(bySha256, digest);
    return digest === digestOf(file);
  };
  for (const entry of CATALOGUE) for (const file of entry.files) if (await isFile(file)) return entry;
  return undefined;
}
