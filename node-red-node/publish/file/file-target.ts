// Stores pictures in a folder, under dated names, and takes the old ones away.

import { NigaoeError } from '../../../shared/errors.js';
import type { Caption } from '../caption.js';
import { Line } from '../line.js';
import type { Picture } from '../picture.js';
import type { Published, Target } from '../target.js';
import { NamePattern } from './name-pattern.js';
import { type Retention, removeOld } from './retention.js';
import { storeNew } from './store.js';

export interface FileOptions extends Retention {
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

  /** Throws `options` for a pattern that names no file, or with retention tells no date. */
  constructor(options: FileOptions) {
    this.#options = options;
    this.#pattern = new NamePattern(options.pattern);
    if (this.#removesOld() && !this.#pattern.isDated)
      throw new NigaoeError(
        'options',
        'Expected {date} and {time} in the file name as old pictures are removed',
        {
          hint: 'Without them the node could not tell its own pictures from others.',
        },
      );
  }

  publish(picture: Picture, caption: Caption): Promise<Published | undefined> {
    return this.#line.add({ picture, caption });
  }

  async close(): Promise<void> {
    this.#line.clear();
  }

  async #store({ picture: { bytes, extension }, caption }: Job): Promise<Published> {
    const { folder } = this.#options;
    const now = new Date();
    const nameFor = (turn: number): string => `${this.#pattern.fill(caption, now, turn)}.${extension}`;
    const path = await storeNew(folder, bytes, nameFor);
    await this.#removeOld(caption);
    return { target: 'file', path, at: now.toISOString(), bytes: bytes.length };
  }

  async #removeOld(caption: Caption): Promise<void> {
    if (!this.#removesOld()) return;
    const read = (file: string) => this.#pattern.read(file, caption);
    // The picture is stored: that old ones stay is no failure of this message.
    await removeOld(this.#options.folder, read, this.#options).catch(() => undefined);
  }

  #removesOld(): boolean {
    return this.#options.keepCount !== undefined || this.#options.keepDays !== undefined;
  }
}
