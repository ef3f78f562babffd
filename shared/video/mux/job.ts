// What putting a result together works with, and what all of its steps share.

import type { Provenance } from '../../photo/provenance.js';
import type { Container } from '../containers.js';
import { notWritten } from '../failures.js';
import type { Film } from '../film.js';
import { secondsOf } from '../footage.js';
import { runToEnd } from '../program.js';
import type { Tools } from '../tools.js';
import type { Segment, WorkFolder } from '../work-folder.js';

export interface MuxJob {
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

/** Runs ffmpeg to its end; throws `output-unwritable`, `program-failed`. */
export async function ffmpeg(values: readonly string[], { out, signal }: MuxJob): Promise<void> {
  const ending = await runToEnd(
    'ffmpeg',
    ['-nostdin', '-hide_banner', '-loglevel', 'error', ...values],
    signal,
  );
  if (ending.exitCode !== 0 && !signal?.aborted) throw notWritten(out, ending);
}

/** How long the last frame is shown: to the end, or as long as the others on average where the end is not behind it. */
export function lastFrameSeconds({ film, segments, part }: MuxJob): number {
  const { durationSeconds, frames, timeBase, startSeconds } = film;
  const last = secondsOf(segments.at(-1)?.lastPts ?? 0, timeBase) - startSeconds;
  const left = Math.min(durationSeconds, part?.toSeconds ?? durationSeconds) - last;
  if (left > 0) return left;
  return frames > 0 && durationSeconds > 0 ? durationSeconds / frames : USUAL_FRAME_SECONDS;
}
const USUAL_FRAME_SECONDS = 0.04;

/** Arguments that cut an input that they stand before. */
export function cutArguments(part: MuxJob['part']): string[] {
  if (part === undefined) return [];
  const { fromSeconds, toSeconds } = part;
  const end = Number.isFinite(toSeconds) ? ['-t', (toSeconds - fromSeconds).toFixed(6)] : [];
  return ['-ss', fromSeconds.toFixed(6), ...end];
}
