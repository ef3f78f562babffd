// Where the bridge has its jobs drawn: by a process of its own, or by a fleet of workers.

import type { NigaoeError } from '../errors.js';
import { type IsolationOptions, openIsolatedStylizer } from '../isolated.js';
import type { StylizerOptions } from '../stylizer.js';
import { type FleetQueue, type FleetSettings, openFleetQueue } from './fleet/open.js';
import { openMemoryQueue } from './jobs/memory.js';
import type { JobQueue, QueueLimits, QueueOptions } from './jobs/queue.js';
import type { BridgeLimits } from './limits.js';
import type { BridgeEvent } from './news.js';
import { wordStylizer } from './wording.js';

export interface Atelier {
  queue: JobQueue;
  /** The same queue, where workers draw. */
  fleet?: FleetQueue;
  /** The process of its own; undefined while there is none. */
  readonly pid: number | undefined;
  /** After the queue has closed. */
  close(): Promise<void>;
}

interface AtelierOptions {
  stylizer?: StylizerOptions & IsolationOptions;
  jobs?: Partial<QueueLimits>;
  fleet?: FleetSettings | undefined;
  onEvent?: (event: BridgeEvent) => void;
}

/** Throws what `openFleetQueue` throws. */
export async function openAtelier(options: AtelierOptions, limits: BridgeLimits): Promise<Atelier> {
  const say = (message: string) => options.onEvent?.({ event: 'failure', message });
  const shared: QueueOptions = {
    ...(options.jobs === undefined ? {} : { limits: options.jobs }),
    onFailure: (failure) => say(lastWordsOf(failure)),
  };
  if (options.fleet !== undefined) {
    const fleet = await openFleetQueue(options.fleet, { ...shared, onNotice: say });
    return { queue: fleet, fleet, pid: undefined, close: async () => {} };
  }
  const stylizer = await openIsolatedStylizer(options.stylizer);
  return {
    queue: openMemoryQueue(wordStylizer(stylizer, limits), shared),
    get pid() {
      return stylizer.pid;
    },
    close: () => stylizer.close(),
  };
}

/** The message of a failure, and what caused it where that is not the same: the last words of a process that died. */
function lastWordsOf({ message, cause }: NigaoeError): string {
  const words = cause instanceof Error ? cause.message : '';
  return message.includes(words) ? message : `${message}\n${words}`;
}
