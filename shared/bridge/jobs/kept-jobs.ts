// Jobs that have ended: kept for a while, and only so many of them and of their bytes.

import type { Job } from './job.js';
import type { QueueLimits } from './queue.js';

/** How much a job counts of what there may only be so much of. */
type Weigh = (job: Job) => number;

const byBytes: Weigh = ({ resultBytes }) => resultBytes;
const asResult: Weigh = ({ status }) => (status.state === 'done' ? 1 : 0);
const asFailed: Weigh = (job) => 1 - asResult(job);

export class KeptJobs {
  readonly #limits: QueueLimits;
  readonly #forget: (job: Job) => void;
  /** From the oldest to the newest. */
  readonly #expiries = new Map<Job, NodeJS.Timeout>();

  /** `forget` is called for each job that is no longer kept. */
  constructor(limits: QueueLimits, forget: (job: Job) => void) {
    this.#limits = limits;
    this.#forget = forget;
  }

  get count(): number {
    return this.#expiries.size;
  }

  /** Bytes of the results. */
  get bytes(): number {
    return this.#sum(byBytes);
  }

  add(job: Job): void {
    this.#expiries.set(job, setTimeout(() => this.#drop(job), this.#limits.keepMs).unref());
    const { kept, keptBytes } = this.#limits;
    // Apart: broken photos are quickly sent, and must not drive out what took long to draw.
    this.#shrink(asResult, kept, job);
    this.#shrink(asFailed, kept, job);
    this.#shrink(byBytes, keptBytes, job);
  }

  clear(): void {
    for (const job of this.#expiries.keys()) this.#drop(job);
  }

  /** Drops jobs until they weigh no more than `most`. The newest stays: its client has had no time to fetch it. */
  #shrink(weigh: Weigh, most: number, newest: Job): void {
    for (let left = this.#sum(weigh); left > most; left = this.#sum(weigh)) {
      const victim = victimOf([...this.#expiries.keys()], newest, weigh);
      if (victim === undefined) return;
      this.#drop(victim);
    }
  }

  #sum(weigh: Weigh): number {
    return [...this.#expiries.keys()].reduce((sum, job) => sum + weigh(job), 0);
  }

  #drop(job: Job): void {
    clearTimeout(this.#expiries.get(job));
    this.#expiries.delete(job);
    this.#forget(job);
  }
}

/** The oldest job of the owner who holds most: one client does not drive out the results of another. */
function victimOf(jobs: readonly Job[], newest: Job, weigh: Weigh): Job | undefined {
  const holds = new Map<string, number>();
  for (const job of jobs) holds.set(job.owner, (holds.get(job.owner) ?? 0) + weigh(job));
  const share = ({ owner }: Job): number => holds.get(owner) ?? 0;
  return jobs
    .filter((job) => job !== newest && weigh(job) > 0)
    .reduce<Job | undefined>((most, job) => (most && share(most) >= share(job) ? most : job), undefined);
}
