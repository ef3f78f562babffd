// How a queue in Redis stands: counted in Redis, without a bridge and beside one that runs.

import type { Connection } from './engine.js';
import { closedSince } from './gate.js';
import type { Keys } from './keys.js';
import type { WorkerCard } from './needs.js';
import { Roster } from './roster.js';

/** Drawings by where they are. */
export interface Counts {
  waiting: number;
  active: number;
  /** Of those that the bridge still keeps. */
  done: number;
  /** What was given up, and what failed for its photo or options as long as the bridge keeps it. */
  failed: number;
}

export interface LaneStatus extends Counts {
  lane: string;
  /** Since the drawing was ordered that waits longest; undefined where none waits. */
  oldestMs?: number;
}

export interface FleetStatus {
  /** By name. */
  lanes: LaneStatus[];
  totals: Counts;
  /** What ended in the last while. */
  lately: { windowMs: number; done: number; failed: number };
  workers: readonly WorkerCard[];
  /** Whether a bridge keeps the books. */
  hasBridge: boolean;
  /** Since when no new orders are taken, ISO 8601 in UTC; undefined where they are. */
  closedSince?: string;
  /** Undefined where Redis does not say; `maxBytes` too where there is no limit. */
  redis: { usedBytes?: number; maxBytes?: number };
}

export const WINDOW_MS = 5 * 60_000;

/** Counts everything. */
export async function takeCensus(redis: Connection, keys: Keys): Promise<FleetStatus> {
  const [counted, workers, hasBridge, closed, memory] = await Promise.all([
    countLanes(redis, keys),
    new Roster(redis, keys).read(),
    redis.exists(keys.bridge),
    closedSince(redis, keys),
    readMemory(redis),
  ]);
  const sum = (field: keyof Counted) => counted.reduce((total, lane) => total + (lane[field] as number), 0);
  return {
    lanes: counted.map(({ lately: _, latelyFailed: __, ...lane }) => lane),
    totals: { waiting: sum('waiting'), active: sum('active'), done: sum('done'), failed: sum('failed') },
    lately: { windowMs: WINDOW_MS, done: sum('lately'), failed: sum('latelyFailed') },
    workers: [...workers].sort((a, b) => a.host.localeCompare(b.host) || a.id.localeCompare(b.id)),
    hasBridge: hasBridge === 1,
    ...(closed === undefined ? {} : { closedSince: closed }),
    redis: memory,
  };
}

interface Counted extends LaneStatus {
  lately: number;
  latelyFailed: number;
}

/** All lanes at the same moment, so that a drawing on its way from one state to the next is counted once. */
async function countLanes(redis: Connection, keys: Keys): Promise<Counted[]> {
  const lanes = (await redis.hkeys(keys.laneNeeds)).sort();
  if (lanes.length === 0) return [];
  const nowMs = Date.now();
  const asked = redis.multi();
  for (const lane of lanes) ask(asked, `${keys.lanes}:${lane}`, nowMs - WINDOW_MS);
  const answers = ((await asked.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
  const each = answers.length / lanes.length;
  return lanes.map((lane, at) => countedOf(lane, answers.slice(at * each, (at + 1) * each), nowMs));
}

/** The keys are BullMQ's. What came back from a worker that died waits in `wait`, everything else by its rank. */
function ask(asked: ReturnType<Connection['multi']>, base: string, sinceMs: number): void {
  asked.llen(`${base}:wait`).zcard(`${base}:prioritized`).llen(`${base}:active`);
  asked.zcard(`${base}:completed`).zcard(`${base}:failed`);
  asked.zcount(`${base}:completed`, sinceMs, '+inf').zcount(`${base}:failed`, sinceMs, '+inf');
  const ordered = `${base}:*->timestamp`;
  for (const line of ['wait', 'prioritized'])
    asked.sort(`${base}:${line}`, 'BY', ordered, 'LIMIT', 0, 1, 'GET', ordered);
}

function countedOf(lane: string, answers: readonly unknown[], nowMs: number): Counted {
  const [wait, prioritized, active, done, failed, lately, latelyFailed] = answers.slice(0, 7) as number[];
  const oldest = (answers.slice(7) as (string | null)[][])
    .flat()
    .flatMap((text) => (text === null ? [] : +text));
  return {
    ...{ lane, waiting: wait + prioritized, active, done, failed, lately, latelyFailed },
    // Never below 0: the bridge that took the order goes by a clock of its own.
    ...(oldest.length === 0 ? {} : { oldestMs: Math.max(0, nowMs - Math.min(...oldest)) }),
  };
}

/** Some who run a Redis for others forbid to ask. */
async function readMemory(redis: Connection): Promise<FleetStatus['redis']> {
  const text = await redis.info('memory').catch(() => '');
  const read = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const [usedBytes, maxBytes] = [read('used_memory'), read('maxmemory')];
  return { ...(usedBytes > 0 ? { usedBytes } : {}), ...(maxBytes > 0 ? { maxBytes } : {}) };
}
