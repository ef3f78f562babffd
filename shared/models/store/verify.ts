// Whether a file of the store is the file that the catalogue promises: by its size always, by its hash as seldom as is safe.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { codeOf, throwIfCancelled } from '../../errors.js';
import type { ModelFile } from '../entry.js';
import { reading } from './disk.js';

/** What is found at a file's place. */
export type FileState = 'good' | 'missing' | 'corrupt';

/** A file as it was when its hash was last found right. */
interface Stamp {
  digest: string;
  bytes: number;
  mtimeMs: number;
}

/** Files up to this size are hashed once per process (a tenth of a second); larger ones rely on the stamp on disk. */
const CHEAP_BYTES = 64 * 1024 * 1024;
const stampsOfThisProcess = new Map<string, Stamp>();

/** A running hash of the content of a file of `bytes` bytes, comparable with `digestOf`: git's object id begins with the size. */
export function startDigest(file: ModelFile, bytes: number): Hash {
  if (file.sha256 !== undefined) return createHash('sha256');
  return createHash('sha1').update(`blob ${bytes}\0`);
}

/** The promised hash: sha256, or else git's object id. */
export function digestOf(file: ModelFile): string {
  const digest = file.sha256 ?? file.gitBlob;
  if (digest === undefined) throw new Error(`internal: the model file ${file.name} has no hash`);
  return digest;
}

/**
 * The state of a stored file. The size is always compared where it is known. The hash is computed where the file's time or size has changed
 * since its stamp, and once per process for files up to 64 MiB; `thorough` computes it in any case. Throws
 * `store-unwritable` where the disk does not let the file be read.
 */
export async function checkFile(
  path: string,
  file: ModelFile,
  { thorough = false, signal }: { thorough?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<FileState> {
  const now = await stampOf(path, file);
  if (now === undefined) return 'missing';
  if (now.bytes !== (file.bytes ?? now.bytes)) return 'corrupt';
  if (!thorough && (await isStamped(path, now))) return 'good';
  if ((await hashFile(path, file, { bytes: now.bytes, signal })) !== digestOf(file)) return 'corrupt';
  await keepStamp(path, now);
  return 'good';
}

/** Notes that the file at `path` was just found right, so that it is not hashed again soon. */
export async function stampFile(path: string, file: ModelFile): Promise<void> {
  const stamp = await stampOf(path, file);
  if (stamp !== undefined) await keepStamp(path, stamp);
}

/** Where the stamp of a stored file lies. */
export function stampPath(path: string): string {
  return `${path}.verified`;
}

async function isStamped(path: string, now: Stamp): Promise<boolean> {
  const known = stampsOfThisProcess.get(path);
  if (known !== undefined && isSame(known, now)) return true;
  return now.bytes > CHEAP_BYTES && isSame(await readStamp(path), now);
}

async function keepStamp(path: string, stamp: Stamp): Promise<void> {
  stampsOfThisProcess.set(path, stamp);
  // A store on a read-only disk works too; it only hashes more often.
  await writeFile(stampPath(path), JSON.stringify(stamp) + '\n').catch(() => undefined);
}

async function readStamp(path: string): Promise<Partial<Stamp>> {
  try {
    return (JSON.parse(await readFile(stampPath(path), 'utf8')) as Partial<Stamp> | null) ?? {};
  } catch {
    return {};
  }
}

function isSame(known: Partial<Stamp>, now: Stamp): boolean {
  return known.digest === now.digest && known.bytes === now.bytes && known.mtimeMs === now.mtimeMs;
}

/** What the stamp would have to say of the file as it lies there; undefined where there is no file. */
async function stampOf(path: string, file: ModelFile): Promise<Stamp | undefined> {
  const found = await reading(path, () => stat(path).catch(throwUnlessMissing));
  return found && { digest: digestOf(file), bytes: found.size, mtimeMs: found.mtimeMs };
}

function throwUnlessMissing(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
}

/** The hash of the `bytes` bytes at `path`, as `digestOf` promises it. */
export function hashFile(
  path: string,
  file: ModelFile,
  { bytes, signal }: { bytes: number; signal?: AbortSignal | undefined },
): Promise<string> {
  const hash = startDigest(file, bytes);
  return reading(path, async () => {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      throwIfCancelled(signal);
      hash.update(chunk as Buffer);
    }
    return hash.digest('hex');
  });
}
