// The queue in the memory of this process: one job drawn at a time, nothing left of it when the process ends.

import { asFailure, type NigaoeError } from '../../errors.js';
import type { Stylizer } from '../../stylizer.js';
import { BookedQueue } from './books.js';
import { type Drawn, drawnHere } from './drawing.js';
import type { Job } from './job.js';
import type { JobQueue, QueueOptions } from './queue.js';
import type { Desk, Studio } from './studio.js';

/**
 * Opens a queue over a stylizer, which should be an isolated one and stays the caller's to close. Its timers do not keep
 * the process alive.
 * @throws NigaoeError `options` for limits that are none
 */
export function openMemoryQueue(stylizer: Stylizer, options: QueueOptions = {}): JobQueue {
  return new BookedQueue((desk) => new OwnStudio(stylizer, desk), options);
}

/** One stylizer of this process, which draws one job after the other. */
class OwnStudio implements Studio {
  readonly hands = 1;
  readonly outlives = false;
  readonly #stylizer: Stylizer;
  readonly #desk: Desk;
  #work: Promise<void> | undefined;

  constructor(stylizer: Stylizer, desk: Desk) {
    this.#stylizer = stylizer;
    this.#desk = desk;
  }

  /** Whatever it cannot draw it finds out when it tries. */
  async check(): Promise<void> {}

  async take(): Promise<void> {
    this.#work ??= this.#drawAll();
  }

  /** The job's own signal has told the stylizer. */
  drop(): void {}

  forget(): void {}

  moved(): void {}

  async close(): Promise<void> {
    await this.#work;
  }

  async #drawAll(): Promise<void> {
    for (let job = this.#desk.next(); job !== undefined; job = this.#desk.next()) await this.#draw(job);
    // In the same turn as the look at the line: a job that comes later must start the work anew.
    this.#work = undefined;
  }

  async #draw(job: Job): Promise<void> {
    const startMs = performance.now();
    const outcome = await this.#ask(job);
    const tookMs = job.stop.signal.aborted ? undefined : performance.now() - startMs;
    this.#desk.end(job, outcome, tookMs);
  }

  /** What the stylizer makes of a job, or why it does not. */
  async #ask(job: Job): Promise<Drawn | NigaoeError> {
    const { bytes, options, name } = job.order;
    const onProgress: Job['report'] = (progress) => this.#desk.report(job, progress);
    try {
      return drawnHere(
        await this.#stylizer.stylize(bytes, options, { name, signal: job.stop.signal, onProgress }),
      );
    } catch (error) {
      return asFailure(error);
    }
  }
}
