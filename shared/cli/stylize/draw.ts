// One photo of `nigaoe stylize`: kept, or read, drawn and put in its place.

import { throwIfCancelled } from '../../errors.js';
import { type Progress, STAGES, type Stage as Station, type StylizeResult } from '../../job.js';
import type { Options } from '../../options.js';
import type { Stylizer } from '../../stylizer.js';
import { announce, type Place, type Task } from '../batch.js';
import { type Input, nameOf } from '../inputs/input.js';
import { readInput } from '../inputs/read.js';
import type { Desk } from '../outputs/desk.js';
import { formatFor, type Planned } from '../outputs/plan.js';
import type { Stage } from '../perform.js';
import type { Terminal } from '../terminal/terminal.js';
import { drawnLine, drawnObject } from './outcome.js';

/** What all photos of a run share. */
export interface DrawJob {
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

async function drawOne(planned: Planned, place: Place, job: DrawJob): Promise<'drawn' | 'kept'> {
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
  return 'drawn';
}

function stylizePhoto(
  bytes: Uint8Array,
  { input, place }: { input: Input; place: Place },
  { stylizer, options, stage }: DrawJob,
): Promise<StylizeResult> {
  const onProgress = (progress: Progress) =>
    showProgress(stage.terminal, { label: input.label, place, progress });
  return stylizer.stylize(bytes, options, { signal: stage.signal, name: nameOf(input), onProgress });
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
  stage.terminal.result(line, { input: label, outputs, status: 'drawn', ...drawnObject(result) });
}

const WORDS: Readonly<Record<Station, string>> = {
  decode: 'reading',
  open: 'opening the models',
  faces: 'looking for faces',
  crop: 'cutting out',
  generate: 'drawing',
  blend: 'blending',
  encode: 'writing',
};

function showProgress(
  terminal: Terminal,
  { label, place, progress }: { label: string; place: Place; progress: Progress },
): void {
  const { stage, done, total } = progress;
  const within = (STAGES.indexOf(stage) + (total > 0 ? done / total : 0)) / STAGES.length;
  const steps = stage === 'generate' && total > 1 ? ` ${done + 1} of ${total}` : '';
  const text = `${place.number} of ${place.of}  ${label}  ${WORDS[stage]}${steps}`;
  terminal.progress({ done: place.number - 1 + within, total: place.of, text });
}
