// Which pictures of a folder a node has stored: a file beside them with one line of JSON for each.
//
// A name proves nothing: a user's own pictures, or those of another node, may be called alike. Only what stands here
// is taken away again.

import { randomBytes } from 'node:crypto';
import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../../shared/errors.js';

/** A stored picture. */
export interface Entry {
  /** Its name in the folder. */
  file: string;
  /** Empty where the message named none. */
  camera: string;
  /** When it was stored, in ms since 1970. */
  storedMs: number;
  bytes: number;
  /** As the disk tells it, in ms since 1970. */
  modifiedMs: number;
}

/** Lines of pictures that are gone may make up half of the file, and so many more. */
const SPARE_LINES = 100;

export class Ledger {
  /** Oldest first. */
  entries: readonly Entry[];
  readonly #file: string;
  #lines: number;

  private constructor(file: string, { entries, lines }: { entries: Entry[]; lines: number }) {
    this.#file = file;
    this.entries = entries;
    this.#lines = lines;
  }

  /** Of a node in a folder. Throws the system's error where the file is there but cannot be read. */
  static async open(folder: string, nodeId: string): Promise<Ledger> {
    const file = path.join(folder, `.nigaoe-${nodeId.replace(/[^A-Za-z0-9_-]/g, '_')}.jsonl`);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    const ledger = new Ledger(file, read(text));
    // The next line must not join one that was cut off.
    if (!/(^|\n)$/.test(text)) await ledger.#write();
    return ledger;
  }

  async add(entry: Entry): Promise<void> {
    this.entries = [...this.entries, entry];
    this.#lines += 1;
    await appendFile(this.#file, lineOf(entry));
  }

  /** Strikes pictures that are gone. The file follows now and then. */
  async strike(gone: ReadonlySet<Entry>): Promise<void> {
    this.entries = this.entries.filter((entry) => !gone.has(entry));
    if (this.#lines > 2 * this.entries.length + SPARE_LINES) await this.#write();
  }

  /** Whole or not at all. */
  async #write(): Promise<void> {
    const draft = path.join(path.dirname(this.#file), `.nigaoe-${randomBytes(8).toString('hex')}.part`);
    try {
      await writeFile(draft, this.entries.map(lineOf).join(''), { flag: 'wx' });
      await rename(draft, this.#file);
      this.#lines = this.entries.length;
    } finally {
      await rm(draft, { force: true });
    }
  }
}

const lineOf = (entry: Entry): string => `${JSON.stringify(entry)}\n`;

function read(text: string): { entries: Entry[]; lines: number } {
  const lines = text.split('\n').filter((line) => line !== '');
  return { entries: lines.map(entryIn).filter((entry) => entry !== undefined), lines: lines.length };
}

/** Undefined for a line that was cut off or that nobody here wrote: its picture stays. */
function entryIn(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Entry;
    const numbers = [entry.storedMs, entry.bytes, entry.modifiedMs];
    const isWhole = typeof entry.camera === 'string' && numbers.every(Number.isFinite);
    return isWhole && isPlainName(entry.file) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Leads nowhere else. */
const isPlainName = (file: unknown): boolean =>
  typeof file === 'string' && !/^\.|[/\\:\0]/.test(file) && file !== '';
