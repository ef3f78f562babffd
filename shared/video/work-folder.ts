// What a run has done so far, on the disk beside its result: segments, what is remembered for the next, and a journal.

import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { expected } from '../errors.js';
import type { ShotMemory } from '../film/memory.js';
import { unwritable } from '../outputs/unwritable.js';
import { writeSheets } from '../outputs/write.js';
import type { RawFormat } from './footage.js';

/** Frames that are encoded in one piece. */
export interface Segment {
  file: string;
  frames: number;
  firstPts: number;
  lastPts: number;
}

/** What is told of all frames so far. */
export interface Tally {
  frames: number;
  shots: number;
  /** Milliseconds of work. */
  workMs: number;
  scope?: string;
  model?: string;
  device?: string;
  notices: string[];
}

export interface Journal {
  /** Of input, options and style: only the same work is gone on with. */
  fingerprint: string;
  /** How the frames of the segments are laid out; undefined before the first. */
  format?: RawFormat;
  segments: readonly Segment[];
  /** File of what the last frame has left for the next one; undefined before the first segment. */
  memory?: string;
  tally: Tally;
}

const JOURNAL = 'journal.json';
const OWNER = 'running';

/** The folder of one run. */
export class WorkFolder {
  readonly path: string;
  readonly #out: string;

  /** Of the result at `out`; nothing is made yet. */
  constructor(out: string) {
    this.#out = out;
    this.path = path.join(path.dirname(out), `.${path.basename(out)}.nigaoe`);
  }

  /** What an earlier run has left; undefined where there is nothing that can be read. */
  async read(): Promise<Journal | undefined> {
    const text = await readFile(this.file(JOURNAL), 'utf8').catch(() => undefined);
    try {
      return text === undefined ? undefined : (JSON.parse(text) as Journal);
    } catch {
      return undefined;
    }
  }

  /** What the last frame of the journal has left for the next one. */
  async memoryOf({ memory }: Journal): Promise<ShotMemory | undefined> {
    return memory === undefined ? undefined : (deserialize(await readFile(this.file(memory))) as ShotMemory);
  }

  /** Takes the folder for this process; throws `options` where another one is at work on the same result. */
  async take(): Promise<void> {
    const owner = Number(await readFile(this.file(OWNER), 'utf8').catch(() => '0'));
    if (owner !== process.pid && isAlive(owner))
      throw expected('no other run that writes', '--out', this.#out, `Process ${owner} is at work on it.`);
    try {
      await mkdir(this.path, { recursive: true });
    } catch (error) {
      throw unwritable(this.path, error);
    }
    await this.#write(OWNER, Buffer.from(String(process.pid)));
  }

  /** Adds a segment to the journal: it counts from here on, also after a power cut. Returns the new journal. */
  async commit(
    before: Journal,
    segment: Segment,
    done: { memory: ShotMemory; tally: Tally },
  ): Promise<Journal> {
    await syncFile(this.file(segment.file));
    const memory = segment.file.replace(/\.nut$/, '.memory');
    // A file of its own: the old journal goes with the old memory until the new journal is there.
    await this.#write(memory, serialize(done.memory));
    const journal = { ...before, memory, segments: [...before.segments, segment], tally: done.tally };
    await this.#write(JOURNAL, Buffer.from(JSON.stringify(journal, undefined, 1)));
    if (before.memory !== undefined) await rm(this.file(before.memory), { force: true });
    return journal;
  }

  /** A file in it. */
  file(name: string): string {
    return path.join(this.path, name);
  }

  /** Writes a small file. */
  async write(name: string, text: string): Promise<string> {
    await this.#write(name, Buffer.from(text));
    return this.file(name);
  }

  /** Puts the finished result in its place. Throws `output-unwritable`. */
  async deliver(name: string, target: string): Promise<void> {
    try {
      await syncFile(this.file(name));
      await rename(this.file(name), target);
    } catch (error) {
      throw unwritable(target, error);
    }
  }

  /** Ends the work on it: another process may go on with what is done. Removes it where nothing is; returns the frames. */
  async leave(): Promise<number> {
    const frames = (await this.read())?.tally.frames ?? 0;
    if (frames === 0) await this.remove();
    else await rm(this.file(OWNER), { force: true });
    return frames;
  }

  /** Throws away what an earlier run has left. */
  async empty(): Promise<void> {
    await this.remove();
    await this.take();
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    await writeSheets([{ path: this.file(name), bytes }]);
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
