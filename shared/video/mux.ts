// Segments and the source -> the result: drawn pictures, and sound, subtitles, chapters and metadata as they were.

import type { Provenance } from '../photo/provenance.js';
import { chapterFile, chaptersIn } from './chapters.js';
import type { Container } from './containers.js';
import { notWritten } from './failures.js';
import type { Film, SideStream } from './film.js';
import { type Ratio, secondsOf } from './footage.js';
import { runToEnd } from './program.js';
import { changedStreams, keptStreams, sideArguments } from './sides.js';
import type { Tools } from './tools.js';
import { setLastDelay } from './webp-end.js';
import type { Segment, WorkFolder } from './work-folder.js';

export interface MuxOptions {
  tools: Tools;
  film: Film;
  container: Container;
  folder: WorkFolder;
  segments: readonly Segment[];
  /** The part of the source in seconds from its start, perhaps to Infinity; all of it where it is absent. */
  part?: { fromSeconds: number; toSeconds: number } | undefined;
  quality: number;
  provenance: Provenance;
  /** Keep where the film was taken. */
  keepLocation: boolean;
  /** How sentences call the result. */
  out: string;
  signal?: AbortSignal | undefined;
}

/** Puts the result together in the working folder and returns its name there. Throws `output-unwritable`, `program-failed`. */
export async function mux(options: MuxOptions): Promise<string> {
  const { container, folder, segments, film } = options;
  const list = await folder.write('segments.ffconcat', concatList(segments, film.timeBase));
  const result = `result.${container.name}`;
  const pictures = ['-f', 'concat', '-i', `file:${list}`];
  const write = (values: readonly string[], file = result) =>
    ffmpeg([...values, '-y', `file:${folder.file(file)}`], options);
  if (container.name === 'gif') await writeGif(pictures, options, write);
  else if (container.name === 'webp') await writeWebp(pictures, options, write);
  else await write(await videoArguments(options, list));
  return result;
}

async function ffmpeg(values: readonly string[], { out, signal }: MuxOptions): Promise<void> {
  const ending = await runToEnd(
    'ffmpeg',
    ['-nostdin', '-hide_banner', '-loglevel', 'error', ...values],
    signal,
  );
  if (ending.exitCode !== 0 && !signal?.aborted) throw notWritten(out, ending);
}

/**
 * The segments one after the other. ffmpeg moves each to the end of the one before: told as the difference of rounded times, the
 * end is where the next one is anyway, and no rounding adds up.
 */
function concatList(segments: readonly Segment[], timeBase: Ratio): string {
  const microseconds = segments.map(({ firstPts }) => Math.round(secondsOf(firstPts, timeBase) * 1e6));
  const lines = segments.map(({ file }, at) => {
    const lasts = ((microseconds[at + 1] ?? 0) - microseconds[at]) / 1e6;
    return `file '${file}'${at + 1 < segments.length ? `\nduration ${lasts.toFixed(6)}` : ''}`;
  });
  return ['ffconcat version 1.0', ...lines, ''].join('\n');
}

/** The colours are chosen for the whole animation first; both passes read one frame at a time. */
async function writeGif(
  pictures: readonly string[],
  options: MuxOptions,
  write: (values: readonly string[], file?: string) => Promise<void>,
): Promise<void> {
  const { film, tools } = options;
  await write([...pictures, '-vf', 'palettegen=stats_mode=full', '-frames:v', '1'], 'palette.png');
  const palette = pictures.at(-1)?.replace(/segments\.ffconcat$/, 'palette.png') ?? '';
  const lastSeconds = lastFrameSeconds(options);
  await write([
    ...[...pictures, '-i', palette, '-lavfi', 'paletteuse=dither=sierra2_4a:diff_mode=rectangle'],
    ...[...tools.passthrough, '-enc_time_base', '1:100', '-loop', String(repeatsOf(film))],
    ...['-final_delay', String(Math.round(lastSeconds * 100))],
  ]);
}

async function writeWebp(
  pictures: readonly string[],
  options: MuxOptions,
  write: (values: readonly string[], file?: string) => Promise<void>,
): Promise<void> {
  const { film, tools, quality, folder } = options;
  const codec = ['-c:v', 'libwebp_anim', '-quality', String(quality), '-compression_level', '4'];
  const timing = [...tools.passthrough, '-enc_time_base', '1:1000', '-loop', String(film.loop ?? 0)];
  await write([...pictures, ...codec, ...timing]);
  await setLastDelay(folder.file('result.webp'), 1000 * lastFrameSeconds(options));
}

/** GIF counts how often it is shown again, and has no word for never: ffmpeg calls that -1. */
const repeatsOf = ({ loop = 0 }: Film): number => (loop === 0 ? 0 : loop === 1 ? -1 : loop - 1);

/** How long the last frame is shown: to the end, or as long as the others on average where the end is not behind it. */
function lastFrameSeconds({ film, segments, part }: MuxOptions): number {
  const { durationSeconds, frames, timeBase, startSeconds } = film;
  const last = secondsOf(segments.at(-1)?.lastPts ?? 0, timeBase) - startSeconds;
  const left = Math.min(durationSeconds, part?.toSeconds ?? durationSeconds) - last;
  if (left > 0) return left;
  return frames > 0 && durationSeconds > 0 ? durationSeconds / frames : USUAL_FRAME_SECONDS;
}
const USUAL_FRAME_SECONDS = 0.04;

async function videoArguments(options: MuxOptions, list: string): Promise<string[]> {
  const { film, container, segments, part } = options;
  const first = secondsOf(segments[0].firstPts, film.timeBase) - film.startSeconds;
  const start = part?.fromSeconds ?? 0;
  const lead = first - start;
  const isMp4 = container.name === 'mp4' || container.name === 'mov';
  const subtitles = await subtitleSource(options);
  const chapters =
    part && (await options.folder.write('chapters.txt', chapterFile(chaptersIn(film.chapters, part))));
  return [
    ...(Math.abs(lead) > 1e-6 ? ['-itsoffset', lead.toFixed(6)] : []),
    ...['-f', 'concat', '-i', `file:${list}`],
    ...[...cutArguments(part), '-i', `file:${film.path}`],
    ...(subtitles.file === undefined ? [] : ['-i', `file:${subtitles.file}`]),
    ...(chapters === undefined ? [] : ['-f', 'ffmetadata', '-i', `file:${chapters}`]),
    ...['-map', '0:v:0', '-c:v', 'copy', '-copypriorss', '0'],
    ...sideArguments(film.audio, container.audio, { kind: 'a', input: SOURCE }),
    ...sideArguments(subtitles.streams, container.subtitles, { kind: 's', input: subtitles.input }),
    ...['-map_metadata', `${SOURCE}`],
    ...['-map_chapters', String(chapters === undefined ? SOURCE : subtitles.input + 1)],
    ...metadataArguments(options),
    ...(isMp4 ? await mp4Arguments(options) : []),
  ];
}

/** The number of the source among the inputs; the drawn pictures are 0. */
const SOURCE = 1;

function cutArguments(part: MuxOptions['part']): string[] {
  if (part === undefined) return [];
  const { fromSeconds, toSeconds } = part;
  const end = Number.isFinite(toSeconds) ? ['-t', (toSeconds - fromSeconds).toFixed(6)] : [];
  return ['-ss', fromSeconds.toFixed(6), ...end];
}

/**
 * Where the subtitles are taken from: the source, or a cut copy of them. ffmpeg loses their times when it cuts and converts in
 * one go.
 */
async function subtitleSource(
  options: MuxOptions,
): Promise<{ input: number; streams: readonly SideStream[]; file?: string }> {
  const { film, container, folder, part } = options;
  const kept = keptStreams(film.subtitles, container.subtitles);
  const isPlain = part === undefined || changedStreams(kept, container.subtitles).length === 0;
  if (isPlain) return { input: SOURCE, streams: kept };
  // Matroska takes every text but that of MP4.
  const file = folder.file(
    kept.some(({ codec }) => codec === 'mov_text') ? 'subtitles.mp4' : 'subtitles.mkv',
  );
  const mapped = kept.flatMap(({ index }) => ['-map', `0:${index}`]);
  const cut = [
    ...cutArguments(part),
    '-i',
    `file:${film.path}`,
    ...mapped,
    '-c',
    'copy',
    '-copypriorss',
    '0',
  ];
  await ffmpeg([...cut, '-map_chapters', '-1', '-y', `file:${file}`], options);
  return { input: SOURCE + 1, streams: kept.map(({ codec }, index) => ({ index, codec })), file };
}

/**
 * Ticks as fine as the source's own, for the pictures and for the pause before the first of them. MP4 has no end but that of the
 * packet that is decoded last, which need not be the one that is shown last.
 */
async function mp4Arguments(options: MuxOptions): Promise<string[]> {
  const { film, segments, tools, folder } = options;
  const { timeBase } = film;
  // NUT may count finer than the source, and versions of ffmpeg differ in whose ticks packets have here: let there be one kind.
  const scale = await ticksPerSecond(folder.file(segments[0].file));
  const shown = segments.reduce((sum, { frames }) => sum + frames, 0);
  const { firstPts } = segments[0];
  const { lastPts } = segments[segments.length - 1];
  const lasts = secondsOf(lastPts - firstPts, timeBase) + lastFrameSeconds(options);
  const duration = `if(eq(N,${shown - 1}),STARTPTS+round(${lasts.toFixed(9)}/TB)-PTS,DURATION)`;
  return [
    ...(tools.canSetDurations ? ['-bsf:v', `setts=pts=PTS:dts=DTS:duration='${duration}'`] : []),
    ...['-video_track_timescale', scale, '-movie_timescale', scale, '-movflags', '+faststart'],
  ];
}

async function ticksPerSecond(segment: string): Promise<string> {
  const wanted = ['-show_entries', 'stream=time_base', '-of', 'csv=p=0'];
  const { text } = await runToEnd('ffprobe', ['-v', 'error', ...wanted, `file:${segment}`]);
  return text.trim().replace(/^\d+\//, '');
}

function metadataArguments({ film, provenance, keepLocation }: MuxOptions): string[] {
  const { program, style, licenceNotice } = provenance;
  const places = film.tags.filter((name) => /location/i.test(name));
  const said = [
    ...(keepLocation ? [] : places.map((name) => `${name}=`)),
    `comment=Drawn in the style ${style} by ${program}`,
    ...(licenceNotice === undefined ? [] : [`copyright=${licenceNotice}`]),
  ];
  return said.flatMap((each) => ['-metadata', each]);
}
