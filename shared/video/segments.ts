// Drawn frames -> segments: each is whole before the journal names it, and the next begins while the last one ends.

import type { ShotMemory } from '../film/memory.js';
import type { Photo } from '../photo/photo.js';
import { type EncodeOptions, SegmentEncoder } from './encode.js';
import type { RawFormat } from './footage.js';
import type { Journal, Segment, Tally, WorkFolder } from './work-folder.js';

/**
 * Frames of a segment: what a run that is killed loses at most. A matter of their number alone, so that a run that was resumed
 * makes the same segments as one that was not.
 */
export const SEGMENT_FRAMES = 48;

interface Open {
  segment: Segment;
  encoder: SegmentEncoder;
}

export interface DrawnStill {
  pts: number;
  photo: Photo;
  memory: ShotMemory;
  tally: Tally;
}

/** Writes the segments of one run. */
export class SegmentWriter {
  readonly #folder: WorkFolder;
  readonly #options: Omit<EncodeOptions, 'file'>;
  readonly #format: RawFormat;
  #journal: Journal;
  #open: Open | undefined;
  #last: DrawnStill | undefined;
  #begun: number;
  #closing: Promise<void> = Promise.resolve();
  readonly #encoders = new Set<SegmentEncoder>();

  constructor(folder: WorkFolder, journal: Journal, format: RawFormat, options: Omit<EncodeOptions, 'file'>) {
    this.#folder = folder;
    this.#journal = { ...journal, format };
    this.#format = format;
    this.#options = options;
    this.#begun = journal.segments.length;
  }

  /** Takes a frame; resolves when the next one can be taken. Throws `output-unwritable`, `program-failed`. */
  async write(frame: DrawnStill): Promise<void> {
    this.#open ??= this.#begin(frame.pts);
    const { segment, encoder } = this.#open;
    await encoder.write(frame.pts, frame.photo);
    segment.frames++;
    segment.lastPts = frame.pts;
    this.#last = frame;
    if (segment.frames === SEGMENT_FRAMES) await this.#end();
  }

  /** Ends the last segment and returns all of them. */
  async finish(): Promise<Journal> {
    await this.#end();
    await this.#closing;
    return this.#journal;
  }

  /** Gives up what is not in the journal. */
  async kill(): Promise<void> {
    await Promise.all([...this.#encoders].map((encoder) => encoder.kill()));
    await this.#closing.catch(() => undefined);
  }

  #begin(firstPts: number): Open {
    const file = `${String(++this.#begun).padStart(5, '0')}.nut`;
    const segment = { file, frames: 0, firstPts, lastPts: firstPts };
    const encoder = new SegmentEncoder(this.#format, { ...this.#options, file: this.#folder.file(file) });
    this.#encoders.add(encoder);
    return { segment, encoder };
  }

  async #end(): Promise<void> {
    // Only one at a time: this also throws what the one before has met.
    await this.#closing;
    const [open, last] = [this.#open, this.#last];
    this.#open = undefined;
    if (open === undefined || last === undefined) return;
    this.#closing = this.#close(open, last);
    this.#closing.catch(() => undefined);
  }

  async #close({ segment, encoder }: Open, { memory, tally }: DrawnStill): Promise<void> {
    await encoder.finish();
    this.#encoders.delete(encoder);
    this.#journal = await this.#folder.commit(this.#journal, segment, { memory, tally });
  }
}
