// The queue of jobs behind the bridge: one interface, so that the work can be done in this process or by workers elsewhere.

import type { NigaoeError } from '../../errors.js';
import type { PartialBridgeOptions } from '../../options.js';
import type { JobEvent, JobStatus, Priority } from '../protocol.js';

/** A job as a client asks for it. */
export interface JobOrder {
  /** An image file. */
  bytes: Uint8Array;
  options: PartialBridgeOptions;
  /** Id of the client's token: nobody else sees the job. */
  owner: string;
  /** Name of the photo in error sentences. */
  name?: string;
  /** 1 to 200 characters. The same key of the same owner gives the same job again, as long as it is kept. */
  idempotencyKey?: string;
  /** Default: interactive. A repeated order leaves the priority of its job as it is. */
  priority?: Priority;
}

/** A picture that a job made. */
export interface ResultPicture {
  bytes: Uint8Array;
  /** Media type. */
  type: string;
}

/** How much a queue takes and keeps. All are whole numbers from 1; their defaults are in limits.ts. */
export interface QueueLimits {
  /** Jobs that wait. */
  waiting: number;
  /** Bytes of their photos. */
  waitingBytes: number;
  /** Jobs of one owner that wait. */
  waitingPerOwner: number;
  /** Milliseconds that a job is kept after its end. */
  keepMs: number;
  /**
   * Results that are kept, and as many jobs that failed or were cancelled. Beyond that the owner who holds most loses the
   * oldest; the newest is always kept.
   */
  kept: number;
  /** Bytes of the results; the same holds. */
  keptBytes: number;
  /** Milliseconds after which a job that nobody asks for or listens to is cancelled while it waits or is drawn. */
  orphanMs: number;
  /** Milliseconds after a job's end, or after somebody last asked for it, that `drain` waits for its client to fetch it. */
  fetchMs: number;
}

/** How a queue is opened, wherever its jobs are drawn. */
export interface QueueOptions {
  /** Those that are left out take their defaults. */
  limits?: Partial<QueueLimits>;
  /** Told once of each job that ends with `internal`, with what caused it. */
  onFailure?: (failure: NigaoeError) => void;
}

/** How busy the queue is, for /metrics. */
export interface QueueGauges {
  queued: number;
  /** Bytes of the photos of the queued jobs. */
  queuedBytes: number;
  /** Milliseconds since the oldest of the queued jobs was ordered; 0 where none waits. */
  oldestMs: number;
  running: number;
  /** Jobs that ended, by their end. */
  ended: Readonly<Record<'done' | 'failed' | 'cancelled', number>>;
  /** Finished jobs that are kept, and the bytes of their results. */
  kept: number;
  keptBytes: number;
}

/**
 * Takes jobs, has them drawn, and keeps what came of them for a while. Interactive jobs come before batch ones, and owners
 * take turns within each, so that one who orders many keeps nobody waiting for more than one of them. Jobs belong to the
 * token that ordered them: for all others they do not exist. Methods reject with `not-found` for ids that are unknown,
 * another's, or kept no longer, and with `unreachable` once the queue is closed; so does the first step of `events`.
 */
export interface JobQueue {
  /**
   * Takes the bytes as they are, without a copy. Throws `options` for wrong options, `busy` with `retryAfterS` when there is
   * no room or the queue drains, `photo-too-large` for a photo that there never is room for, `conflict` for the
   * idempotency key of another order.
   */
  submit(order: JobOrder): Promise<JobStatus>;
  /** Also says that somebody still waits for the job: those that nobody asks for are dropped. */
  status(id: string, owner: string): Promise<JobStatus>;
  /** Throws `conflict` while the job is not done, what the job failed with, `not-found` for an index that it has not. */
  picture(id: string, owner: string, index: number): Promise<ResultPicture>;
  /**
   * Ends the job at once for all who ask for it, even where its drawing takes up to two seconds to stop. A job that has
   * ended stays as it is.
   */
  cancel(id: string, owner: string): Promise<JobStatus>;
  /** The same for all jobs of an owner who may order no more. */
  cancelAll(owner: string): Promise<void>;
  /**
   * Events after `seq` (after the last there is where that is less), those of the past at once, until the job has ended or
   * the signal is raised; it never throws for the signal. Old events are dropped where there are many, the last one never.
   * Listening says that somebody waits.
   */
  events(id: string, owner: string, after: number, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** Also after close. */
  gauges(): Promise<QueueGauges>;
  /**
   * Takes no new orders from now on, repeated ones only, and waits for the jobs that are there to end and for their clients
   * to fetch what came of them, no longer than `limitMs`.
   */
  drain(limitMs: number): Promise<void>;
  /** Cancels what is queued and running and waits until nothing is drawn any more; the stylizer stays open. */
  close(): Promise<void>;
}
