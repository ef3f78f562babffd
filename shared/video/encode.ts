// Drawn frames -> one segment of the result: ffmpeg encodes what it is fed, with the times of the source.

import { joinAlpha } from '../photo/alpha.js';
import type { Photo } from '../photo/photo.js';
import { type Container, pictureCodec } from './containers.js';
import { offsetTicks } from './decode.js';
import { notWritten } from './failures.js';
import type { RawFormat } from './footage.js';
import { nutFrameHeader, nutHeader } from './nut/write.js';
import { type Program, start } from './program.js';
import type { Tools } from './tools.js';

export interface EncodeOptions {
  tools: Tools;
  container: Container;
  quality: number;
  /** Where the segment goes. */
  file: string;
  /** How sentences call the result. */
  out: string;
}

/** An encoder that is fed frame by frame. */
export class SegmentEncoder {
  readonly #encoder: Program;
  readonly #format: RawFormat;
  readonly #out: string;

  /** `format` is that of all frames to come; their sides are even unless the container is lossless. */
  constructor(format: RawFormat, options: EncodeOptions) {
    this.#encoder = start('ffmpeg', encoderArguments(format, options));
    this.#format = format;
    this.#out = options.out;
    this.#encoder.stdin.write(nutHeader(format));
  }

  /** Takes a frame; resolves when the encoder can take the next. Throws `output-unwritable`, `program-failed`. */
  async write(pts: number, photo: Photo): Promise<void> {
    const data = await this.#bytesOf(photo);
    const { stdin } = this.#encoder;
    stdin.write(nutFrameHeader(pts + offsetTicks(this.#format.timeBase), data.length));
    if (stdin.write(data)) return;
    // Not events.once: it would throw what happened to the pipe, and how the encoder ended says more.
    const drained = new Promise<void>((resolve) => stdin.once('drain', resolve));
    const ending = await Promise.race([drained, this.#encoder.ended]);
    if (ending !== undefined) throw notWritten(this.#out, ending);
  }

  /** Ends the segment; throws as `write`. */
  async finish(): Promise<void> {
    this.#encoder.stdin.end();
    const ending = await this.#encoder.ended;
    if (ending.exitCode !== 0) throw notWritten(this.#out, ending);
  }

  kill(): Promise<void> {
    return this.#encoder.kill();
  }

  async #bytesOf(photo: Photo): Promise<Uint8Array> {
    if (this.#format.channels === 3) return photo.data;
    const alpha = photo.alpha ?? new Uint8Array(photo.width * photo.height).fill(255);
    return (await joinAlpha({ ...photo, alpha })).data;
  }
}

function encoderArguments(
  { channels, timeBase }: RawFormat,
  { container, quality, file, tools }: EncodeOptions,
): string[] {
  return [
    ...['-hide_banner', '-loglevel', 'error', '-copyts', '-y', '-f', 'nut', '-i', 'pipe:0'],
    ...pictureCodec(container, quality, channels === 4),
    ...tools.passthrough,
    ...['-enc_time_base', `${timeBase.num}:${timeBase.den}`, '-f', 'nut', `file:${file}`],
  ];
}
