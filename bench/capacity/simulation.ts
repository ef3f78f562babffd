// A fleet in make-believe time: jobs come and wait in lanes, hands take the first that they can draw, workers die and come back.
//
// Kept of the real one (shared/bridge/fleet): one lane for each kind of needs; interactive before batch, within a class as they
// came; whoever is free takes from the lane whose first job is first of all; the worker that has waited longest hears the bell; a
// dead worker's drawing comes back after its lock has run out. Left out: turns of owners (which move waiting between owners, not
// its sum), cancelling, equal orders that share a drawing.

import { type Random, randomFor } from '../../shared/random.js';
import { type Arrivals, arrivalTimes, exponential } from './arrivals.js';
import { Heap } from './heap.js';

/** Workers that are alike. */
export interface WorkerClass {
  workers: number;
  /** Drawings that each is at together. Default 1. */
  hands?: number;
  /** Mean drawing time. */
  drawMs: number;
  /** Lanes that they serve, by number. Default: all. */
  lanes?: readonly number[];
}

export interface FleetCase {
  arrivals: Arrivals;
  classes: readonly WorkerClass[];
  /** Deviation of the drawing times of one class divided by their mean; they are log-normal. Default 0.5. */
  drawCv?: number;
  /** What a job costs a hand besides. Default 0. */
  overheadMs?: number;
  /** Share of the jobs in each lane. Default: one lane for all. */
  laneShares?: readonly number[];
  /** Share of batch jobs, in every lane. Default 0. */
  batchShare?: number;
  /** Deaths of each worker in an hour. Default 0. */
  deathsPerHour?: number;
  /** Until a dead worker is there again. Default 30. */
  backAfterS?: number;
  /** Jobs that are looked at, after a tenth as many that only fill the line. */
  jobs: number;
  seed?: number;
}

/** What a class of jobs went through. */
export interface Waits {
  jobs: number;
  meanS: number;
  p95S: number;
  mostS: number;
}

export interface FleetRun {
  all: Waits;
  interactive: Waits;
  batch: Waits;
  /** Mean share of the hands that are busy, of those that live and those that are dead. */
  busy: number;
  deaths: number;
  /** Drawings that were begun again because their worker had died. */
  repeated: number;
  /** Jobs that waited at the same moment, at most. */
  mostWaiting: number;
}

/** A worker's lock, and how often it is renewed and looked at: shared/bridge/fleet/worker.ts. */
const LOCK_S = 15;
const RENEW_S = LOCK_S / 3;
const BACK_AFTER_S = 30;

interface Job {
  seq: number;
  lane: number;
  isBatch: boolean;
  arrivedS: number;
  /** Drawing time divided by the mean of whoever draws it. */
  size: number;
  /** Of its first drawing. */
  begunS?: number;
}

interface Worker {
  class: WorkerClass;
  isDead: boolean;
  free: number;
  /** Since when it has waited for the bell. */
  idleSince: number;
  drawing: Map<Job, number>;
  lives: number;
}

type Event =
  | { kind: 'arrival' }
  | { kind: 'drawn'; worker: Worker; job: Job; life: number }
  | { kind: 'death'; worker: Worker }
  | { kind: 'birth'; worker: Worker }
  | { kind: 'returned'; job: Job };

/** Runs the case until all its jobs are drawn. The same case runs the same way every time. */
export function simulateFleet(fleetCase: FleetCase): FleetRun {
  return new Simulation(fleetCase).run();
}

class Simulation {
  readonly #case: FleetCase;
  readonly #events = new Heap<Event>();
  readonly #times: Generator<number, never>;
  readonly #sizes: Random;
  readonly #kinds: Random;
  readonly #fates: Random;
  readonly #workers: Worker[];
  readonly #lanes: { interactive: Heap<Job>; batch: Heap<Job> }[];
  readonly #laneEnds: number[];
  readonly #waits = { interactive: [] as number[], batch: [] as number[] };
  readonly #warmUp: number;
  #nowS = 0;
  #arrived = 0;
  #left: number;
  #idle: number;
  #waiting = 0;
  #busyS = 0;
  #deaths = 0;
  #repeated = 0;
  #mostWaiting = 0;

  constructor(fleetCase: FleetCase) {
    const { seed = 1, arrivals, laneShares = [1], jobs, classes } = fleetCase;
    this.#case = fleetCase;
    this.#times = arrivalTimes(arrivals, randomFor(seed, 'arrivals'));
    this.#sizes = randomFor(seed, 'sizes');
    this.#kinds = randomFor(seed, 'kinds');
    this.#fates = randomFor(seed, 'fates');
    this.#workers = classes.flatMap((each) =>
      Array.from({ length: each.workers }, (_, at) => newWorker(each, -at)),
    );
    this.#idle = this.#handCount;
    this.#lanes = laneShares.map(() => ({ interactive: new Heap<Job>(), batch: new Heap<Job>() }));
    let sum = 0;
    this.#laneEnds = laneShares.map((share) => {
      sum += share;
      return sum;
    });
    this.#warmUp = Math.ceil(jobs / 10);
    this.#left = jobs + this.#warmUp;
  }

  run(): FleetRun {
    this.#events.push(this.#times.next().value, { kind: 'arrival' });
    if (this.#case.deathsPerHour) for (const worker of this.#workers) this.#planDeath(worker);
    while (this.#left > 0) {
      const [atS, event] = this.#events.pop()!;
      this.#busyS += (atS - this.#nowS) * (this.#handCount - this.#idle);
      this.#nowS = atS;
      this.#happen(event);
    }
    return this.#sum();
  }

  #happen(event: Event): void {
    if (event.kind === 'arrival') this.#arrive();
    else if (event.kind === 'drawn') this.#finish(event);
    else if (event.kind === 'death') this.#die(event.worker);
    else if (event.kind === 'birth') this.#revive(event.worker);
    else this.#queue(event.job);
  }

  #arrive(): void {
    const kind = this.#kinds.uniform();
    const job: Job = {
      seq: this.#arrived++,
      lane: Math.max(
        0,
        this.#laneEnds.findIndex((end) => kind < end),
      ),
      isBatch: this.#kinds.uniform() < (this.#case.batchShare ?? 0),
      arrivedS: this.#nowS,
      size: logNormal(this.#sizes, this.#case.drawCv ?? 0.5),
    };
    if (this.#arrived < this.#case.jobs + this.#warmUp)
      this.#events.push(this.#times.next().value, { kind: 'arrival' });
    this.#queue(job);
  }

  #queue(job: Job): void {
    const { interactive, batch } = this.#lanes[job.lane];
    (job.isBatch ? batch : interactive).push(job.seq, job);
    this.#waiting += 1;
    this.#mostWaiting = Math.max(this.#mostWaiting, this.#waiting);
    if (this.#idle > 0) this.#ring(job.lane);
  }

  /** The worker that has waited longest of those that serve the lane takes what is first for it. */
  #ring(lane: number): void {
    let first: Worker | undefined;
    for (const worker of this.#workers) {
      const isAsked = worker.free > 0 && !worker.isDead && (worker.class.lanes?.includes(lane) ?? true);
      if (isAsked && (first === undefined || worker.idleSince < first.idleSince)) first = worker;
    }
    if (first !== undefined) this.#take(first);
  }

  #take(worker: Worker): void {
    const heap = this.#firstFor(worker);
    const taken = heap?.pop();
    if (taken === undefined) return;
    const [, job] = taken;
    this.#waiting -= 1;
    worker.free -= 1;
    worker.idleSince = this.#nowS;
    this.#idle -= 1;
    if (job.begunS !== undefined) this.#repeated += 1;
    this.#note(job);
    worker.drawing.set(job, this.#nowS);
    const serviceMs = worker.class.drawMs * job.size + (this.#case.overheadMs ?? 0);
    this.#events.push(this.#nowS + serviceMs / 1000, { kind: 'drawn', worker, job, life: worker.lives });
  }

  /** The line whose first job is first of all that the worker can draw. */
  #firstFor({ class: { lanes } }: Worker): Heap<Job> | undefined {
    for (const kind of ['interactive', 'batch'] as const) {
      let best: Heap<Job> | undefined;
      for (let lane = 0; lane < this.#lanes.length; lane++) {
        const heap = this.#lanes[lane][kind];
        if (heap.size > 0 && (lanes?.includes(lane) ?? true) && (!best || heap.least! < best.least!))
          best = heap;
      }
      if (best !== undefined) return best;
    }
    return undefined;
  }

  /** A drawing that is begun again has waited since it came: until then nobody has seen anything of it. */
  #note(job: Job): void {
    job.begunS = this.#nowS;
    if (job.seq < this.#warmUp) return;
    this.#waits[job.isBatch ? 'batch' : 'interactive'][job.seq] = this.#nowS - job.arrivedS;
  }

  #finish({ worker, job, life }: Extract<Event, { kind: 'drawn' }>): void {
    if (worker.lives !== life) return;
    worker.drawing.delete(job);
    worker.free += 1;
    worker.idleSince = this.#nowS;
    this.#idle += 1;
    this.#left -= 1;
    if (this.#waiting > 0) this.#take(worker);
  }

  #planDeath(worker: Worker): void {
    const meanS = 3600 / this.#case.deathsPerHour!;
    this.#events.push(this.#nowS + exponential(this.#fates, meanS), { kind: 'death', worker });
  }

  /** Its drawings come back when the lock, renewed some time ago, has run out and somebody looks. */
  #die(worker: Worker): void {
    this.#deaths += 1;
    worker.isDead = true;
    worker.lives += 1;
    for (const job of worker.drawing.keys()) {
      const afterS = LOCK_S + RENEW_S * (this.#fates.uniform() - this.#fates.uniform());
      this.#events.push(this.#nowS + afterS, { kind: 'returned', job });
    }
    worker.drawing.clear();
    // Hands of the dead count as busy: they draw nothing else.
    this.#idle -= worker.free;
    worker.free = 0;
    const afterS = this.#case.backAfterS ?? BACK_AFTER_S;
    this.#events.push(this.#nowS + afterS, { kind: 'birth', worker });
  }

  #revive(worker: Worker): void {
    const { hands = 1 } = worker.class;
    worker.isDead = false;
    worker.free = hands;
    worker.idleSince = this.#nowS;
    this.#idle += hands;
    this.#planDeath(worker);
    for (let hand = 0; hand < hands && this.#waiting > 0; hand++) this.#take(worker);
  }

  get #handCount(): number {
    return this.#case.classes.reduce((sum, { workers, hands = 1 }) => sum + workers * hands, 0);
  }

  #sum(): FleetRun {
    const interactive = this.#waits.interactive.filter((wait) => wait !== undefined);
    const batch = this.#waits.batch.filter((wait) => wait !== undefined);
    return {
      all: waitsOf([...interactive, ...batch]),
      interactive: waitsOf(interactive),
      batch: waitsOf(batch),
      busy: this.#busyS / (this.#nowS * this.#handCount),
      deaths: this.#deaths,
      repeated: this.#repeated,
      mostWaiting: this.#mostWaiting,
    };
  }
}

function newWorker(workerClass: WorkerClass, idleSince: number): Worker {
  const { hands = 1 } = workerClass;
  return { class: workerClass, isDead: false, free: hands, idleSince, drawing: new Map(), lives: 0 };
}

/** Mean 1. */
function logNormal(random: Random, cv: number): number {
  const variance = Math.log(1 + cv ** 2);
  return Math.exp(Math.sqrt(variance) * random.normal() - variance / 2);
}

function waitsOf(seconds: number[]): Waits {
  const sorted = Float64Array.from(seconds).sort();
  const count = sorted.length;
  return {
    jobs: count,
    meanS: count === 0 ? 0 : sorted.reduce((sum, value) => sum + value, 0) / count,
    p95S: sorted[Math.floor(0.95 * (count - 1))] ?? 0,
    mostS: sorted[count - 1] ?? 0,
  };
}
