// The handle over a supervised child process: a crash costs one job, a cancel stops a network, idle memory goes back.

import { expected, NigaoeError, throwIfCancelled } from './errors.js';
import type { DrawnFrame, Frame } from './film/frame.js';
import { DrawingProcess } from './isolated/process.js';
import type { JobRequest, JobResult, Work } from './isolated/protocol.js';
import type { JobRun, StylizeResult } from './job.js';
import { readStoreSettings, type StoreOptions } from './models/store/settings.js';
import { type PartialOptions, parseOptions } from './options.js';
import type { FilmStylizer, StylizerOptions } from './stylizer.js';

export interface IsolationOptions {
  /**
   * Milliseconds without a job after which the child exits and its memory goes back to the system; the next job starts
   * a new one. 0: never. Default 300 000.
   */
  idleMs?: number;
  /** Milliseconds that a cancelled job may take to stop by itself before its process is killed. Default 1 500. */
  cancelGraceMs?: number;
}

/** A stylizer whose jobs run in a child process, one after the other. */
export interface IsolatedStylizer extends FilmStylizer {
  /** The process that draws, or undefined while there is none: before the first job, after a crash, an idle exit, close. */
  readonly pid: number | undefined;
}

/** Loading the native libraries: below a second on a desktop, many on a small board with a cold disk. */
const START_MS = 60_000;
/** For a process that waits for work to say that it still does. */
const ANSWER_MS = 10_000;
/** Timers of Node.js fire at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Opens a stylizer that draws in a child process. The child starts with the first job, is used again by the next, ends
 * when idle, and is replaced when it dies: then the running job fails with `internal` and the queued ones go on. A
 * cancelled job ends within two seconds, whatever it is doing. An idle child does not keep this process alive, and
 * follows it when it ends.
 * @throws NigaoeError `options` for settings that cannot be read
 */
export async function openIsolatedStylizer(
  options: StylizerOptions & IsolationOptions = {},
): Promise<IsolatedStylizer> {
  const { idleMs = 300_000, cancelGraceMs = 1_500, acceptLicence } = options;
  return new SupervisedStylizer({
    idleMs: checkMs('idleMs', idleMs),
    cancelGraceMs: checkMs('cancelGraceMs', cancelGraceMs),
    acceptLicence,
    store: resolveStore(options.store),
  });
}

interface Job {
  request: JobRequest;
  run: JobRun;
  resolve: (result: Promise<JobResult>) => void;
  reject: (error: unknown) => void;
}

class SupervisedStylizer implements IsolatedStylizer {
  readonly #options: StylizerOptions & Required<IsolationOptions>;
  /** One function for all jobs, so that a signal that a batch shares holds it once. */
  readonly #dropCancelled = () => {
    const cancelled = this.#queue.filter(isCancelled);
    this.#queue = this.#queue.filter((job) => !isCancelled(job));
    for (const { run, reject } of cancelled) reject(cancellation(run));
  };
  #queue: Job[] = [];
  #process: DrawingProcess | undefined;
  #work: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: StylizerOptions & Required<IsolationOptions>) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#process?.usable ? this.#process.pid : undefined;
  }

  async stylize(bytes: Uint8Array, given?: PartialOptions, run: JobRun = {}): Promise<StylizeResult> {
    return (await this.#job({ bytes }, given, run)) as StylizeResult;
  }

  async drawFrame(frame: Frame, given?: PartialOptions, run: JobRun = {}): Promise<DrawnFrame> {
    return (await this.#job({ frame }, given, run)) as DrawnFrame;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
    clearTimeout(this.#idle);
    await this.#process?.end();
  }

  async #job(work: Work, given: PartialOptions | undefined, run: JobRun): Promise<JobResult> {
    if (this.#closed) throw new NigaoeError('internal', 'internal: this stylizer is closed');
    const options = parseOptions(given);
    throwIfCancelled(run.signal);
    const acceptLicence = run.acceptLicence ?? this.#options.acceptLicence;
    return this.#enqueue({ ...work, options, name: run.name, acceptLicence }, run);
  }

  #enqueue(request: JobRequest, run: JobRun): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      run.signal?.addEventListener('abort', this.#dropCancelled, { once: true });
      this.#queue.push({ request, run, resolve, reject });
      this.#work ??= this.#drawAll();
    });
  }

  /** The next job; from here on its process listens to the signal. */
  #dequeue(): Job | undefined {
    const job = this.#queue.shift();
    const signal = job?.run.signal;
    const shared = this.#queue.some(({ run }) => run.signal === signal);
    if (!shared) signal?.removeEventListener('abort', this.#dropCancelled);
    return job;
  }

  async #drawAll(): Promise<void> {
    clearTimeout(this.#idle);
    while (this.#queue.length > 0) await this.#drawNext();
    // In the same turn as the look at the queue: a job that comes later must start the work anew.
    this.#work = undefined;
    this.#rest();
  }

  /** A job stays in the queue while its process starts, so that cancelling it then costs nothing. */
  async #drawNext(): Promise<void> {
    const start = await this.#wake().catch((error: unknown) => ({ error }));
    const job = this.#dequeue();
    if (job === undefined) return;
    if ('error' in start) return job.reject(start.error);
    const result = start.draw(job.request, job.run);
    job.resolve(result);
    await result.catch(() => undefined);
  }

  /** The process, proven to be there: it may have been killed while it waited for work. */
  async #wake(): Promise<DrawingProcess> {
    const waiting = this.#process;
    if (waiting?.usable && (await answers(waiting))) return waiting;
    // One at a time: two of them may need more memory than there is.
    await waiting?.gone;
    const { idleMs: _, cancelGraceMs, ...options } = this.#options;
    const started = new DrawingProcess(options, cancelGraceMs);
    this.#process = started;
    await started.open(START_MS);
    return started;
  }

  #rest(): void {
    const resting = this.#process;
    resting?.unref();
    if (this.#options.idleMs === 0 || !resting?.usable) return;
    this.#idle = setTimeout(() => void resting.end(), this.#options.idleMs).unref();
  }
}

const isCancelled = ({ run }: Job) => run.signal?.aborted === true;

function cancellation({ signal }: JobRun): NigaoeError {
  return new NigaoeError('cancelled', 'The job was cancelled', { cause: signal?.reason as unknown });
}

function answers(waiting: DrawingProcess): Promise<boolean> {
  return waiting.open(ANSWER_MS).then(
    () => true,
    () => false,
  );
}

function checkMs(name: string, value: number): number {
  if (typeof value === 'number' && value >= 0) return Math.min(value, LONGEST_TIMER_MS);
  throw expected('milliseconds from 0', name, value);
}

/** Read here and now, so that a wrong setting is told at once and every child gets the same folders. */
function resolveStore(given: StoreOptions | undefined): StoreOptions {
  const { mirror, ...settings } = readStoreSettings(given);
  return { ...settings, mirror: mirror?.kind === 'web' ? mirror.base : mirror?.folder };
}
