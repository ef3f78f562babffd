// How far a batch is, from what the job of one photo reports.

import { type Progress, STAGES, type Stage } from '../../job.js';
import type { Place } from '../batch.js';
import type { Step } from '../terminal/bar.js';

const WORDS: Readonly<Record<Stage, string>> = {
  decode: 'reading',
  open: 'opening the models',
  faces: 'looking for faces',
  crop: 'cutting out',
  generate: 'drawing',
  blend: 'blending',
  encode: 'writing',
};

/** The progress bar's step: each photo is one, each station an even part of it. */
export function stepOf(
  { stage, done, total, step }: Progress,
  { label, place }: { label: string; place: Place },
): Step {
  const drawn = done + (step === undefined ? 0 : step.done / step.total);
  const within = (STAGES.indexOf(stage) + (total > 0 ? drawn / total : 0)) / STAGES.length;
  // `done` crops are drawn and the next one is at work, until the last report, when none is left.
  const crops = stage === 'generate' && total > 1 ? ` ${Math.min(done + 1, total)} of ${total}` : '';
  const steps = step === undefined ? '' : `, step ${step.done} of ${step.total}`;
  const text = `${place.number} of ${place.of}  ${label}  ${WORDS[stage]}${crops}${steps}`;
  return { done: place.number - 1 + within, total: place.of, text };
}
