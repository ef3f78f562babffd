// Which frames of the source are drawn: those between two times, and no more a second than wanted.

import type { Ratio, Still } from './footage.js';

export interface Selection {
  /** First tick that is wanted. */
  fromPts: number;
  /** First tick that is not wanted any more. */
  toPts: number;
  /** Frames up to this one are drawn already. */
  afterPts?: number | undefined;
  /** Most frames a second; 0: all. */
  fps: number;
}

/** The selection between two times in seconds of the file, 0 and Infinity for all of it. */
export function selectionOf(
  { fromSeconds, toSeconds, fps }: { fromSeconds: number; toSeconds: number; fps: number },
  timeBase: Ratio,
): Selection {
  const firstFrom = (seconds: number) => Math.ceil((seconds * timeBase.den) / timeBase.num - 1e-6);
  return { fromPts: firstFrom(fromSeconds), toPts: firstFrom(toSeconds), fps };
}

/** Hands on the wanted frames with the times that they have. */
export async function* selected(
  frames: AsyncIterable<Still>,
  { fromPts, toPts, afterPts = Number.NEGATIVE_INFINITY, fps }: Selection,
  timeBase: Ratio,
): AsyncGenerator<Still> {
  // Each slot of 1/fps takes the first frame that begins in it: whoever goes on later chooses the same ones.
  const slotOf = (pts: number) =>
    fps > 0 ? Math.floor((pts * timeBase.num * fps) / timeBase.den + 1e-6) : pts;
  let lastSlot = slotOf(afterPts);
  for await (const frame of frames) {
    if (frame.pts >= toPts) return;
    if (frame.pts < fromPts || frame.pts <= afterPts || slotOf(frame.pts) <= lastSlot) continue;
    lastSlot = slotOf(frame.pts);
    yield frame;
  }
}
