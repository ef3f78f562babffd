// The unfinished file of a download, `<name>.part`: grows by chunks, is hashed as it grows, and takes its place when it is whole.

import type { Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../errors.js';
import type { ModelFile } from '../entry.js';
import { unwritable, writing } from './disk.js';
import { SourceFailure } from './sources.js';
import { digestOf, stampFile, startDigest } from './verify.js';

/** Whose bytes the part holds, for If-Range. */
interface Origin {
  from: string;
  etag: string;
}

/** Where the unfinished file of a stored file lies. */
export function partPath(target: string): string {
  return `${target}.part`;
}

/** Opens the part of `target`, with the bytes that an earlier try left; throws `store-unwritable`. */
export function openPart(target: string, file: ModelFile): Promise<PartFile> {
  return writing(target, async () => {
    await mkdir(path.dirname(target), { recursive: true });
    const handle = await open(partPath(target), 'a+');
    try {
      const part = new PartFile(target, file, handle);
      await part.takeUp();
      return part;
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

/** Made by `openPart`; has to be finished or closed. */
export class PartFile {
  /** Bytes that are there. */
  received = 0;
  #hash: Hash;
  readonly #target: string;
  readonly #file: ModelFile;
  readonly #handle: FileHandle;

  constructor(target: string, file: ModelFile, handle: FileHandle) {
    this.#target = target;
    this.#file = file;
    this.#handle = handle;
    this.#hash = startDigest(file);
  }

  /** Counts and hashes the bytes that are already there; more than the file has are worth nothing. */
  async takeUp(): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#file.bytes) await this.restart(size);
    else await this.#hashUpTo(size);
    await this.#checkRoom();
  }

  /** Adds bytes. Throws SourceFailure `wrong` before it takes one byte too many, `store-unwritable` when the disk does. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.received + chunk.length > this.#file.bytes)
      throw new SourceFailure('wrong', `sent more than the ${this.#file.bytes} bytes of the file`);
    try {
      await writing(this.#target, () => this.#handle.appendFile(chunk));
    } catch (error) {
      // The last write may be half there, and a full disk should be left with the room it had.
      await this.restart(this.received + 1).catch(() => undefined);
      throw error;
    }
    this.#hash.update(chunk);
    this.received += chunk.length;
  }

  /** Throws the bytes away. */
  async restart(present = this.received): Promise<void> {
    if (present > 0) await this.#handle.truncate(0);
    this.#hash = startDigest(this.#file);
    this.received = 0;
    await rm(this.#originPath, { force: true });
  }

  /** Whether all bytes are there and are the right ones. */
  isRight(): boolean {
    return this.received === this.#file.bytes && this.#hash.copy().digest('hex') === digestOf(this.#file);
  }

  /** Puts the file in its place, on the disk for good. */
  async finish(): Promise<void> {
    await writing(this.#target, async () => {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(partPath(this.#target), this.#target);
      await rm(this.#originPath, { force: true });
      await syncFolder(path.dirname(this.#target));
    });
    await stampFile(this.#target, this.#file);
  }

  /** Leaves the part for the next try; an empty one is taken away. Closing twice is fine. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    if (this.received === 0) await rm(partPath(this.#target), { force: true });
  }

  /** The tag that `from` gave the bytes that are here. */
  async etagOf(from: string): Promise<string | undefined> {
    try {
      const origin = JSON.parse(await readFile(this.#originPath, 'utf8')) as Partial<Origin> | null;
      return origin?.from === from ? origin.etag : undefined;
    } catch {
      return undefined;
    }
  }

  /** Notes where the bytes come from; only a help for resuming, so failing is no failure. */
  async noteOrigin(from: string, etag: string | undefined): Promise<void> {
    await rm(this.#originPath, { force: true }).catch(() => undefined);
    if (etag === undefined) return;
    const origin: Origin = { from, etag };
    await writeFile(this.#originPath, JSON.stringify(origin) + '\n').catch(() => undefined);
  }

  get #originPath(): string {
    return `${partPath(this.#target)}.origin`;
  }

  async #hashUpTo(size: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    while (this.received < size) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.received);
      if (bytesRead === 0) return;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.received += bytesRead;
    }
  }

  /** Says so before gigabytes are fetched for a disk that cannot hold them. */
  async #checkRoom(): Promise<void> {
    const folder = path.dirname(this.#target);
    const disk = await statfs(folder).catch(() => undefined);
    // Some network file systems report nothing at all.
    if (disk === undefined || disk.blocks === 0) return;
    const missing = this.#file.bytes - this.received;
    if (disk.bavail * disk.bsize >= missing) return;
    throw unwritable(folder, `${missing} bytes are needed and ${disk.bavail * disk.bsize} are free`);
  }
}

/** Makes the rename itself survive a power cut, where the system can (Windows cannot open a folder). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (error) {
    if (codeOf(error) === 'EIO') throw error;
  } finally {
    await handle.close();
  }
}
