// Segments and the source -> the result: drawn pictures, and sound, subtitles, chapters and metadata as they were.

import type { Provenance } from '../photo/provenance.js';
import type { Container } from './containers.js';
import { notWritten } from './failures.js';
import type { Chapter, Film, SideStream } from './film.js';
import { type Ratio, secondsOf, ticksOf } from './footage.js';
import { runToEnd } from './program.js';
import type { Tools } from './tools.js';
import { setLastDelay } from './webp-end.js';
import type { Segment, WorkFolder } from './work-folder.js';

export interface MuxOptions {
  tools: Tools;
  film: Film;
  container: Container;
  folder: WorkFolder;
  segments: readonly Segment[];
  /** The part of the source in seconds from its start; all of it where it is absent. */
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
  { film, tools, segments }: MuxOptions,
  write: (values: readonly string[], file?: string) => Promise<void>,
): Promise<void> {
  await write([...pictures, '-vf', 'palettegen=stats_mode=full', '-frames:v', '1'], 'palette.png');
  const palette = pictures.at(-1)?.replace(/segments\.ffconcat$/, 'palette.png') ?? '';
  const lastSeconds = lastFrameSeconds(film, segments);
  await write([
    ...[...pictures, '-i', palette, '-lavfi', 'paletteuse=dither=sierra2_4a:diff_mode=rectangle'],
    ...[...tools.passthrough, '-enc_time_base', '1:100', '-loop', String(repeatsOf(film))],
    ...['-final_delay', String(Math.round(lastSeconds * 100))],
  ]);
}

async function writeWebp(
  pictures: readonly string[],
  { film, tools, quality, segments, folder }: MuxOptions,
  write: (values: readonly string[], file?: string) => Promise<void>,
): Promise<void> {
  const codec = ['-c:v', 'libwebp_anim', '-quality', String(quality), '-compression_level', '4'];
  const timing = [...tools.passthrough, '-enc_time_base', '1:1000', '-loop', String(film.loop ?? 0)];
  await write([...pictures, ...codec, ...timing]);
  await setLastDelay(folder.file('result.webp'), 1000 * lastFrameSeconds(film, segments));
}

/** GIF counts how often it is shown again, and has no word for never: ffmpeg calls that -1. */
const repeatsOf = ({ loop = 0 }: Film): number => (loop === 0 ? 0 : loop === 1 ? -1 : loop - 1);

/** How long the last frame is shown: to the end of the film, or as long as the others on average. */
export function lastFrameSeconds(
  { durationSeconds, frames, timeBase }: Film,
  segments: readonly Segment[],
): number {
  const last = secondsOf(segments.at(-1)?.lastPts ?? 0, timeBase);
  const left = durationSeconds - last;
  const usual = frames > 0 ? durationSeconds / frames : 0.04;
  return left > 0 && left < 10 * usual ? left : usual;
}

async function videoArguments(options: MuxOptions, list: string): Promise<string[]> {
  const { film, container, folder, segments, part } = options;
  const first = secondsOf(segments[0].firstPts, film.timeBase) - film.startSeconds;
  const start = part?.fromSeconds ?? 0;
  const lead = first - start;
  const chapters = part && (await folder.write('chapters.txt', chapterFile(chaptersIn(film.chapters, part))));
  const isMp4 = container.name === 'mp4' || container.name === 'mov';
  return [
    ...(Math.abs(lead) > 1e-6 ? ['-itsoffset', lead.toFixed(6)] : []),
    ...['-f', 'concat', '-i', `file:${list}`],
    ...(part ? ['-ss', start.toFixed(6), '-t', (part.toSeconds - start).toFixed(6)] : []),
    ...['-i', `file:${film.path}`],
    ...(chapters === undefined ? [] : ['-f', 'ffmetadata', '-i', `file:${chapters}`]),
    ...['-map', '0:v:0', '-c:v', 'copy', '-copypriorss', '0'],
    ...sideArguments(film.audio, container.audio, 'a'),
    ...sideArguments(film.subtitles, container.subtitles, 's'),
    ...['-map_metadata', '1', '-map_chapters', chapters === undefined ? '1' : '2'],
    ...metadataArguments(options),
    ...(isMp4 ? mp4Arguments(options) : []),
  ];
}

/**
 * Ticks as fine as the source's own, for the pictures and for the pause before the first of them. MP4 has no end but that of the
 * packet that is decoded last, which need not be the one that is shown last.
 */
function mp4Arguments({ film, segments, tools }: MuxOptions): string[] {
  const { timeBase } = film;
  const scale = String(Math.min(timeBase.den, 2 ** 31 - 1));
  const shown = segments.reduce((sum, { frames }) => sum + frames, 0);
  const last = segments[segments.length - 1].lastPts + ticksOf(lastFrameSeconds(film, segments), timeBase);
  const duration = `if(eq(N,${shown - 1}),STARTPTS+${last - segments[0].firstPts}-PTS,DURATION)`;
  return [
    ...(tools.canSetDurations ? ['-bsf:v', `setts=pts=PTS:dts=DTS:duration='${duration}'`] : []),
    ...['-video_track_timescale', scale, '-movie_timescale', scale, '-movflags', '+faststart'],
  ];
}

function sideArguments(
  streams: readonly SideStream[],
  codecs: Container['audio'],
  kind: 'a' | 's',
): string[] {
  return keptStreams(streams, codecs).flatMap(({ index, codec }, at) => [
    ...['-map', `1:${index}`],
    ...[`-c:${kind}:${at}`, codecs?.takes(codec) ? 'copy' : (codecs?.encoder ?? 'copy')],
  ]);
}

const keptStreams = (streams: readonly SideStream[], codecs: Container['audio']): SideStream[] =>
  streams.filter(({ codec }) => codecs?.takes(codec) || codecs?.converts(codec));

/** Sentences about sound and subtitles that do not come through as they are. */
export function sideNotices({ audio, subtitles }: Film, container: Container): string[] {
  const notices: string[] = [];
  const kinds = [
    ['sound', audio, container.audio],
    ['subtitles', subtitles, container.subtitles],
  ] as const;
  for (const [what, streams, codecs] of kinds) {
    const kept = keptStreams(streams, codecs);
    const lost = streams.filter((stream) => !kept.includes(stream));
    const changed = kept.filter(({ codec }) => !codecs?.takes(codec));
    for (const { codec } of changed)
      notices.push(
        `The ${what} is encoded anew as ${codecs?.encoder}: ${container.name} does not take ${codec}`,
      );
    if (lost.length > 0)
      notices.push(
        `${container.name} does not take the ${what} (${lost.map(({ codec }) => codec).join(', ')}): left out`,
      );
  }
  return notices;
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

/** The chapters of a part, as it counts. */
function chaptersIn(
  chapters: readonly Chapter[],
  { fromSeconds, toSeconds }: { fromSeconds: number; toSeconds: number },
): Chapter[] {
  return chapters
    .filter(({ startSeconds, endSeconds }) => endSeconds > fromSeconds && startSeconds < toSeconds)
    .map(({ startSeconds, endSeconds, title }) => ({
      title,
      startSeconds: Math.max(startSeconds, fromSeconds) - fromSeconds,
      endSeconds: Math.min(endSeconds, toSeconds) - fromSeconds,
    }));
}

function chapterFile(chapters: readonly Chapter[]): string {
  const escaped = (text: string) => text.replace(/[=;#\\\n]/g, '\\$&');
  const parts = chapters.map(({ startSeconds, endSeconds, title }) =>
    [
      '[CHAPTER]',
      'TIMEBASE=1/1000000',
      `START=${Math.round(startSeconds * 1e6)}`,
      `END=${Math.round(endSeconds * 1e6)}`,
      `title=${escaped(title)}`,
    ].join('\n'),
  );
  return [';FFMETADATA1', ...parts, ''].join('\n');
}
