// Segments -> an animated GIF or WebP.

import type { Film } from '../film.js';
import { lastFrameSeconds, type MuxJob } from './job.js';
import { setLastDelay } from './webp-end.js';

/** Has ffmpeg write a file of the working folder, the result where none is named. */
export type Write = (values: readonly string[], file?: string) => Promise<void>;

/** The colours are chosen for the whole animation first; both passes read one frame at a time. */
export async function writeGif(pictures: readonly string[], job: MuxJob, write: Write): Promise<void> {
  const { film, tools, folder } = job;
  await write([...pictures, '-vf', 'palettegen=stats_mode=full', '-frames:v', '1'], 'palette.png');
  const palette = `file:${folder.file('palette.png')}`;
  const lastSeconds = lastFrameSeconds(job);
  await write([
    ...[...pictures, '-i', palette, '-lavfi', 'paletteuse=dither=sierra2_4a:diff_mode=rectangle'],
    ...[...tools.passthrough, '-enc_time_base', '1:100', '-loop', String(repeatsOf(film))],
    ...['-final_delay', String(Math.round(lastSeconds * 100))],
  ]);
}

/** ffmpeg's encoder makes it in one pass. */
export async function writeWebp(pictures: readonly string[], job: MuxJob, write: Write): Promise<void> {
  const { film, tools, quality, folder } = job;
  const codec = ['-c:v', 'libwebp_anim', '-quality', String(quality), '-compression_level', '4'];
  const timing = [...tools.passthrough, '-enc_time_base', '1:1000', '-loop', String(film.loop ?? 0)];
  await write([...pictures, ...codec, ...timing]);
  await setLastDelay(folder.file('result.webp'), 1000 * lastFrameSeconds(job));
}

/** GIF counts how often it is shown again, and has no word for never: ffmpeg calls that -1. */
const repeatsOf = ({ loop = 0 }: Film): number => (loop === 0 ? 0 : loop === 1 ? -1 : loop - 1);
