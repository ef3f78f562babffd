// The work of one run on the frames: decoded ahead, drawn one by one, encoded behind.

import { asFailure, throwIfCancelled } from '../errors.js';
import type { DrawnFrame } from '../film/frame.js';
import type { ShotMemory } from '../film/memory.js';
import { flattenPhoto } from '../photo/alpha.js';
import type { Photo } from '../photo/photo.js';
import { openAnimation } from './animation.js';
import { openVideo } from './decode.js';
import { type Footage, type RawFormat, type Still, secondsOf } from './footage.js';
import type { VideoOrder, VideoRun } from './order.js';
import { readAhead } from './read-ahead.js';
import { SegmentWriter } from './segments.js';
import { type Selection, selected } from './selection.js';
import type { Journal, Tally } from './work-folder.js';

/** Milliseconds that drawing waited for the decoder and for the encoder. */
export interface Waits {
  decoder: number;
  encoder: number;
}

/** One run's work on the frames. */
export class Shift {
  readonly #order: VideoOrder;
  readonly #run: VideoRun;
  readonly #startMs = performance.now();
  readonly #workedMs: number;
  readonly #waitedMs: Waits = { decoder: 0, encoder: 0 };
  #tally: Tally;
  #memory: ShotMemory | undefined;
  #writer: SegmentWriter | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(order: VideoOrder, run: VideoRun) {
    this.#order = order;
    this.#run = run;
    this.#tally = order.journal.tally;
    this.#workedMs = order.journal.tally.workMs;
  }

  /** Draws what is left; the next frame is decoded and the last one encoded meanwhile. */
  async drawAll(selection: Selection): Promise<void> {
    const { journal, folder, film } = this.#order;
    this.#memory = await folder.memoryOf(journal);
    const footage = await this.#openFootage(selection);
    const { width, height, channels } = footage.format;
    const frames = readAhead(
      selected(footage.frames, selection, film.timeBase),
      depthFor(width * height * channels),
    );
    try {
      for (let next = await this.#timed('decoder', frames.next()); !next.done; ) {
        await this.#draw(next.value);
        next = await this.#timed('decoder', frames.next());
      }
      await this.#writing;
    } catch (error) {
      await this.#writer?.kill();
      throwIfCancelled(this.#run.signal);
      throw asFailure(error);
    } finally {
      await footage.close();
    }
  }

  async finish(): Promise<{ journal: Journal; waitedMs: Waits }> {
    const { journal: before } = this.#order;
    const journal = this.#writer ? await this.#timed('encoder', this.#writer.finish()) : before;
    return { journal, waitedMs: this.#waitedMs };
  }

  async #draw(still: Still): Promise<void> {
    const { film, options, freeze } = this.#order;
    const { stylizer, signal, acceptLicence } = this.#run;
    const timeMs = 1000 * secondsOf(still.pts, film.timeBase);
    const photo = await this.#opaque(still.photo);
    const frame = { photo, timeMs, memory: this.#memory, freeze };
    const drawn = await stylizer.drawFrame(frame, options, { signal, acceptLicence, name: film.name });
    this.#memory = drawn.memory;
    this.#count(drawn);
    await this.#timed('encoder', this.#writing);
    this.#writer ??= this.#openWriter(drawn.photo);
    this.#writing = this.#writer.write({ pts: still.pts, ...drawn, tally: this.#tally });
    // Thrown with the next frame.
    this.#writing.catch(() => undefined);
    this.#run.onFrame?.(this.#tally);
  }

  async #opaque(photo: Photo): Promise<Photo> {
    if (photo.alpha === undefined || this.#order.container.keepsAlpha) return photo;
    this.#say(`${this.#order.container.name} has no transparency: it was painted over with white`);
    return flattenPhoto(photo);
  }

  #count({ memory, scope, model, device, notices }: DrawnFrame): void {
    for (const sentence of notices) this.#say(sentence);
    const { frames, shots, ...before } = this.#tally;
    this.#tally = {
      ...before,
      frames: frames + 1,
      shots: Math.max(1, shots, memory.shot),
      workMs: this.#workedMs + performance.now() - this.#startMs,
      ...{ scope, model },
      device: device ?? before.device,
      notices: [...before.notices],
    };
  }

  #say(sentence: string): void {
    if (this.#tally.notices.includes(sentence)) return;
    this.#tally = { ...this.#tally, notices: [...this.#tally.notices, sentence] };
    this.#run.onNotice(sentence);
  }

  #openWriter({ width, height }: Photo): SegmentWriter {
    const { film, folder, journal, container, options, out, tools } = this.#order;
    const channels = container.keepsAlpha && film.mayHaveAlpha ? 4 : 3;
    const { aspect, timeBase } = film;
    const format: RawFormat = { width, height, channels, aspect, timeBase };
    return new SegmentWriter(folder, journal, format, { container, quality: options.quality, out, tools });
  }

  async #openFootage({ fromPts, afterPts }: Selection): Promise<Footage> {
    const { film } = this.#order;
    const pts = afterPts ?? (Number.isFinite(fromPts) ? fromPts : undefined);
    return this.#footageFrom(pts === undefined ? undefined : secondsOf(pts, film.timeBase));
  }

  #footageFrom(fromSeconds: number | undefined): Promise<Footage> {
    const { film, size, tools } = this.#order;
    if (film.video === undefined) return openAnimation(film, { size, fromSeconds });
    const onNotice = (sentence: string) => this.#say(sentence);
    return openVideo(film, { size, tools, alpha: film.mayHaveAlpha, fromSeconds, onNotice });
  }

  async #timed<Result>(whom: 'decoder' | 'encoder', work: Promise<Result>): Promise<Result> {
    const startMs = performance.now();
    const result = await work;
    this.#waitedMs[whom] += performance.now() - startMs;
    return result;
  }
}

/** Frames that wait for their turn: a few, and few megabytes. */
const depthFor = (bytesPerFrame: number): number =>
  Math.min(8, Math.max(2, Math.floor(64e6 / bytesPerFrame)));
