// Stores pictures in a folder, under dated names, and takes its own old ones away.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Caption } from '../caption.js';
import { Line } from '../line.js';
import type { Picture } from '../picture.js';
import type { Published, Target } from '../target.js';
import { type Entry, Ledger } from './ledger.js';
import { NamePattern } from './name-pattern.js';
import { oldAmong, type Retention, removePicture } from './retention.js';
import { storeNew } from './store.js';

export interface FileOptions extends Retention {
  /** Of the node; what it stores is its own. */
  nodeId: string;
  /** Absolute. */
  folder: string;
  /** See NamePattern. */
  pattern: string;
}

interface Job {
  picture: Picture;
  caption: Caption;
}

/** Pictures in memory at most, should the disk be slow. */
const ROOM = 50;

export class FileTarget implements Target {
  readonly #options: FileOptions;
  readonly #pattern: NamePattern;
  readonly #line = new Line<Job, Published>({
    work: (job) => this.#store(job),
    // One after the other: names and retention look at what is there.
    atOnce: 1,
    room: ROOM,
    whenFull: 'refuse',
  });
  #ledger: Ledger | undefined;

  /** Throws `options` for a pattern that names no file. */
  constructor(options: FileOptions) {
    this.#options = options;
    this.#pattern = new NamePattern(options.pattern);
  }

  publish(picture: Picture, caption: Caption): Promise<Published | undefined> {
    return this.#line.add({ picture, caption });
  }

  /** The picture under way is stored: the next deployment finds whole files. */
  close(): Promise<void> {
    return this.#line.close();
  }

  async #store({ picture: { bytes, extension }, caption }: Job): Promise<Published> {
    const now = new Date();
    const nameFor = (turn: number): string => `${this.#pattern.fill(caption, now, turn)}.${extension}`;
    const place = await storeNew(this.#options.folder, bytes, nameFor);
    // The picture is stored: that old ones stay is no failure of this message.
    if (this.#removesOld()) await this.#keepBooks(place, caption, now).catch(() => undefined);
    return { target: 'file', path: place, at: now.toISOString(), bytes: bytes.length };
  }

  async #keepBooks(place: string, { camera = '' }: Caption, now: Date): Promise<void> {
    const { folder, nodeId } = this.#options;
    this.#ledger ??= await Ledger.open(folder, nodeId);
    const { size, mtimeMs } = await stat(place);
    const file = path.basename(place);
    await this.#ledger.add({ file, camera, storedMs: now.getTime(), bytes: size, modifiedMs: mtimeMs });
    await this.#removeOld(this.#ledger, now);
  }

  async #removeOld(ledger: Ledger, now: Date): Promise<void> {
    const gone = new Set<Entry>();
    for (const entry of oldAmong(ledger.entries, this.#options, now.getTime()))
      if (await removePicture(this.#options.folder, entry)) gone.add(entry);
    if (gone.size > 0) await ledger.strike(gone);
  }

  #removesOld(): boolean {
    return this.#options.keepCount !== undefined || this.#options.keepDays !== undefined;
  }
}
