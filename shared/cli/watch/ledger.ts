// Which photos are drawn already, under the options of this run, and what their results are called.

import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Options } from '../../options.js';
import { sweepDrafts, writeSheets } from '../../outputs/write.js';
import type { OutputFormat } from '../../photo/photo.js';
import { fileInput, type Input } from '../inputs/input.js';
import { earlierResults } from '../outputs/kept.js';
import { type Naming, namesOf, planFormats } from '../outputs/plan.js';
import type { Entry } from './entry.js';
import { Journal } from './journal.js';
import { isSame, type Sighting } from './look.js';
import { exists } from './move.js';

interface LedgerOptions {
  /** The watched folder as the user wrote it. */
  source: string;
  out: string;
  options: Options;
  suffix: string;
  /** Whether a photo may become several pictures. */
  severalPictures: boolean;
}

/** A finished picture. */
interface Drawing {
  bytes: Uint8Array;
  format: OutputFormat;
}

export class Ledger {
  readonly journal: Journal;
  readonly #naming: Naming;
  readonly #wishes: LedgerOptions;
  /** What tells these options from others. */
  readonly #print: string;

  private constructor(journal: Journal, wishes: LedgerOptions) {
    this.journal = journal;
    this.#wishes = wishes;
    this.#naming = { target: { kind: 'folder', path: wishes.out }, suffix: wishes.suffix };
    this.#print = fingerprint(wishes.options);
  }

  /** Takes away what a dead watcher left behind. Throws `output-unwritable`. */
  static async open(wishes: LedgerOptions): Promise<Ledger> {
    const journal = await Journal.open(wishes.out);
    for (const folder of new Set([wishes.out, ...journal.unfinished().map((file) => path.dirname(file))]))
      await sweepDrafts(folder);
    return new Ledger(journal, wishes);
  }

  /** A photo as commands call it. */
  inputOf({ name }: Sighting): Input {
    return fileInput(path.join(this.#wishes.source, name), { folder: path.dirname(name), found: true });
  }

  /** What is known of a photo as it lies there now: nothing when it or the options are not the same any more. */
  fateOf(photo: Sighting): 'drawn' | 'failed' | undefined {
    const entry = this.#entryOf(photo);
    const isKnown = entry !== undefined && isSame(entry, photo);
    return isKnown && (entry.status === 'drawn' || entry.status === 'failed') ? entry.status : undefined;
  }

  /**
   * Takes results that nobody knows of for those of a photo: of `nigaoe stylize`, or of a time whose journal is lost. Only
   * for what lies there at the start: whatever comes later is new, even under an old name.
   */
  async adopt(photo: Sighting): Promise<boolean> {
    const input = this.inputOf(photo);
    const [{ format }] = await planFormats([input], this.#wishes.options);
    if (format === undefined) return false;
    const { severalPictures } = this.#wishes;
    for (const stem of [input.stem, path.basename(photo.name)]) {
      const found = await earlierResults({ ...input, stem }, format, {
        naming: this.#naming,
        severalPictures,
      });
      if (found.length === 0 || found.some((file) => this.journal.ownerOf(file) !== undefined)) continue;
      await this.#note(photo, 'drawn', found);
      return true;
    }
    return false;
  }

  /** Puts the results of a photo down and says where. Throws `output-unwritable`. */
  async deliver(photo: Sighting, pictures: readonly Drawing[]): Promise<string[]> {
    const names = await this.#freeNames(photo, pictures);
    // Said first: should this process die in between, the results are known as what they are.
    await this.#note(photo, 'drawing', names);
    await writeSheets(names.map((name, index) => ({ path: name, bytes: pictures[index].bytes })));
    await this.#note(photo, 'drawn', names);
    return names;
  }

  /** A photo that cannot be drawn and stays where it is. What was drawn of it before it changed is its drawing still. */
  async giveUp(photo: Sighting): Promise<void> {
    const outputs = this.#entryOf(photo)?.outputs ?? [];
    await this.#note(
      photo,
      'failed',
      outputs.map((output) => path.join(this.#wishes.out, output)),
    );
  }

  /** A photo that was moved away once it was drawn: a new one of its name is another one. */
  async release(photo: Sighting): Promise<void> {
    await this.#note(photo, 'released', []);
  }

  #entryOf({ path: photo }: Sighting): Entry | undefined {
    return this.journal.entryOf(photo, this.#print);
  }

  async #note(
    { path: photo, sizeBytes, mtimeMs }: Sighting,
    status: Entry['status'],
    outputs: readonly string[],
  ): Promise<void> {
    await this.journal.add({ photo, sizeBytes, mtimeMs, status, options: this.#print, outputs });
  }

  /** The photo's own name, or the first one beside it under which nothing lies but an earlier drawing of it. */
  async #freeNames(photo: Sighting, [first, ...others]: readonly Drawing[]): Promise<string[]> {
    const input = this.inputOf(photo);
    for (let number = 0; ; number++) {
      const stem = stemOf(input.stem, path.basename(photo.name), number);
      const names = namesOf({ ...input, stem }, first.format, 1 + others.length, this.#naming);
      const free = await Promise.all(names.map((name) => this.#isFree(name, photo.path)));
      if (free.every(Boolean)) return names;
    }
  }

  async #isFree(name: string, photo: string): Promise<boolean> {
    const owner = this.journal.ownerOf(name);
    return owner === photo || (owner === undefined && !(await exists(name)));
  }
}

/** `a` for a.jpg; where another photo has that, `a.jpg` as `nigaoe stylize` has it, then `a-2`, `a-3`. */
function stemOf(stem: string, name: string, number: number): string {
  if (number < 2) return number === 0 ? stem : name;
  return `${stem}-${number}`;
}

/** Where it is drawn makes no difference to the drawing. */
function fingerprint({ device: _, requireDevice: __, ...options }: Options): string {
  return createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 16);
}
