// `nigaoe queue retry`: has drawings drawn again that were given up.

import type { Retried } from '../../bridge/fleet/given-up.js';
import { NigaoeError } from '../../errors.js';
import { exitCodeOf } from '../exit-code.js';
import { checkIdle, type FlagValues } from '../flags.js';
import type { Stage } from '../perform.js';
import { answered, withQueue } from './attach.js';

/** Those that cannot be drawn again are told, and do not stop the others. */
export async function retryFailed(ids: readonly string[], flags: FlagValues, stage: Stage): Promise<number> {
  const isAll = flags.all === true;
  if (!isAll && ids.length === 0) throw nothingAsked();
  if (ids.length > 0) checkIdle(flags, ['all'], 'ids', 'Leave one of them out.');
  return withQueue(flags, async (inspector) => {
    const failures: NigaoeError[] = [];
    const retried = inspector.retry(isAll ? 'all' : ids);
    let times = 0;
    for (;;) {
      const next = await answered(retried.next(), stage.signal);
      if (next.done) break;
      times++;
      tell(next.value, stage);
      if (next.value.error !== undefined) failures.push(next.value.error);
    }
    if (times === 0) stage.terminal.notice('No drawing was given up.');
    return exitCodeOf(failures);
  });
}

function tell({ id, name, error }: Retried, { terminal }: Stage): void {
  const named = name === undefined ? { id } : { id, name };
  if (error === undefined) {
    terminal.result([id, 'waits to be drawn again', name].join('  ').trimEnd(), {
      ...named,
      status: 'queued',
    });
    return;
  }
  terminal.failure(error);
  terminal.jsonOnly({ ...named, status: 'failed', error });
}

const nothingAsked = (): NigaoeError =>
  new NigaoeError('options', 'Expected ids of drawings or --all but received none', {
    hint: '`nigaoe queue failed` shows the ids.',
  });
