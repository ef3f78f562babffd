// `nigaoe queue status`, once or again and again.

import { setTimeout as delay } from 'node:timers/promises';
import type { FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { answered, withQueue } from './attach.js';
import { describeStatus } from './status-words.js';

const LOOK_MS = 2_000;

/** Prints how the queue stands; with `--watch` until it is told to stop, which is success. */
export async function showStatus(flags: FlagValues, { terminal, signal }: Stage): Promise<number> {
  return withQueue(flags, async (inspector) => {
    const show = async () => {
      const status = await answered(inspector.status(), signal);
      terminal.result(describeStatus(status), status);
    };
    if (flags.watch !== true) await show();
    else await again(show, { signal, between: () => terminal.json || terminal.result('', {}) });
    return 0;
  });
}

interface Again {
  signal: AbortSignal;
  /** Done before each time but the first. */
  between(): unknown;
}

async function again(show: () => Promise<void>, { signal, between }: Again): Promise<void> {
  try {
    for (let times = 0; ; times++) {
      if (times > 0) between();
      await show();
      await delay(LOOK_MS, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
