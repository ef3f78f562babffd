// A file -> the film in it, as ffprobe describes it.

import { expected, NigaoeError } from '../errors.js';
import { notRead } from './failures.js';
import type { Chapter, Film, SideStream } from './film.js';
import type { Ratio } from './footage.js';
import { runToEnd } from './program.js';

/** What is read of ffprobe's answer. */
interface Answer {
  streams?: Stream[];
  chapters?: { start_time: string; end_time: string; tags?: { title?: string } }[];
  format?: { start_time?: string; duration?: string; format_name?: string; tags?: Record<string, string> };
}

interface Stream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  time_base?: string;
  avg_frame_rate?: string;
  duration?: string;
  nb_frames?: string;
  pix_fmt?: string;
  color_space?: string;
  color_transfer?: string;
  disposition?: { attached_pic?: number };
  side_data_list?: { rotation?: number }[];
  tags?: Record<string, string>;
}

/** Demuxers of single pictures. */
const STILL = /_pipe$|^image2$/;
/** Untagged pictures of this height and more are BT.709, lower ones BT.601: what players do. */
const HD_LINES = 720;

/** Looks at a file; throws `photo-unreadable`, `photo-refused` for what shows no moving picture, `program-missing`. */
export async function probe(path: string, name: string, signal?: AbortSignal): Promise<Film> {
  const wanted = ['-show_streams', '-show_chapters', '-show_format', '-of', 'json'];
  const found = await runToEnd('ffprobe', ['-v', 'error', ...wanted, `file:${path}`], signal);
  if (found.exitCode !== 0) throw notRead(name, found);
  const { streams = [], chapters = [], format = {} } = JSON.parse(found.text) as Answer;
  const pictures = streams.filter(({ codec_type }) => codec_type === 'video');
  const video = pictures.find(({ disposition }) => disposition?.attached_pic !== 1);
  if (video === undefined) {
    const has = streams.some(({ codec_type }) => codec_type === 'audio') ? 'has sound, but' : 'has';
    throw refused(`${name} ${has} no pictures that move`);
  }
  if (STILL.test(format.format_name ?? '')) throw stillPicture(name);
  if (!video.width || !video.height) throw refused(`${name} has a video stream whose size is unknown`);
  const side = (kind: string): SideStream[] =>
    streams
      .filter(({ codec_type }) => codec_type === kind)
      .map(({ index, codec_name = 'unknown' }) => ({ index, codec: codec_name }));
  return {
    ...{ path, name },
    ...shape(video),
    timeBase: ratio(video.time_base) ?? { num: 1, den: 1000 },
    startSeconds: Number(format.start_time ?? 0) || 0,
    ...length(video, format),
    mayHaveAlpha: hasAlpha(video),
    video: { index: video.index, ...colours(video) },
    ...{ audio: side('audio'), subtitles: side('subtitle') },
    chapters: chapters.map(
      ({ start_time, end_time, tags }): Chapter => ({
        ...{ startSeconds: Number(start_time), endSeconds: Number(end_time) },
        title: tags?.title ?? '',
      }),
    ),
    tags: Object.keys(format.tags ?? {}),
  };
}

/** `photo-refused` for one picture. */
export function stillPicture(name: string): NigaoeError {
  return refused(`${name} is a still picture`, 'Draw it with `nigaoe stylize`.');
}

function refused(fact: string, hint = 'Give a file that a video player shows.'): NigaoeError {
  return new NigaoeError('photo-refused', `${fact}; nigaoe video draws films and animations`, { hint });
}

/** Sides and pixels as they are shown; ffmpeg turns the frames by the same rule. */
function shape(video: Stream): Pick<Film, 'width' | 'height' | 'aspect'> {
  const { width = 0, height = 0, side_data_list: data = [] } = video;
  const rotation = data.find((each) => each.rotation !== undefined)?.rotation ?? 0;
  const { num, den } = ratio(video.sample_aspect_ratio) ?? { num: 1, den: 1 };
  const isTurned = Math.abs(rotation) % 180 === 90;
  if (isTurned) return { width: height, height: width, aspect: { num: den, den: num } };
  return { width, height, aspect: { num, den } };
}

function length(video: Stream, format: Answer['format']): Pick<Film, 'durationSeconds' | 'frames'> {
  const durationSeconds = Number(video.duration ?? format?.duration ?? 0) || 0;
  const rate = ratio(video.avg_frame_rate);
  const frames =
    Number(video.nb_frames ?? 0) || Math.round(rate ? (durationSeconds * rate.num) / rate.den : 0);
  return { durationSeconds, frames };
}

function colours({ color_space = 'unknown', color_transfer, height = 0, pix_fmt = '' }: Stream) {
  const isUntagged = color_space === 'unknown' && !/^(gbr|rgb|bgr|pal8|gray)/.test(pix_fmt);
  const hdr = { smpte2084: 'PQ', 'arib-std-b67': 'HLG' } as const;
  return {
    matrix: isUntagged && height >= HD_LINES ? ('bt709' as const) : undefined,
    hdr:
      color_transfer === 'smpte2084' || color_transfer === 'arib-std-b67' ? hdr[color_transfer] : undefined,
    bits: Number(/p(9|10|12|14|16)(le|be)?$/.exec(pix_fmt)?.[1] ?? 8),
  };
}

/** Formats with transparency; WebM keeps it beside the frames and says so in a tag. */
const hasAlpha = ({ pix_fmt = '', tags = {} }: Stream): boolean =>
  /^(yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16|pal8)/.test(pix_fmt) || tags.alpha_mode === '1';

/** `16:15` or `1/90000`; undefined where it is absent or says nothing. */
function ratio(text: string | undefined): Ratio | undefined {
  const [num, den] = (text ?? '').split(/[:/]/).map(Number);
  return num > 0 && den > 0 ? { num, den } : undefined;
}

/** Throws `options` for a time that lies behind the film's end. */
export function checkWithin({ durationSeconds, name }: Film, fromSeconds: number): void {
  if (durationSeconds === 0 || fromSeconds < durationSeconds) return;
  throw expected(`a time before the end of ${name} (${durationSeconds.toFixed(3)} s)`, '--from', fromSeconds);
}
