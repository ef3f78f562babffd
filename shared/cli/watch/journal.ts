// What became of each photo, kept beside the results: a line is added for every step, so that no crash costs more than one.

import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../errors.js';
import { unwritable } from '../../outputs/unwritable.js';
import { writeSheets } from '../../outputs/write.js';
import { type Entry, parseEntry } from './entry.js';
import { exists } from './move.js';

const JOURNAL_NAME = '.nigaoe-watch.jsonl';

/** The journal of a folder of results. */
export class Journal {
  readonly path: string;
  /** Whether there was one, all of which could be read: else results are there that it does not know. */
  readonly isWhole: boolean;
  /** Lines that could not be read. */
  readonly damagedLines: number;
  readonly #out: string;
  /** By photo, one for each way in which it was drawn. */
  readonly #entries = new Map<string, readonly Entry[]>();
  readonly #owners = new Map<string, string>();
  /** The last line may have no end. */
  #torn = false;

  private constructor(out: string, text: string | undefined) {
    this.#out = out;
    this.path = path.join(out, JOURNAL_NAME);
    // What follows the last line break is a line that was being written when the process or the power went.
    const lines = (text ?? '')
      .split('\n')
      .slice(0, -1)
      .filter((line) => line !== '');
    const entries = lines.map(parseEntry);
    for (const entry of entries) if (entry !== undefined) this.#remember(entry);
    this.damagedLines = entries.filter((entry) => entry === undefined).length;
    this.isWhole = lines.length > 0 && this.damagedLines === 0;
  }

  /** Reads it and writes it anew with what still matters. Throws `output-unwritable`. */
  static async open(out: string): Promise<Journal> {
    const file = path.join(out, JOURNAL_NAME);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw unwritable(file, error);
    });
    const journal = new Journal(out, text);
    await journal.#forgetGone();
    const lines = [...journal.#entries.values()].flat().map((entry) => `${JSON.stringify(entry)}\n`);
    if (text !== undefined && text !== lines.join(''))
      await writeSheets([{ path: file, bytes: Buffer.from(lines.join('')) }]);
    return journal;
  }

  /** What became of a photo with these options. */
  entryOf(photo: string, options: string): Entry | undefined {
    return this.#entries.get(photo)?.find((entry) => entry.options === options);
  }

  /** The photo that a file in the folder of results is the drawing of. */
  ownerOf(output: string): string | undefined {
    return this.#owners.get(path.relative(this.#out, output));
  }

  /** Results that were being written when their watcher died. */
  unfinished(): string[] {
    const entries = [...this.#entries.values()].flat();
    const begun = entries.filter(({ status }) => status === 'drawing');
    return begun.flatMap(({ outputs }) => outputs.map((output) => path.join(this.#out, output)));
  }

  /** Adds an entry for good: it is on the disk when this returns. `outputs` are paths. Throws `output-unwritable`. */
  async add(entry: Entry): Promise<void> {
    const outputs = entry.outputs.map((output) => path.relative(this.#out, output));
    const kept = { ...entry, outputs };
    try {
      await appendSynced(this.path, `${this.#torn ? '\n' : ''}${JSON.stringify(kept)}\n`);
      this.#torn = false;
    } catch (error) {
      this.#torn = true;
      throw unwritable(this.path, error);
    }
    this.#remember(kept);
  }

  /** A photo whose results were taken away is to be drawn again; so the journal never outgrows the folder. */
  async #forgetGone(): Promise<void> {
    const entries = [...this.#entries.values()].flat();
    const found = await Promise.all(entries.map((entry) => this.#asFound(entry)));
    this.#entries.clear();
    this.#owners.clear();
    for (const entry of found) if (entry !== undefined) this.#remember(entry);
  }

  async #asFound(entry: Entry): Promise<Entry | undefined> {
    if (entry.status !== 'drawn') return entry;
    const there = await Promise.all(entry.outputs.map((output) => exists(path.join(this.#out, output))));
    if (there.every(Boolean)) return entry;
    return there.includes(true) ? { ...entry, status: 'drawing' } : undefined;
  }

  #remember(entry: Entry): void {
    const { photo, options, outputs } = entry;
    const earlier = this.#entries.get(photo) ?? [];
    if (entry.status === 'released') {
      this.#entries.delete(photo);
      for (const output of earlier.flatMap((each) => each.outputs)) this.#owners.delete(output);
      return;
    }
    // In another style or format it is another result, unless the new one takes its place.
    const beside = earlier.filter(
      (each) => each.options !== options && !each.outputs.some((output) => outputs.includes(output)),
    );
    this.#entries.set(photo, [...beside, entry]);
    for (const output of outputs) this.#owners.set(output, photo);
  }
}

async function appendSynced(file: string, text: string): Promise<void> {
  // Not made anew with its folder: a disk that was taken away must not be filled beside where it was.
  const handle = await open(file, 'a');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
