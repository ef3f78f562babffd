// A video -> its frames: ffmpeg decodes, turns upright, scales and converts to sRGB, and tells the exact time of each.

import { splitAlpha } from '../photo/alpha.js';
import type { Photo } from '../photo/photo.js';
import { notRead, tellingLine } from './failures.js';
import type { Film } from './film.js';
import { type Footage, type Ratio, type RawFormat, type RawFrame, type Still, secondsOf } from './footage.js';
import { readNut } from './nut/read.js';
import { type Program, start } from './program.js';
import type { FrameSize } from './size.js';
import type { Tools } from './tools.js';

export interface DecodeOptions {
  tools: Tools;
  size: FrameSize;
  alpha: boolean;
  /** Frames before it are not needed; where decoding begins there may be some of them. Seconds of the file's own time. */
  fromSeconds?: number | undefined;
  /** Told of damage that was skipped. */
  onNotice: (sentence: string) => void;
}

/** Times are moved up by so much on their way through pipes, where none may be negative; whole ticks. */
export const OFFSET_SECONDS = 16;
export const offsetTicks = ({ num, den }: Ratio): number => Math.ceil((OFFSET_SECONDS * den) / num);
/** Decoding begins earlier than is asked for: the first frames after a jump may be incomplete. */
const PREROLL_SECONDS = 2;

/** Starts decoding; throws `photo-unreadable` for a video without frames. */
export async function openVideo(film: Film, options: DecodeOptions): Promise<Footage> {
  const { fromSeconds } = options;
  const footage = await decodeFrom(film, options);
  if (fromSeconds === undefined) return footage;
  const frames = footage.frames[Symbol.asyncIterator]();
  const first = await frames.next();
  const isInTime = !first.done && secondsOf(first.value.pts, film.timeBase) <= fromSeconds + 1e-6;
  if (isInTime) return { ...footage, frames: startingWith(first.value, frames) };
  // Some files have no index, or a wrong one, and the jump went too far; or there is a long pause in it.
  await footage.close();
  return decodeFrom(film, { ...options, fromSeconds: undefined });
}

async function* startingWith(first: Still, others: AsyncIterator<Still>): AsyncGenerator<Still> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => others };
}

async function decodeFrom(film: Film, options: DecodeOptions): Promise<Footage> {
  const decoder = start('ffmpeg', decoderArguments(film, options));
  decoder.stdin.end();
  try {
    const nut = await readNut(decoder.stdout);
    if (nut === undefined) throw await emptyFilm(film, decoder);
    return {
      format: nut.format,
      frames: stillsOf(nut, film, { decoder, onNotice: options.onNotice }),
      close: () => decoder.kill(),
    };
  } catch (error) {
    await decoder.kill();
    throw error;
  }
}

async function emptyFilm({ name }: Film, decoder: Program) {
  const ending = await decoder.ended;
  return notRead(name, ending.lines.length > 0 ? ending : { ...ending, lines: ['it has no frames'] });
}

async function* stillsOf(
  { format, frames }: { format: RawFormat; frames: AsyncIterable<RawFrame> },
  film: Film,
  { decoder, onNotice }: { decoder: Program; onNotice: (sentence: string) => void },
): AsyncGenerator<Still> {
  const offset = offsetTicks(film.timeBase);
  // A file may count in a finer measure than the stream that ffmpeg made of it: both are exact.
  const scale = (format.timeBase.num * film.timeBase.den) / (format.timeBase.den * film.timeBase.num);
  for await (const { pts, data } of frames)
    yield { pts: Math.round(pts * scale) - offset, photo: await photoOf(data, format) };
  const ending = await decoder.ended;
  if (ending.exitCode !== 0) throw notRead(film.name, ending);
  if (ending.lines.length > 0)
    onNotice(`The film has flaws, and the result may show them: ${tellingLine(ending.lines.slice(0, 1))}`);
}

async function photoOf(data: Uint8Array, { width, height, channels }: RawFormat): Promise<Photo> {
  const planes = await splitAlpha({ data, width, height, channels });
  return { ...planes, width, height, metadata: { format: 'png', notices: [] } };
}

function decoderArguments(film: Film, options: DecodeOptions): string[] {
  const { path, timeBase, video, startSeconds } = film;
  const { fromSeconds, tools } = options;
  const seek = (fromSeconds ?? 0) - startSeconds - PREROLL_SECONDS;
  const { num, den } = timeBase;
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-copyts'],
    ...(seek > 0 ? ['-ss', seek.toFixed(6)] : []),
    ...['-i', `file:${path}`, '-map', `0:${video?.index ?? 'v:0'}`, '-map_metadata', '-1'],
    // Chapters would bring a second time base along.
    ...['-map_chapters', '-1'],
    ...['-vf', [...toSdr(film, tools), ...toRgb(film, options)].join(',')],
    ...tools.passthrough,
    ...['-enc_time_base', `${num}:${den}`, '-c:v', 'rawvideo', '-f', 'nut', 'pipe:1'],
  ];
}

/** Filters to RGB of this size; the pixels keep their form. */
function toRgb(
  { aspect, timeBase, video }: Film,
  { size: { crop, width, height }, alpha }: DecodeOptions,
): string[] {
  const matrix = video?.matrix === undefined ? '' : `:in_color_matrix=${video.matrix}`;
  const careful = 'flags=bicubic+accurate_rnd+full_chroma_inp+full_chroma_int';
  return [
    ...(crop ? [`crop=${crop.width}:${crop.height}:0:0`] : []),
    `scale=${width}:${height}${matrix}:${careful}`,
    `format=${alpha ? 'rgba' : 'rgb24'}`,
    `setsar=${aspect.num}/${aspect.den}`,
    `setpts=PTS+${offsetTicks(timeBase)}`,
  ];
}

/** Brings HDR down to what sRGB can show, where this ffmpeg can. */
function toSdr({ video }: Film, { canToneMap }: Tools): string[] {
  if (video?.hdr === undefined || !canToneMap) return [];
  return [
    'zscale=t=linear:npl=100',
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:m=bt709:r=tv',
    'format=yuv444p',
  ];
}

/** Sentences about what of the source cannot be shown as it is. */
export function colourNotices({ video }: Film, { canToneMap }: Tools): string[] {
  if (video?.hdr !== undefined && canToneMap)
    return [`The film is HDR (${video.hdr}): it is drawn, and written, in the brightness and colours of SDR`];
  if (video?.hdr !== undefined)
    return [
      `The film is HDR (${video.hdr}) and will look pale: this ffmpeg lacks zscale, which would convert it`,
    ];
  if (video !== undefined && video.bits > 8)
    return [`The film has ${video.bits} bits a channel: it is drawn, and written, with 8`];
  return [];
}
