// What a result's ending means: which codecs a container takes, and what ffmpeg is told to write it.

import path from 'node:path';
import { expected } from '../errors.js';

export type ContainerName = 'mp4' | 'mov' | 'mkv' | 'webm' | 'gif' | 'webp';

export interface Container {
  name: ContainerName;
  /** Codec of the segments: the final one, or a lossless one of which the whole is made at the end. */
  segments: 'h264' | 'vp9' | 'lossless';
  keepsAlpha: boolean;
  /** Undefined where there is no place for sound. */
  audio?: SideCodecs;
  subtitles?: SideCodecs;
}

/** What a container takes of sound or subtitles. */
interface SideCodecs {
  takes(codec: string): boolean;
  /** What others become. */
  encoder: string;
  /** Whether others can become that. */
  converts(codec: string): boolean;
}

const TEXTS = ['subrip', 'ass', 'ssa', 'webvtt', 'mov_text', 'text'];
const among = (codecs: readonly string[]) => (codec: string) => codecs.includes(codec);
const always = () => true;

const sound = (encoder: string, takes: SideCodecs['takes']): SideCodecs => ({
  takes,
  encoder,
  converts: always,
});
const texts = (encoder: string, takes: SideCodecs['takes']): SideCodecs => ({
  takes,
  encoder,
  converts: among(TEXTS),
});
const MPEG_SOUND = ['aac', 'mp3', 'ac3', 'eac3', 'alac', 'opus', 'flac'];
const PCM = /^pcm_(s16|s24|s32|f32)(le|be)$/;

const CONTAINERS: Readonly<Record<ContainerName, Omit<Container, 'name'>>> = {
  mp4: {
    segments: 'h264',
    keepsAlpha: false,
    audio: sound('aac', among(MPEG_SOUND)),
    subtitles: texts('mov_text', among(['mov_text'])),
  },
  mov: {
    segments: 'h264',
    keepsAlpha: false,
    audio: sound('aac', (codec) => ['aac', 'mp3', 'ac3', 'eac3', 'alac'].includes(codec) || PCM.test(codec)),
    subtitles: texts('mov_text', among(['mov_text'])),
  },
  mkv: {
    segments: 'h264',
    keepsAlpha: false,
    audio: sound('flac', always),
    subtitles: texts('subrip', (codec) => codec !== 'mov_text'),
  },
  webm: {
    segments: 'vp9',
    keepsAlpha: false,
    audio: sound('libopus', among(['opus', 'vorbis'])),
    subtitles: texts('webvtt', among(['webvtt'])),
  },
  gif: { segments: 'lossless', keepsAlpha: true },
  webp: { segments: 'lossless', keepsAlpha: true },
};

const ENDINGS: Readonly<Record<string, ContainerName>> = {
  '.mp4': 'mp4',
  '.m4v': 'mp4',
  '.mov': 'mov',
  '.mkv': 'mkv',
  '.webm': 'webm',
  '.gif': 'gif',
  '.webp': 'webp',
};

/** The container that a result's name asks for; throws `options`. */
export function containerOf(out: string): Container {
  const name = ENDINGS[path.extname(out).toLowerCase()];
  if (name !== undefined) return { name, ...CONTAINERS[name] };
  throw expected('a file that ends in .mp4, .mov, .mkv, .webm, .gif or .webp', '--out', out);
}

/** What ffmpeg is told of the pictures of a segment; `quality` is 1 to 100. */
export function pictureCodec({ segments }: Container, quality: number, hasAlpha: boolean): string[] {
  // BT.709 in limited range is what every player shows rightly; the tags say so where nobody would guess.
  const matrix = 'scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int';
  const tags = [
    '-colorspace',
    'bt709',
    '-color_primaries',
    'bt709',
    '-color_trc',
    'bt709',
    '-color_range',
    'tv',
  ];
  const yuv = ['-vf', `${matrix},format=yuv420p`, ...tags];
  if (segments === 'lossless')
    return ['-c:v', 'ffv1', '-level', '3', '-g', '1', '-pix_fmt', hasAlpha ? 'bgra' : 'bgr0'];
  if (segments === 'h264')
    return [...yuv, '-c:v', 'libx264', '-preset', 'medium', '-crf', crf(quality, 46, 15)];
  const speed = ['-deadline', 'good', '-cpu-used', '4', '-row-mt', '1'];
  return [...yuv, '-c:v', 'libvpx-vp9', '-b:v', '0', '-crf', crf(quality, 60, 15), ...speed];
}

/** The rate factor between those for quality 1 and 100: 90 is 18 for H.264, which hardly anybody tells from the drawing. */
const crf = (quality: number, worst: number, best: number): string =>
  String(Math.round(worst + ((best - worst) * (quality - 1)) / 99));
