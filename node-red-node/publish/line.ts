// A bounded line of pictures before a slow or absent target: so many under way, so many waiting, never more.

import { NigaoeError } from '../../shared/errors.js';

/** Thrown by the work when the job should be tried once more as soon as the line is open again. */
export class Again extends Error {}

export interface LineOptions<Job, Result> {
  work: (job: Job) => Promise<Result>;
  /** Jobs under way at the same time, at least 1. */
  atOnce: number;
  /** Jobs that may wait, at least 1. */
  room: number;
  /** When all places are taken: the oldest waiting job gives way, or the new one is refused. */
  whenFull: 'oldest gives way' | 'refuse';
}

interface Entry<Job, Result> {
  job: Job;
  /** Rises with each job: who came first. */
  turn: number;
  resolve: (result: Result | undefined) => void;
  reject: (error: unknown) => void;
}

export class Line<Job, Result> {
  /** Jobs that gave way since the last one that was done. */
  skipped = 0;
  readonly #options: LineOptions<Job, Result>;
  readonly #waiting: Entry<Job, Result>[] = [];
  #running = 0;
  #turn = 0;
  #open = true;
  #isClosed = false;
  /** Waits in `close` for the jobs under way. */
  #onIdle: (() => void) | undefined;

  constructor(options: LineOptions<Job, Result>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves with the result, or with undefined for a job that gave way. Throws what the work threw, or `busy`. */
  add(job: Job): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return resolve(undefined);
      if (this.#isFull() && this.#options.whenFull === 'refuse') return reject(tooMany(this.#options.room));
      if (this.#isFull()) this.#giveWay(this.#waiting.shift());
      this.#waiting.push({ job, turn: this.#turn++, resolve, reject });
      this.#next();
    });
  }

  /** Lets jobs through. A line begins open. */
  open(): void {
    this.#open = true;
    this.#next();
  }

  /** Holds jobs back; those under way go on. */
  shut(): void {
    this.#open = false;
  }

  /** Empties the line: the waiting jobs fail. */
  clear(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** For good: what waits ends in silence, now and later. Resolves when nothing is under way any more. */
  close(): Promise<void> {
    this.#isClosed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(undefined);
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#running === 0) resolve();
    });
  }

  /** A job that could begin at once needs no room. */
  #isFull(): boolean {
    const startsNow = this.#open && this.#running < this.#options.atOnce;
    return !startsNow && this.#waiting.length >= this.#options.room;
  }

  #next(): void {
    while (this.#open && this.#running < this.#options.atOnce) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#running += 1;
      void this.#run(entry);
    }
  }

  async #run(entry: Entry<Job, Result>): Promise<void> {
    try {
      entry.resolve(await this.#options.work(entry.job));
      this.skipped = 0;
    } catch (error) {
      if (error instanceof Again) this.#putBack(entry);
      else entry.reject(error);
    }
    this.#running -= 1;
    this.#next();
    if (this.#running === 0) this.#onIdle?.();
  }

  /** To its old place; the oldest give way where that is more than the room. */
  #putBack(entry: Entry<Job, Result>): void {
    if (this.#isClosed) {
      entry.resolve(undefined);
      return;
    }
    this.#waiting.push(entry);
    this.#waiting.sort((a, b) => a.turn - b.turn);
    while (this.#waiting.length > this.#options.room) this.#giveWay(this.#waiting.shift());
  }

  #giveWay(entry: Entry<Job, Result> | undefined): void {
    this.skipped += 1;
    entry?.resolve(undefined);
  }
}

const tooMany = (room: number): NigaoeError =>
  new NigaoeError('busy', `Expected pictures no faster than they are stored but ${room} wait already`, {
    hint: 'Send fewer pictures, or store them on a faster disk.',
  });
