// The journey of a film: decode, draw, encode at the same time, then put together. The one file that knows the order.

import { realpath } from 'node:fs/promises';
import { asFailure, NigaoeError, throwIfCancelled } from '../errors.js';
import type { DrawnFrame } from '../film/frame.js';
import type { ShotMemory } from '../film/memory.js';
import type { Options } from '../options.js';
import { flattenPhoto } from '../photo/alpha.js';
import type { Photo } from '../photo/photo.js';
import type { Provenance } from '../photo/provenance.js';
import type { FilmStylizer } from '../stylizer.js';
import { openAnimation } from './animation.js';
import type { Container } from './containers.js';
import { openVideo } from './decode.js';
import type { Film } from './film.js';
import { type Footage, type RawFormat, type Still, secondsOf } from './footage.js';
import { mux } from './mux.js';
import { readAhead } from './read-ahead.js';
import { SegmentWriter } from './segments.js';
import { type Selection, selected, selectionOf } from './selection.js';
import type { FrameSize } from './size.js';
import type { Tools } from './tools.js';
import type { Journal, Tally, WorkFolder } from './work-folder.js';

/** All that is known before the work begins. */
export interface VideoOrder {
  film: Film;
  /** Where the result goes, and how sentences call that place. */
  out: string;
  container: Container;
  tools: Tools;
  size: FrameSize;
  /** Seconds from the film's start, perhaps to Infinity; absent: all of it. */
  part?: { fromSeconds: number; toSeconds: number } | undefined;
  /** Most frames a second; 0: all. */
  fps: number;
  /** Draw each shot in the colours of its first frame. */
  freeze: boolean;
  /** How each frame is drawn: scope photo or faces. */
  options: Options;
  provenance: Provenance;
  folder: WorkFolder;
  /** What is done already: a new journal, or that of the run that is gone on with. */
  journal: Journal;
}

export interface VideoRun {
  stylizer: FilmStylizer;
  signal?: AbortSignal | undefined;
  acceptLicence?: boolean | undefined;
  /** Told of every frame that is drawn. */
  onFrame?: ((tally: Tally) => void) | undefined;
  /** Told when all are drawn and the result is put together. */
  onJoin?: (() => void) | undefined;
  onNotice: (sentence: string) => void;
}

/** What came of a film. */
export interface VideoResult extends Tally {
  width: number;
  height: number;
  /** Milliseconds that drawing waited for the decoder and for the encoder. */
  waitedMs: { decoder: number; encoder: number };
}

/** Draws a film into its place. What was done stays in the working folder when it fails; throws a NigaoeError. */
export async function drawVideo(order: VideoOrder, run: VideoRun): Promise<VideoResult> {
  const { folder, film, out } = order;
  const selection = selectedPart(order);
  const work = new Shift(order, run);
  await work.drawAll(selection);
  const { journal, waitedMs } = await work.finish();
  if (journal.format === undefined) throw noFrames(film, order);
  throwIfCancelled(run.signal);
  run.onJoin?.();
  const { options, provenance } = order;
  const { quality, keepMetadata: keepLocation } = options;
  const part = order.part && partFrom(order.part, journal, film);
  const drawn = { ...order, part, quality, provenance, keepLocation, segments: journal.segments };
  const result = await mux({ ...drawn, signal: run.signal });
  throwIfCancelled(run.signal);
  // A link stays a link: what it points to is replaced.
  await folder.deliver(result, await realpath(out).catch(() => out));
  await folder.remove();
  const { width, height } = journal.format;
  return { ...journal.tally, width, height, waitedMs };
}

/** The part begins with its first frame, so that pictures and sound begin together. */
function partFrom(
  { toSeconds }: { toSeconds: number },
  { segments }: Journal,
  { timeBase, startSeconds }: Film,
): { fromSeconds: number; toSeconds: number } {
  return { fromSeconds: secondsOf(segments[0].firstPts, timeBase) - startSeconds, toSeconds };
}

function selectedPart({ film, part, fps, journal }: VideoOrder): Selection {
  const { timeBase, startSeconds } = film;
  const range = {
    fromSeconds: part ? startSeconds + part.fromSeconds : Number.NEGATIVE_INFINITY,
    toSeconds: part ? startSeconds + part.toSeconds : Number.POSITIVE_INFINITY,
  };
  return { ...selectionOf({ ...range, fps }, timeBase), afterPts: journal.segments.at(-1)?.lastPts };
}

function noFrames({ name }: Film, { part }: VideoOrder): NigaoeError {
  const where = part ? ` between --from and --to` : '';
  return new NigaoeError('photo-unreadable', `Expected frames in ${name}${where} but there is none`);
}

/** One run's work on the frames. */
class Shift {
  readonly #order: VideoOrder;
  readonly #run: VideoRun;
  readonly #startMs = performance.now();
  readonly #workedMs: number;
  readonly #waitedMs = { decoder: 0, encoder: 0 };
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

  async finish(): Promise<{ journal: Journal; waitedMs: VideoResult['waitedMs'] }> {
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
