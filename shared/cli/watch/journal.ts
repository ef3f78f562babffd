// What became of each photo, kept beside the results: a line is added for every step, so that no crash costs more than one.

import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../errors.js';
import { unwritable } from '../../outputs/unwritable.js';
import { writeSheets } from '../../outputs/write.js';
import { type Entry, parseEntry } from './entry.js';

const JOURNAL_NAME = '.nigaoe-watch.jsonl';

/** The journal of a folder of results. */
export class Journal {
  readonly path: string;
  /** Whether there was one, all of which could be read: else results are there that it does not know. */
  readonly isWhole: boolean;
  /** Lines that could not be read. */
  readonly damagedLines: number;
  readonly #out: string;
  readonly #entries = new Map<string, Entry>();
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
    const lines = [...journal.#entries.values()].map((entry) => `${JSON.stringify(entry)}\n`);
    if (text !== undefined && text !== lines.join(''))
      await writeSheets([{ path: file, bytes: Buffer.from(lines.join('')) }]);
    return journal;
  }

  /** The last entry of a photo. */
  entryOf(photo: string): Entry | undefined {
    return this.#entries.get(photo);
  }

  /** The photo that a file in the folder of results is the drawing of. */
  ownerOf(output: string): string | undefined {
    return this.#owners.get(path.relative(this.#out, output));
  }

  /** Results that were being written when their watcher died. */
  unfinished(): string[] {
    const entries = [...this.#entries.values()].filter(({ status }) => status === 'drawing');
    return entries.flatMap(({ outputs }) => outputs.map((output) => path.join(this.#out, output)));
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

  #remember(entry: Entry): void {
    for (const output of this.#entries.get(entry.photo)?.outputs ?? []) this.#owners.delete(output);
    this.#entries.delete(entry.photo);
    if (entry.status === 'released') return;
    this.#entries.set(entry.photo, entry);
    for (const output of entry.outputs) this.#owners.set(output, entry.photo);
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
