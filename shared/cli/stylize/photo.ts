// One photo through the stylizer of a command: progress on the way, and what came of it.

import { NigaoeError } from '../../errors.js';
import type { Progress, Stage as Station, StylizeResult } from '../../job.js';
import type { Options } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import { type Place, SharedFailure } from '../batch.js';
import { type Input, nameOf } from '../inputs/input.js';
import type { Stage } from '../perform.js';
import { drawnLine, drawnObject, statusOf } from './outcome.js';
import { stepOf } from './progress.js';

/** What all photos of a run are drawn with. */
export interface Engine {
  stylizer: Stylizer;
  options: Options;
  stage: Stage;
}

/** Throws what the stylizer throws, as a SharedFailure where no other photo would fare better. */
export async function stylizePhoto(
  bytes: Uint8Array,
  { input, place }: { input: Input; place: Place },
  { stylizer, options, stage }: Engine,
): Promise<StylizeResult> {
  let station: Station | undefined;
  const onProgress = (progress: Progress) => {
    station = progress.stage;
    stage.terminal.progress(stepOf(progress, { label: input.label, place }));
  };
  try {
    return await stylizer.stylize(bytes, options, { signal: stage.signal, name: nameOf(input), onProgress });
  } catch (error) {
    throw station === 'open' && isUseless(error) ? new SharedFailure(error) : error;
  }
}

/**
 * A model that cannot be opened is damaged, or of a kind that nobody runs; one that fails later may only not take a
 * picture of this size.
 */
function isUseless(error: unknown): error is NigaoeError {
  return error instanceof NigaoeError && ['model-corrupt', 'model-unsupported'].includes(error.code);
}

/** One line, or one object, for a photo that was drawn. */
export function tellDrawn(
  label: string,
  outputs: readonly string[],
  { result, tookMs, stage }: { result: StylizeResult; tookMs: number; stage: Stage },
): void {
  for (const sentence of result.notices) stage.terminal.notice(`${label}: ${sentence}`);
  const line = `${label} -> ${outputs.join(', ')}  (${drawnLine(result, tookMs)})`;
  stage.terminal.result(line, { input: label, outputs, status: statusOf(result), ...drawnObject(result) });
}
