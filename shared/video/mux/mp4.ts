// What MP4 and QuickTime are told of times.

import { secondsOf } from '../footage.js';
import { runToEnd } from '../program.js';
import { lastFrameSeconds, type MuxJob } from './job.js';

/**
 * Ticks as fine as the source's own, for the pictures and for the pause before the first of them. MP4 has no end but that of the
 * packet that is decoded last, which need not be the one that is shown last.
 */
export async function mp4Arguments(job: MuxJob): Promise<string[]> {
  const { film, segments, tools, folder } = job;
  const { timeBase } = film;
  // NUT may count finer than the source, and versions of ffmpeg differ in whose ticks packets have here: let there be one kind.
  const scale = await ticksPerSecond(folder.file(segments[0].file));
  const shown = segments.reduce((sum, { frames }) => sum + frames, 0);
  const { firstPts } = segments[0];
  const { lastPts } = segments[segments.length - 1];
  const lasts = secondsOf(lastPts - firstPts, timeBase) + lastFrameSeconds(job);
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
