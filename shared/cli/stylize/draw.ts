// One photo of `nigaoe stylize`: kept, or read, drawn and put in its place.

import { throwIfCancelled } from '../../errors.js';
import { announce, type Place, type Task } from '../batch.js';
import { nameOf } from '../inputs/input.js';
import { readInput } from '../inputs/read.js';
import type { Desk } from '../outputs/desk.js';
import { formatFor, type Planned } from '../outputs/plan.js';
import type { Stage } from '../perform.js';
import { statusOf } from './outcome.js';
import { type Engine, stylizePhoto, tellDrawn } from './photo.js';

/** What all photos of a run share. */
interface DrawJob extends Engine {
  desk: Desk;
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

function tellKept(label: string, outputs: readonly string[], { terminal }: Stage): boolean {
  if (outputs.length === 0) return false;
  const line = `${label} -> ${outputs.join(', ')}  (kept; --force draws it again)`;
  terminal.result(line, { input: label, outputs, status: 'kept' });
  return true;
}
