// Chapters of a part of a film, in the file format that ffmpeg reads metadata from.

import type { Chapter } from '../film.js';

/** The chapters of a part, as it counts. */
export function chaptersIn(
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

/** `;FFMETADATA1` and a block for each. */
export function chapterFile(chapters: readonly Chapter[]): string {
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
