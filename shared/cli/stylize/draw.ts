// One photo of `nigaoe stylize`: kept, or read, drawn and put in its place.

import { NigaoeError, throwIfCancelled } from '../../errors.js';
import type { Progress, Stage as Station, StylizeResult } from '../../job.js';
import type { Options } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import { announce, type Place, SharedFailure, type Task } from '../batch.js';
import { type Input, nameOf } from '../inputs/input.js';
import { readInput } from '../inputs/read.js';
import type { Desk } from '../outputs/desk.js';
import { formatFor, type Planned } from '../outputs/plan.js';
import type { Stage } from '../perform.js';
import { drawnLine, drawnObject, statusOf } from './outcome.js';
import { stepOf } from './progress.js';

/** What all photos of a run share. */
interface DrawJob {
  stylizer: Stylizer;
  desk: Desk;
  options: Options;
  stage: Stage;
}

/** The task of drawing one photo. */
export function drawTask(planned: Planned, job: DrawJob): Task {
  const { input } = planned;
  return { label: input.label, name: nameOf(input), work: (place) => drawOne(planned, place, job) };
}

async function drawOne(planned: Planned, place: Place, job: DrawJob): Promise<'drawn' | 'skipped' | 'kept'> {
  const { input } = planned;
  const { desk, options, stage } = job;
  if (tellKept(input.label, await desk.earlier(input, planned.format), stage)) return 'kept';
  announce(stage.terminal, place, input.label);
  const startMs = performance.now();
  const bytes = await readInput(input, stage.signal);
  const late = planned.format === undefined ? formatFor(bytes, options) : undefined;
  if (tellKept(input.label, await desk.earlier(input, late), stage)) return 'kept';
  const result = await stylizePhoto(bytes, { input, place }, job);
  throwIfCancelled(stage.signal);
  const outputs = await desk.deliver(input, result.pictures);
  tellDrawn(input.label, outputs, { result, tookMs: performance.now() - startMs, stage });
  return statusOf(result);
}

async function stylizePhoto(
  bytes: Uint8Array,
  { input, place }: { input: Input; place: Place },
  { stylizer, options, stage }: DrawJob,
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

function tellKept(label: string, outputs: readonly string[], { terminal }: Stage): boolean {
  if (outputs.length === 0) return false;
  const line = `${label} -> ${outputs.join(', ')}  (kept; --force draws it again)`;
  terminal.result(line, { input: label, outputs, status: 'kept' });
  return true;
}

function tellDrawn(
  label: string,
  outputs: readonly string[],
  { result, tookMs, stage }: { result: StylizeResult; tookMs: number; stage: Stage },
): void {
  for (const sentence of result.notices) stage.terminal.notice(`${label}: ${sentence}`);
  const line = `${label} -> ${outputs.join(', ')}  (${drawnLine(result, tookMs)})`;
  stage.terminal.result(line, { input: label, outputs, status: statusOf(result), ...drawnObject(result) });
}
