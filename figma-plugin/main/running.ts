// A run of the plugin over some layers: how it is cancelled, and what is taken back when the plugin is closed in the middle.

import { cancelJob, type Line } from './bridge/calls.js';
import { Cancelled } from './bridge/failed.js';
import type { Host } from './host.js';

/** `cancelRun` raises the flag and drops the job that is under way. */
export interface Run {
  host: Host;
  line: Line;
  cancelled: boolean;
  jobId?: string;
  /** Take back what is half done. They may be called again later, when there is nothing left to do. */
  undos: Set<() => void>;
}

export function beginRun(host: Host, line: Line): Run {
  return { host, line, cancelled: false, undos: new Set() };
}

/** Stops the run at its next step. The answer of the bridge is of no interest: it drops jobs that nobody polls. */
export async function cancelRun(run: Run): Promise<void> {
  run.cancelled = true;
  if (run.jobId !== undefined) await cancelJob(run.line, run.jobId).catch(() => undefined);
}

/** The plugin is being closed: nothing runs after this call. */
export function abandonRun(run: Run): void {
  for (const undo of run.undos) undo();
  void cancelRun(run);
}

/** Does the work; `undo` is called at once should the plugin be closed meanwhile. */
export async function orUndo<Result>(
  { undos }: Run,
  undo: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  undos.add(undo);
  try {
    return await work();
  } finally {
    undos.delete(undo);
  }
}

export function throwIfCancelled({ cancelled }: Run): void {
  if (cancelled) throw new Cancelled('Cancelled');
}
