// The file of tokens: read when it has changed, written whole, by one process at a time.

import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, NigaoeError } from '../../errors.js';
import { reading, writing } from '../../models/store/disk.js';
import { withLock } from '../../models/store/lock.js';

/** A token as the bridge remembers it: never the token itself. */
export interface TokenRecord {
  id: string;
  /** Who asked for it. */
  name: string;
  /** Hexadecimal. */
  sha256: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  lastUsedAt?: string;
}

/** What changes when the file is written; undefined without a file. */
export async function editionOf(at: string): Promise<string | undefined> {
  const found = await stat(at).catch(() => undefined);
  return found && `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** The records, none without a file. Throws `store-unwritable` where they cannot be read. */
export async function readRecords(at: string): Promise<TokenRecord[]> {
  const text = await reading(at, () => readFile(at, 'utf8')).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '[]';
    throw error;
  });
  return parseRecords(text, at);
}

/** Rewrites the records while no other process does. Only the user may read them. */
export async function changeRecords(
  at: string,
  change: (records: TokenRecord[]) => TokenRecord[],
): Promise<void> {
  const folder = path.dirname(at);
  await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  await withLock(at, async () => {
    const records = change(await readRecords(at));
    const unfinished = `${at}.part`;
    await writing(at, async () => {
      await writeFile(unfinished, `${JSON.stringify(records, undefined, 2)}\n`, { mode: 0o600 });
      await chmod(unfinished, 0o600);
      await rename(unfinished, at);
    });
  });
}

function parseRecords(text: string, at: string): TokenRecord[] {
  try {
    const records = JSON.parse(text) as unknown;
    if (Array.isArray(records) && records.every(isRecord)) return records;
  } catch {
    // Told below.
  }
  throw new NigaoeError('store-unwritable', `Expected a list of tokens in ${at} but it is damaged`, {
    hint: 'Delete that file and pair your front ends again.',
  });
}

function isRecord(value: unknown): value is TokenRecord {
  const { id, name, sha256, createdAt } = (value ?? {}) as Record<string, unknown>;
  return (
    [id, name, createdAt].every((text) => typeof text === 'string') && /^[0-9a-f]{64}$/.test(String(sha256))
  );
}
