// What the ffmpeg of this machine can do.

import { NigaoeError } from '../errors.js';
import { runToEnd } from './program.js';

export interface Tools {
  /** The options that leave the times of frames as they are. */
  passthrough: readonly string[];
  /** Whether it can bring HDR down to what sRGB shows. */
  canToneMap: boolean;
  /** Whether it can tell how long a packet lasts that it copies. */
  canSetDurations: boolean;
}

/** What ffmpeg calls its version; undefined where there is none. Throws what else goes wrong. */
export async function findFfmpeg(): Promise<string | undefined> {
  try {
    const { text } = await runToEnd('ffmpeg', ['-version']);
    return /^ffmpeg version (\S+)/.exec(text)?.[1] ?? 'of an unknown version';
  } catch (error) {
    if (error instanceof NigaoeError && error.code === 'program-missing') return undefined;
    throw error;
  }
}

/** Asks ffmpeg and ffprobe; throws `program-missing`. */
export async function findTools(): Promise<Tools> {
  const [version, filters, setts] = await Promise.all([
    runToEnd('ffmpeg', ['-version']),
    runToEnd('ffmpeg', ['-hide_banner', '-filters']),
    runToEnd('ffmpeg', ['-hide_banner', '-h', 'bsf=setts']),
    runToEnd('ffprobe', ['-version']),
  ]);
  return {
    passthrough: [timing(version.text), 'passthrough'],
    canToneMap: /\szscale\s/.test(filters.text),
    canSetDurations: /-duration\s/.test(setts.text),
  };
}

/** The option was called otherwise before FFmpeg 5.1; builds without a number are newer. */
function timing(version: string): string {
  const [, major, minor] = (/^ffmpeg version n?(\d+)\.(\d+)/.exec(version) ?? ['', '9', '0']).map(Number);
  return major > 5 || (major === 5 && minor >= 1) ? '-fps_mode' : '-vsync';
}
