// A job from the client's side: handed over, followed until it has ended, called off.

import { fromFailure, NigaoeError, throwIfCancelled } from '../../errors.js';
import type { PartialBridgeOptions } from '../../options.js';
import { JOB_STATES, type JobStatus, type Priority } from '../protocol.js';
import { callBridge, type Line, readJson } from './call.js';
import { strangerAt } from './failed.js';
import { mediaTypeOf } from './media-type.js';
import { unlessCancelled, waitMs } from './wait.js';

export interface SubmitOptions {
  /** Media type of the photo; by default what its first bytes say. */
  type?: string;
  /** Options of the job; what is left out takes its default. */
  options?: PartialBridgeOptions;
  /** The same key gives the same job; by default a new one for each call, kept over its repetitions. */
  idempotencyKey?: string;
  /** Name of the photo in error sentences. */
  name?: string;
  /** `batch` for a drawing that nobody waits for; where none is given, the bridge takes it for `interactive`. */
  priority?: Priority;
  /** Raised to take the photo back: a job that came of it is cancelled. */
  signal?: AbortSignal;
}

/** Hands a photo over. The call itself is not cut off: a job whose id nobody learned could not be cancelled. */
export async function submitJob(
  line: Line,
  bytes: Uint8Array,
  { type, options = {}, idempotencyKey = newKey(), name, priority, signal }: SubmitOptions,
): Promise<JobStatus> {
  throwIfCancelled(signal);
  const headers = {
    'content-type': type ?? mediaTypeOf(bytes),
    'idempotency-key': idempotencyKey,
    ...(name === undefined ? {} : { 'x-file-name': encodeURIComponent(name) }),
    ...(priority === undefined ? {} : { 'x-priority': priority }),
  };
  const job = callBridge(line, {
    path: `/v1/jobs${queryOf(options)}`,
    read: readStatus,
    method: 'POST',
    headers,
    body: bytes,
    lastTry: signal,
  });
  try {
    return await unlessCancelled(job, signal);
  } catch (error) {
    if (signal?.aborted === true) job.then(({ id }) => callOff(line, id)).catch(() => {});
    throw error;
  }
}

/** Asks until the job has ended; cancels it when the signal is raised. */
export async function followJob(
  line: Line,
  job: JobStatus,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (status: JobStatus) => void },
): Promise<JobStatus> {
  let status = job;
  line.followed += 1;
  try {
    for (let asked = 0; isOpen(status); asked++) {
      onProgress?.(status);
      await waitMs(pauseMs(status, asked, line.followed), signal);
      status = await askJob(line, job.id, signal);
    }
  } catch (error) {
    await callOff(line, job.id);
    throw error;
  } finally {
    line.followed -= 1;
  }
  return ended(status);
}

/**
 * How long to wait before a job is asked for again. Fast jobs are told at once, slow ones do not keep the bridge busy with
 * answers, and of many jobs those wait longer that are far from their turn: 64 of them ask some 20 times a second, not 128.
 */
function pauseMs({ position = 1 }: JobStatus, asked: number, followed: number): number {
  const patience = Math.min(position, followed / CALM_JOBS, MOST_PATIENCE);
  return Math.min(FIRST_PAUSE_MS * 1.3 ** asked, LAST_PAUSE_MS) * Math.max(1, patience);
}
const FIRST_PAUSE_MS = 60;
const LAST_PAUSE_MS = 500;
/** So many jobs may all be asked for as if each were alone. */
const CALM_JOBS = 4;
/** Keeps the longest pause, 4 s, below the time that a bridge which closes waits for its clients. */
const MOST_PATIENCE = 8;

export const askJob = (line: Line, id: string, signal?: AbortSignal): Promise<JobStatus> =>
  callBridge(line, { path: pathOf(id), read: readStatus, signal });

export const cancelJob = (line: Line, id: string): Promise<JobStatus> =>
  callBridge(line, { path: pathOf(id), read: readStatus, method: 'DELETE' });

const pathOf = (id: string): string => `/v1/jobs/${encodeURIComponent(id)}`;

async function readStatus(answer: Response, line: Line): Promise<JobStatus> {
  const status = await readJson<Partial<JobStatus> | null>(answer, line);
  if (typeof status?.id === 'string' && JOB_STATES.some((state) => state === status.state))
    return status as JobStatus;
  throw strangerAt(line.url, 'another program');
}

/** Cancelling on the way out of a failure: where the bridge is gone, so is the job. */
async function callOff(line: Line, id: string): Promise<void> {
  await cancelJob({ ...line, retries: 1 }, id).catch(() => {});
}

const isOpen = ({ state }: JobStatus): boolean => state === 'queued' || state === 'running';

function ended(status: JobStatus): JobStatus {
  if (status.state === 'done') return status;
  if (status.error !== undefined) throw fromFailure(status.error);
  throw new NigaoeError('cancelled', 'The job was cancelled');
}

/** `?style=ink&strength=0.5` */
function queryOf(options: PartialBridgeOptions): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options))
    if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}

/** 128 random bits; `crypto.randomUUID` is missing on pages that came over plain http from another machine. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
