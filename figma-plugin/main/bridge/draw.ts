// One picture through the bridge: submit, poll with progress, fetch; the sandbox has neither streams nor signals.

import { jobWords } from '../../../shared/bridge/protocol/words.js';
import type { JobStatus, PictureInfo } from '../../../shared/bridge/protocol.js';
import type { PartialBridgeOptions } from '../../../shared/options.js';
import { type Run, throwIfCancelled } from '../running.js';
import { askJob, cancelJob, loadResult, submitJob } from './calls.js';
import { BridgeFailure, Cancelled } from './failed.js';

const POLL_MS = 250;
/** A bridge whose queue is full is asked again as often. */
const MOST_WAITS = 20;
const BUSY_WAIT_S = 2;
/** Polls that may fail in a row: a sleeping machine wakes up without its network. */
const MOST_MISSES = 3;

export interface Drawn {
  bytes: Uint8Array;
  picture: PictureInfo;
}

/** `onProgress` is told what is going on and how much is done, 0..1. */
export async function draw(
  run: Run,
  { bytes, options }: { bytes: Uint8Array; options: PartialBridgeOptions },
  onProgress: (fraction: number, sentence: string) => void,
): Promise<Drawn> {
  throwIfCancelled(run);
  const { id } = await submitPatiently(run, bytes, options);
  run.jobId = id;
  try {
    const picture = pictureOf(await followJob(run, id, onProgress));
    return { bytes: await loadResult(run.line, id), picture };
  } finally {
    run.jobId = undefined;
  }
}

async function submitPatiently(
  run: Run,
  bytes: Uint8Array,
  options: PartialBridgeOptions,
): Promise<JobStatus> {
  for (let waits = 0; ; waits++)
    try {
      const job = await submitJob(run.line, bytes, options);
      if (run.cancelled) await cancelJob(run.line, job.id).catch(() => undefined);
      return job;
    } catch (error) {
      const busy = error instanceof BridgeFailure && error.code === 'busy';
      if (!busy || waits === MOST_WAITS) throw error;
      await run.host.wait((error.retryAfterS ?? BUSY_WAIT_S) * 1000);
      throwIfCancelled(run);
    }
}

async function followJob(
  run: Run,
  id: string,
  onProgress: (fraction: number, sentence: string) => void,
): Promise<JobStatus> {
  for (let misses = 0; ; ) {
    await run.host.wait(POLL_MS);
    throwIfCancelled(run);
    const job = await askOrMiss(run, id, misses);
    throwIfCancelled(run);
    misses = job === undefined ? misses + 1 : 0;
    if (job?.state === 'done') return job;
    if (job?.state === 'cancelled') throw new Cancelled('Cancelled');
    if (job?.state === 'failed')
      throw new BridgeFailure(job.error ?? { code: 'internal', message: 'The job failed' });
    if (job !== undefined) onProgress(job.progress?.fraction ?? 0, jobWords(job));
  }
}

async function askOrMiss(run: Run, id: string, misses: number): Promise<JobStatus | undefined> {
  try {
    return await askJob(run.line, id);
  } catch (error) {
    const unreachable = error instanceof BridgeFailure && error.code === 'unreachable';
    if (!unreachable || misses + 1 >= MOST_MISSES) throw error;
    return undefined;
  }
}

function pictureOf({ result }: JobStatus): PictureInfo {
  const picture = result?.pictures[0];
  if (picture === undefined)
    throw new BridgeFailure({ code: 'internal', message: 'The bridge drew no picture' });
  return picture;
}
