// Where the subtitles of a result are taken from.

import type { SideStream } from '../film.js';
import { cutArguments, ffmpeg, type MuxJob } from './job.js';
import { changedStreams, keptStreams } from './sides.js';

/** The number of the source among the inputs; the drawn pictures are 0. */
export const SOURCE = 1;

/**
 * Where the subtitles are taken from: the source, or a cut copy of them. ffmpeg loses their times when it cuts and converts in
 * one go.
 */
export async function subtitleSource(
  job: MuxJob,
): Promise<{ input: number; streams: readonly SideStream[]; file?: string }> {
  const { film, container, folder, part } = job;
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
  await ffmpeg([...cut, '-map_chapters', '-1', '-y', `file:${file}`], job);
  return { input: SOURCE + 1, streams: kept.map(({ codec }, index) => ({ index, codec })), file };
}
