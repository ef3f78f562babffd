// Segments and the source -> the result: drawn pictures, and sound, subtitles, chapters and metadata as they were.

import { type Ratio, secondsOf } from '../footage.js';
import type { Segment } from '../work-folder.js';
import { type Write, writeGif, writeWebp } from './animation.js';
import { ffmpeg, type MuxJob } from './job.js';
import { videoArguments } from './video.js';

/** Puts the result together in the working folder and returns its name there. Throws `output-unwritable`, `program-failed`. */
export async function mux(job: MuxJob): Promise<string> {
  const { container, folder, segments, film } = job;
  const list = await folder.write('segments.ffconcat', concatList(segments, film.timeBase));
  const result = `result.${container.name}`;
  const pictures = ['-f', 'concat', '-i', `file:${list}`];
  const write: Write = (values, file = result) => ffmpeg([...values, '-y', `file:${folder.file(file)}`], job);
  if (container.name === 'gif') await writeGif(pictures, job, write);
  else if (container.name === 'webp') await writeWebp(pictures, job, write);
  else await write(await videoArguments(job, list));
  return result;
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
