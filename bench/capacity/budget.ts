// What a fleet takes of the machines between its clients and its workers.

import { MEASURED } from './costs.js';
import {
  bytesThroughRedis,
  commandsOfBridge,
  commandsOfBusyWorker,
  commandsOfChecks,
  commandsOfIdleBridge,
  commandsOfIdleWorker,
  commandsOfWorker,
  connectionsOfBridge,
  connectionsOfWorker,
} from './redis-costs.js';

export interface Plan {
  workers: number;
  lanes: number;
  /** Jobs a second. */
  perS: number;
  drawS: number;
  /** Jobs that wait on average. Default 0. */
  waiting?: number;
  /** Whether pictures go through a folder instead of Redis. Default false. */
  hasFolder?: boolean;
}

export interface Budget {
  /** Share of the workers that draw. */
  busy: number;
  /** Megabytes a second into Redis and out of it; `rosterMB` of what goes out are cards of workers. */
  inMB: number;
  outMB: number;
  rosterMB: number;
  commandsPerS: number;
  /** Share of them that waiting workers send. */
  idleCommands: number;
  /** Shares of one core. */
  redis: number;
  bridge: number;
  connections: number;
  /** Megabytes in Redis: photos that wait or are drawn, pictures that are kept. */
  memoryMB: number;
  /** Gigabytes a day that Redis appends to its file. */
  diskGBPerDay: number;
}

/** Of each photo that is drawn, before its first progress: the reports of a whole photo in style ink. */
export const NEWS = 7;
/** shared/bridge/jobs/limits.ts, and shared/bridge/fleet/open.ts. */
const KEPT_S = 600;
const KEPT_MB = (4 * 2 ** 30) / 1e6;
/** shared/bridge/fleet/roster.ts */
/** Orders that come closer than a quarter of a second share what was read. */
const READS_PER_S = 4;
const ROSTER_PER_S = 1 / 2;

export function budgetOf(plan: Plan): Budget {
  const { workers, lanes, perS, drawS, hasFolder = false } = plan;
  const busy = Math.min(1, (perS * (drawS + MEASURED.overheadMs / 1000)) / workers);
  const waits = (1 - busy) * workers;
  const use = { lanes, drawS, news: NEWS, isIdle: busy < 0.95 };
  const idlePerS = waits * commandsOfIdleWorker(use);
  const jobsPerS = perS * (commandsOfBridge(use) + commandsOfWorker(use));
  const checksPerS = commandsOfChecks({ drawn: busy * workers, waiting: plan.waiting ?? 0 });
  const othersPerS = busy * workers * commandsOfBusyWorker(use) + commandsOfIdleBridge(use) + checksPerS;
  const commandsPerS = idlePerS + jobsPerS + othersPerS;
  const through = hasFolder ? { in: 0, out: 0 } : bytesThroughRedis(MEASURED);
  const rosterMB = ((Math.min(perS, READS_PER_S) + ROSTER_PER_S) * workers * MEASURED.cardBytes) / 1e6;
  return {
    ...{ busy, rosterMB, commandsPerS, idleCommands: idlePerS / commandsPerS },
    inMB: (perS * through.in) / 1e6,
    outMB: (perS * through.out) / 1e6 + rosterMB,
    redis: redisShare(plan, waits),
    bridge: bridgeShare(plan),
    connections: workers * connectionsOfWorker(use) + connectionsOfBridge(use),
    memoryMB: hasFolder ? 0 : memoryOf(plan),
    diskGBPerDay: (perS * through.in * 86_400) / 1e9,
  };
}

function redisShare({ perS, lanes, hasFolder }: Plan, waits: number): number {
  const { redisMs, redisSmallMs, idleWorkerMs, idleLaneMs } = MEASURED;
  return (perS * (hasFolder ? redisSmallMs : redisMs) + waits * (idleWorkerMs + lanes * idleLaneMs)) / 1000;
}

/** Without HTTP. */
function bridgeShare({ perS, workers, waiting = 0, hasFolder }: Plan): number {
  const { bridgeMs, bridgeSmallMs, cardMs, movedMs } = MEASURED;
  const roster = (Math.min(perS, READS_PER_S) + ROSTER_PER_S) * workers * cardMs;
  return (perS * ((hasFolder ? bridgeSmallMs : bridgeMs) + waiting * movedMs) + roster) / 1000;
}

function memoryOf({ perS, drawS, waiting = 0 }: Plan): number {
  const { photoBytes, pictureBytes } = MEASURED;
  const photos = ((waiting + perS * drawS) * photoBytes) / 1e6;
  return photos + Math.min(KEPT_MB, (perS * KEPT_S * pictureBytes) / 1e6);
}

/** Where the first thing is full, for workers so many: jobs a second for each, the least first. */
export function limitsOf(plan: Omit<Plan, 'perS'>): { what: string; perS: number }[] {
  const at = (perS: number) => budgetOf({ ...plan, perS });
  const solve = (full: (budget: Budget) => boolean) => {
    let [low, high] = [0, 1e6];
    while (high - low > 0.01) {
      const middle = (low + high) / 2;
      if (full(at(middle))) high = middle;
      else low = middle;
    }
    return low;
  };
  return [
    { what: 'the workers draw all the time', perS: plan.workers / (plan.drawS + MEASURED.overheadMs / 1000) },
    { what: 'the thread of the bridge, without HTTP, 80 %', perS: solve(({ bridge }) => bridge > 0.8) },
    { what: 'the thread of Redis, 80 %', perS: solve(({ redis }) => redis > 0.8) },
    { what: 'a network of 1 Gbit/s out of Redis, 80 %', perS: solve(({ outMB }) => outMB > 100) },
  ].sort((a, b) => a.perS - b.perS);
}
