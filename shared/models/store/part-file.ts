// The unfinished file of a download, `<name>.part`: grows by chunks, is hashed as it grows, and takes its place when it is whole.

import type { Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFile } from '../entry.js';
import { syncFolder, unwritable, writing } from './disk.js';
import { SourceFailure } from './sources.js';
import { digestOf, hashFile, stampFile, startDigest } from './verify.js';

/** Files of unknown size may grow to this: ten times what a repository of git hosts in one file. */
const MOST_UNKNOWN_BYTES = 2 ** 30;

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
  /** Bytes that the whole file has: by the catalogue, or by the source of the present try. */
  totalBytes: number | undefined;
  /** Runs along where its beginning is known; git's object id begins with the size. */
  #hash: Hash | undefined;
  readonly #target: string;
  readonly #file: ModelFile;
  readonly #handle: FileHandle;

  constructor(target: string, file: ModelFile, handle: FileHandle) {
    this.#target = target;
    this.#file = file;
    this.#handle = handle;
    this.totalBytes = file.bytes;
    this.#hash = this.#startHash();
  }

  /** Counts and hashes the bytes that are already there; more than the file has are worth nothing. */
  async takeUp(): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#mostBytes) await this.restart(size);
    else await this.#hashUpTo(size);
    await this.#checkRoom();
  }

  /** Notes whose bytes come now, and makes sure that there is room for them. */
  async begin(
    from: string,
    { etag, totalBytes }: { etag: string | undefined; totalBytes: number | undefined },
  ) {
    await this.#noteOrigin(from, etag);
    if (this.#file.bytes !== undefined || totalBytes === undefined) return;
    if (totalBytes > MOST_UNKNOWN_BYTES)
      throw new SourceFailure('unfit', `offers ${totalBytes} bytes, more than a file of this kind has`);
    this.totalBytes = totalBytes;
    await this.#checkRoom();
  }

  /** Adds bytes. Throws SourceFailure `wrong` before it takes one byte too many, `store-unwritable` when the disk does. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.received + chunk.length > this.#mostBytes)
      throw new SourceFailure('wrong', `sent more than the ${this.#mostBytes} bytes of the file`);
    try {
      await writing(this.#target, () => this.#handle.appendFile(chunk));
    } catch (error) {
      // The last write may be half there, and a full disk should be left with the room it had.
      await this.restart(this.received + 1).catch(() => undefined);
      throw error;
    }
    this.#hash?.update(chunk);
    this.received += chunk.length;
  }

  /** Throws the bytes away. */
  async restart(present = this.received): Promise<void> {
    if (present > 0) await this.#handle.truncate(0);
    this.#hash = this.#startHash();
    this.received = 0;
    this.totalBytes = this.#file.bytes;
    await rm(this.#originPath, { force: true });
  }

  /** Whether all bytes are there and are the right ones. */
  async isRight(): Promise<boolean> {
    if (this.received === 0 || this.received !== (this.totalBytes ?? this.received)) return false;
    const bytes = this.received;
    const digest = this.#hash?.copy().digest('hex');
    return (
      (digest ?? (await hashFile(partPath(this.#target), this.#file, { bytes }))) === digestOf(this.#file)
    );
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
  async #noteOrigin(from: string, etag: string | undefined): Promise<void> {
    await rm(this.#originPath, { force: true }).catch(() => undefined);
    if (etag === undefined) return;
    const origin: Origin = { from, etag };
    await writeFile(this.#originPath, JSON.stringify(origin) + '\n').catch(() => undefined);
  }

  get #mostBytes(): number {
    return this.totalBytes ?? MOST_UNKNOWN_BYTES;
  }

  #startHash(): Hash | undefined {
    const { sha256, bytes } = this.#file;
    return sha256 === undefined && bytes === undefined ? undefined : startDigest(this.#file, bytes ?? 0);
  }

  get #originPath(): string {
    return `${partPath(this.#target)}.origin`;
  }

  async #hashUpTo(size: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(1024 * 1024);
    while (this.received < size) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.received);
      if (bytesRead === 0) return;
      this.#hash?.update(buffer.subarray(0, bytesRead));
      this.received += bytesRead;
    }
  }

  /** Says so before gigabytes are fetched for a disk that cannot hold them. */
  async #checkRoom(): Promise<void> {
    const folder = path.dirname(this.#target);
    const disk = await statfs(folder).catch(() => undefined);
    // Some network file systems report nothing at all.
    if (disk === undefined || disk.blocks === 0 || this.totalBytes === undefined) return;
    const missing = this.totalBytes - this.received;
    if (disk.bavail * disk.bsize >= missing) return;
    throw unwritable(folder, `${missing} bytes are needed and ${disk.bavail * disk.bsize} are free`);
  }
}
