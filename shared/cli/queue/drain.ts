// `nigaoe queue drain`: closes the queue to new orders, and waits until nothing is left; or opens it again.

import { setTimeout as delay } from 'node:timers/promises';
import type { Inspector } from '../../bridge/fleet/inspect.js';
import { FAILURES } from '../../errors.js';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { minute } from '../terminal/wording.js';
import { answered, withQueue } from './attach.js';

type DrainEvent =
  | { event: 'opened'; wasOpen: boolean }
  | { event: 'closed'; since: string }
  | { event: 'waiting'; waiting: number; active: number; workers: number }
  | { event: 'drained' };

const LOOK_MS = 500;
/** An order that was taken just before the queue was closed may still be on its way into a lane. */
const EMPTY_LOOKS = 3;

/** Returns when the queue is empty, or opened again; Ctrl-C ends the waiting and leaves the queue closed. */
export async function drainQueue(flags: FlagValues, stage: Stage): Promise<number> {
  return withQueue(flags, (inspector) =>
    flags.open === true ? openAgain(inspector, stage) : closeAndWait(inspector, stage),
  );
}

async function openAgain(inspector: Inspector, stage: Stage): Promise<number> {
  const wasClosed = await answered(inspector.openOrders(), stage.signal);
  tell(stage, { event: 'opened', wasOpen: !wasClosed });
  return 0;
}

async function closeAndWait(inspector: Inspector, stage: Stage): Promise<number> {
  tell(stage, { event: 'closed', since: await answered(inspector.closeOrders(), stage.signal) });
  try {
    await untilEmpty(inspector, stage);
  } catch (error) {
    if (!stage.signal.aborted) throw error;
    stage.terminal.notice('The queue stays closed: `nigaoe queue drain --open` opens it again.');
    return FAILURES.cancelled.exitCode;
  }
  tell(stage, { event: 'drained' });
  return 0;
}

async function untilEmpty(inspector: Inspector, stage: Stage): Promise<void> {
  let told = '';
  for (let empty = 0; empty < EMPTY_LOOKS; ) {
    const { totals, workers } = await answered(inspector.status(), stage.signal);
    const { waiting, active } = totals;
    empty = waiting + active === 0 ? empty + 1 : 0;
    const event = { event: 'waiting', waiting, active, workers: workers.length } as const;
    const line = lineOf(event);
    if (empty === 0 && line !== told) tell(stage, event);
    told = line;
    await delay(LOOK_MS, undefined, { signal: stage.signal });
  }
}

function tell({ terminal }: Stage, event: DrainEvent): void {
  terminal.jsonOnly(event);
  if (terminal.json) return;
  if (event.event === 'waiting') terminal.notice(lineOf(event));
  else terminal.result(lineOf(event), event);
}

function lineOf(event: DrainEvent): string {
  switch (event.event) {
    case 'opened':
      return event.wasOpen ? 'The queue takes orders; it was not closed' : 'The queue takes orders again';
    case 'closed':
      return `The queue takes no new orders since ${minute(event.since)}`;
    case 'waiting':
      return `${event.waiting} to be drawn, ${event.active} drawn now${event.workers === 0 ? '; no worker is connected' : ''}`;
    case 'drained':
      return 'The queue is empty, and stays closed: `nigaoe queue drain --open` opens it again';
  }
}
