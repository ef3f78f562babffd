// How far a job is as one number for progress bars, guessed from its stages.

import type { JobProgress } from '../protocol.js';
import type { DrawingProgress } from './drawing.js';

/** Share of each stage in the whole, in their order; the sum is 1. Measured nowhere: styles and devices differ too much. */
const SHARES: Readonly<Record<DrawingProgress['stage'], number>> = {
  decode: 0.05,
  open: 0.2,
  faces: 0.1,
  crop: 0.02,
  generate: 0.5,
  blend: 0.05,
  encode: 0.08,
};

/** The progress of one job; stages come back (faces are drawn one after the other), its fraction never does. */
export class ProgressBar {
  #fraction = 0;

  advance({ stage, done, total, step }: DrawingProgress): JobProgress {
    const drawn = done + (step === undefined ? 0 : step.done / step.total);
    const within = total > 0 ? Math.min(1, Math.max(0, drawn / total)) : 0;
    this.#fraction = Math.max(this.#fraction, Math.min(1, START[stage] + SHARES[stage] * within));
    return { stage, done, total, fraction: this.#fraction };
  }
}

const START = startsOf(SHARES);

/** Where each stage begins: the sum of those before it. */
function startsOf<Stage extends string>(shares: Readonly<Record<Stage, number>>): Record<Stage, number> {
  const starts: Record<Stage, number> = { ...shares };
  let sum = 0;
  for (const stage of Object.keys(shares) as Stage[]) {
    starts[stage] = sum;
    sum += shares[stage];
  }
  return starts;
}

/** Steps of the whole below which progress is no event. */
const TOLD_FRACTION = 0.01;

/** Downloads report every few kilobytes: too much for a wire. */
export function isNews(now: JobProgress, told: JobProgress | undefined): boolean {
  if (told === undefined || now.stage !== told.stage) return true;
  return now.fraction >= told.fraction + TOLD_FRACTION || (now.done === now.total && told.done !== now.done);
}
