// `nigaoe train`: runs a training and tells how it goes.

import { SETTINGS } from '../../train/settings.js';
import { type Outcome, type TrainingProgress, train } from '../../workshop/train.js';
import { type FlagValues, given } from '../flags.js';
import type { Stage } from '../perform.js';
import { seconds } from '../terminal/wording.js';

/** Trains; 0 when all steps are done. */
export async function runTrain(recipe: string, flags: FlagValues, stage: Stage): Promise<number> {
  const { terminal, signal } = stage;
  const startMs = performance.now();
  const outcome = await train({
    recipe,
    data: flags.data as string[],
    out: String(flags.out),
    resume: flags.resume === true,
    settings: given(flags, Object.keys(SETTINGS)),
    signal,
    onNotice: (sentence) => terminal.notice(sentence),
    onProgress: (progress) => tellProgress(progress, stage),
  });
  const tookMs = performance.now() - startMs;
  terminal.result(outcomeLines(recipe, outcome, tookMs), {
    status: 'trained',
    recipe,
    out: flags.out,
    tookMs: Math.round(tookMs),
    ...outcome,
  });
  return 0;
}

function tellProgress(progress: TrainingProgress, { terminal }: Stage): void {
  const { step, steps, epoch, losses, held, leftMs, isSaved } = progress;
  const left = step < steps ? `${seconds(leftMs)} left` : 'done';
  const text = `step ${step} of ${steps}  ${left}  ${figures(losses)}`;
  terminal.progress({ done: step, total: steps, text });
  if (isSaved) terminal.begin(text);
  if (held !== undefined) terminal.notice(`epoch ${epoch}: ${figures(held)} on what was held back`);
}

function outcomeLines(
  recipe: string,
  { steps, device, losses, held, products }: Outcome,
  tookMs: number,
): string {
  const measured = Object.keys(held).length > 0 ? `; held back: ${figures(held)}` : '';
  const head = `${recipe}: ${steps} steps on ${device}, ${seconds(tookMs)}; ${figures(losses)}${measured}`;
  return [head, ...products.map((file) => `  -> ${file}`)].join('\n');
}

const figures = (losses: Readonly<Record<string, number>>): string =>
  Object.entries(losses)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(' ');
