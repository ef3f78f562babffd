// How a queue stands, as people read it: a few lines, a row for each lane, a row for each worker.

import type { FleetStatus, LaneStatus } from '../../bridge/fleet/census.js';
import type { WorkerCard } from '../../bridge/fleet/needs.js';
import { minute, seconds, size, table } from '../terminal/wording.js';

/** All of it. */
export function describeStatus(status: FleetStatus): string {
  return [table(summary(status)), lanes(status), workers(status.workers)].join('\n\n');
}

function summary({ hasBridge, closedSince, lately, redis }: FleetStatus): string[][] {
  const { usedBytes, maxBytes } = redis;
  const used = usedBytes === undefined ? 'does not say' : size(usedBytes);
  const reopen = 'nigaoe queue drain --open takes them again';
  return [
    ['Bridge', hasBridge ? 'runs' : 'none runs'],
    ['Orders', closedSince === undefined ? 'taken' : `refused since ${minute(closedSince)} (${reopen})`],
    ['Lately', pace(lately)],
    ['Redis', maxBytes === undefined ? used : `${used} of ${size(maxBytes)}`],
  ];
}

function pace({ windowMs, done, failed }: FleetStatus['lately']): string {
  const minutes = windowMs / 60_000;
  return `${done} drawn, ${failed} failed in ${minutes} min; ${(done / minutes).toFixed(1)} drawn a minute`;
}

function lanes({ lanes, totals }: FleetStatus): string {
  if (lanes.length === 0) return 'Nothing was ever ordered.';
  const header = ['LANE', 'WAITING', 'DRAWN NOW', 'DONE', 'FAILED', 'WAITING SINCE'];
  const sum = lanes.length === 1 ? [] : [row({ lane: 'all', ...totals })];
  return table([header, ...lanes.map(row), ...sum]);
}

function row({ lane, waiting, active, done, failed, oldestMs }: LaneStatus): string[] {
  const since = oldestMs === undefined ? '' : seconds(oldestMs);
  return [lane, ...[waiting, active, done, failed].map(String), since];
}

function workers(cards: readonly WorkerCard[]): string {
  if (cards.length === 0) return 'No worker is connected: start one with `nigaoe worker`.';
  const header = ['WORKER', 'VERSION', 'BUSY', 'DEVICES', 'STYLES AND NETWORKS', ''];
  return table([header, ...cards.map(workerRow)]);
}

const workerRow = ({
  host,
  pid,
  version,
  busy,
  hands,
  devices,
  models,
  isDraining,
}: WorkerCard): string[] => [
  `${host}:${pid}`,
  version,
  `${busy} of ${hands}`,
  devices.join(', '),
  few(Object.keys(models).sort()),
  isDraining ? 'finishes and leaves' : '',
];

/** A worker may have dozens. */
const NAMED = 6;
const few = (names: readonly string[]): string =>
  names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
