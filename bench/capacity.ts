// How many workers a fleet needs, how long jobs wait, and what that asks of Redis and the bridge: by formula, and by a simulation of
// the same fleet. Nothing is drawn, and no Redis is needed.
// Run: npm run bench:capacity
// With `measure`, a redis-server of this machine is asked what bench/capacity/costs.ts tells of another: npm run bench:capacity -- measure

import { hasRedis, RedisServer } from '../test/bridge/fleet/redis.js';
import { type Arrivals, rateOf } from './capacity/arrivals.js';
import { budgetOf, limitsOf, type Plan } from './capacity/budget.js';
import { MEASURED } from './capacity/costs.js';
import { measureIdle, measureJobs, measureLine, measureRoster } from './capacity/measured.js';
import {
  burstWait,
  handsFor,
  handsForBursts,
  handsForVolleys,
  type Load,
  leastHands,
  meanWait,
  meanWaitOfSecond,
  offeredLoad,
  predictThroughput,
  waitQuantile,
} from './capacity/queueing.js';
import { type FleetCase, simulateFleet } from './capacity/simulation.js';

/** Drawing times vary by this much, deviation over mean. An assumption: photos of one camera vary less, photos of everybody more. */
const DRAW_CV = 0.5;
const DEVICES = { 'Raspberry Pi': 5_000, desktop: 1_200, 'graphics card': 80 } as const;
/** No fleet should be planned busier: it would not catch up after a death. */
const MOST_BUSY = 0.9;
const { overheadMs } = MEASURED;
const DAY_S = 86_400;
/** Runs of the simulation that differ by chance alone: how far they are apart tells how good it is. */
const SEEDS = [1, 2, 3, 4];

function tell(): void {
  console.log(
    `Drawing times are log-normal, ${DRAW_CV} of the mean apart; ${overheadMs} ms a job besides.\n`,
  );
  compareWaits();
  compareOthers();
  planFleets();
  spendBudgets();
  findLimits();
}

/** One lane, arrivals one by one. */
function compareWaits(): void {
  const rows: string[][] = [];
  for (const busy of [0.5, 0.7, 0.9])
    for (const workers of [1, 2, 4, 8, 16]) {
      const load = loadOf(DEVICES.desktop, (busy * workers) / serviceS(DEVICES.desktop));
      const runs = SEEDS.map(
        (seed) =>
          simulate({ arrivals: { kind: 'poisson', perS: load.perS }, workers, jobs: 100_000, seed }).all,
      );
      const [means, quantiles] = [runs.map(({ meanS }) => meanS), runs.map(({ p95S }) => p95S)];
      rows.push([
        ...[`${workers}`, percent(busy), s(meanWait(workers, load)), s(meanOf(means)), spread(means)],
        ...[s(waitQuantile(workers, load, 0.95)), s(meanOf(quantiles))],
      ]);
    }
  table(
    'Waiting for workers that take 1.2 s',
    ['workers', 'busy', 'mean, formula', 'mean, simulated', 'four runs', '95 %, formula', '95 %, simulated'],
    rows,
  );
}

/** What formulas know less of. */
function compareOthers(): void {
  const [workers, busy] = [8, 0.7];
  const load = loadOf(DEVICES.desktop, (busy * workers) / serviceS(DEVICES.desktop));
  const bursts = { perS: load.perS, onS: 30, offS: 60 };
  const poisson: Arrivals = { kind: 'poisson', perS: load.perS };
  const plain = { arrivals: poisson, workers, jobs: 300_000 };
  const first = { ...load, firstShare: 0.7 };
  const mixed = [
    { workers: 4, drawMs: DEVICES['Raspberry Pi'] },
    { workers: 2, drawMs: DEVICES.desktop },
    { workers: 1, drawMs: DEVICES['graphics card'] },
  ];
  const rows: string[][] = [];
  const add = (what: string, means: [formula: number | undefined, simulated: number], p95S: number) =>
    rows.push([what, means[0] === undefined ? '' : s(means[0]), s(means[1]), s(p95S)]);
  const alike = simulate(plain).all;
  add('all alike', [meanWait(workers, load), alike.meanS], alike.p95S);
  const classes = simulate({ ...plain, batchShare: 0.3 });
  add(
    '30 % batch: interactive',
    [meanWait(workers, first), classes.interactive.meanS],
    classes.interactive.p95S,
  );
  add('30 % batch: batch', [meanWaitOfSecond(workers, first), classes.batch.meanS], classes.batch.p95S);
  const burst = simulate({ ...plain, arrivals: { kind: 'bursts', ...bursts } }).all;
  add(
    'bursts, 30 s on and 60 s off',
    [burstWait(workers, { ...load, ...bursts }, 0.95).meanS, burst.meanS],
    burst.p95S,
  );
  const lanes = simulateFleet({
    ...{ arrivals: poisson, drawCv: DRAW_CV, overheadMs, laneShares: [0.75, 0.25], jobs: 300_000 },
    classes: [
      { workers: 6, drawMs: DEVICES.desktop, lanes: [0] },
      { workers: 2, drawMs: DEVICES.desktop, lanes: [0, 1] },
    ],
  }).all;
  add('a quarter in a style that 2 of 8 have', [undefined, lanes.meanS], lanes.p95S);
  const dying = simulate({ ...plain, deathsPerHour: 6 }).all;
  add('each worker dies 6 times an hour, back after 30 s', [undefined, dying.meanS], dying.p95S);
  const perS = 0.7 * mixed.reduce((sum, each) => sum + each.workers / serviceS(each.drawMs), 0);
  const various = simulateFleet({
    arrivals: { kind: 'poisson', perS },
    drawCv: DRAW_CV,
    overheadMs,
    classes: mixed,
    jobs: 300_000,
  });
  add('4 Raspberry Pis, 2 desktops, a graphics card', [undefined, various.all.meanS], various.all.p95S);
  table(
    'Eight workers that take 1.2 s, 70 % busy',
    ['', 'mean, formula', 'mean, simulated', '95 %, simulated'],
    rows,
  );
}

interface Wish {
  name: string;
  arrivals: Arrivals;
  /** What 95 % of the interactive jobs wait less than. */
  withinS: number;
  batchShare?: number;
}

const WISHES: readonly Wish[] = [
  { name: 'household', arrivals: { kind: 'timers', sources: 3, periodS: 60, spreadS: 60 }, withinS: 10 },
  {
    name: 'studio',
    arrivals: { kind: 'bursts', perS: 20 / 60, onS: 60, offS: 120 },
    withinS: 5,
    batchShare: 0.3,
  },
  {
    name: '500 cameras, spread',
    arrivals: { kind: 'timers', sources: 500, periodS: 60, spreadS: 60 },
    withinS: 10,
  },
  {
    name: '500 cameras, on the minute',
    arrivals: { kind: 'timers', sources: 500, periodS: 60, spreadS: 2 },
    withinS: 10,
  },
  { name: 'a million a day, even', arrivals: { kind: 'poisson', perS: 1e6 / DAY_S }, withinS: 10 },
  { name: 'a million a day, hour of 3 x', arrivals: { kind: 'poisson', perS: 3e6 / DAY_S }, withinS: 10 },
];

function planFleets(): void {
  const rows: string[][] = [];
  for (const wish of WISHES)
    for (const [device, drawMs] of Object.entries(DEVICES)) {
      const byFormula = formulaFor(wish, drawMs);
      const { workers, run } = searchFleet(wish, drawMs);
      rows.push([
        ...[wish.name, rateOf(wish.arrivals).toFixed(2), `${wish.withinS} s`, device],
        ...[offeredLoad(loadOf(drawMs, rateOf(wish.arrivals))).toFixed(2), `${byFormula}`, `${workers}`],
        ...[s(run.interactive.meanS), s(run.interactive.p95S)],
      ]);
    }
  table(
    `Workers, at most ${percent(MOST_BUSY)} busy, so that 95 % of the interactive jobs wait less than`,
    ['', 'jobs/s', 'wait', 'worker', 'erlang', 'by formula', 'by simulation', 'mean wait', '95 % wait'],
    rows,
  );
}

function formulaFor({ arrivals, withinS, batchShare = 0 }: Wish, drawMs: number): number {
  const load = { ...loadOf(drawMs, rateOf(arrivals)), firstShare: 1 - batchShare };
  if (arrivals.kind === 'bursts')
    return handsForBursts({ ...load, ...arrivals }, { withinS, mostBusy: MOST_BUSY });
  if (arrivals.kind === 'timers' && arrivals.spreadS < arrivals.periodS)
    return handsForVolleys({ ...arrivals, serviceS: load.serviceS }, { withinS, mostBusy: MOST_BUSY });
  return handsFor(load, { withinS, mostBusy: MOST_BUSY });
}

/** The fewest workers that do it in the simulation. */
function searchFleet(wish: Wish, drawMs: number) {
  const { arrivals, withinS, batchShare = 0 } = wish;
  const run = (workers: number) => simulate({ arrivals, workers, drawMs, batchShare, jobs: 30_000 });
  let few = leastHands(loadOf(drawMs, rateOf(arrivals)), MOST_BUSY) - 1;
  let many = Math.max(few + 1, formulaFor(wish, drawMs));
  while (run(many).interactive.p95S >= withinS) many += 1;
  while (many - few > 1) {
    const middle = Math.floor((few + many) / 2);
    if (run(middle).interactive.p95S < withinS) many = middle;
    else few = middle;
  }
  return { workers: many, run: run(many) };
}

const PLANS: readonly (Plan & { name: string })[] = [
  { name: '500 cameras, 60 desktops', workers: 60, lanes: 3, perS: 500 / 60, drawS: 1.2 },
  ...[
    { name: 'a million a day, 4 graphics cards', workers: 4, lanes: 3, drawS: 0.08 },
    { name: 'the same, 60 desktops', workers: 60, lanes: 3, drawS: 1.2 },
    { name: 'the same, 200 Raspberry Pis', workers: 200, lanes: 3, drawS: 5 },
    { name: 'the same, 1,000 workers of 60 s, 1 lane', workers: 1000, lanes: 1, drawS: 60 },
    { name: 'the same, 1,000 workers of 60 s, 8 lanes', workers: 1000, lanes: 8, drawS: 60 },
    {
      name: 'the same, 1,000 workers of 60 s, 8 lanes, folder',
      workers: 1000,
      lanes: 8,
      drawS: 60,
      hasFolder: true,
    },
    { name: 'the same, 1,000 workers of 5 s, 8 lanes', workers: 1000, lanes: 8, drawS: 5 },
  ].map((plan) => ({ ...plan, perS: 1e6 / DAY_S })),
  { name: '1,000 workers that wait, 1 lane', workers: 1000, lanes: 1, perS: 0, drawS: 5 },
  { name: '1,000 workers that wait, 8 lanes', workers: 1000, lanes: 8, perS: 0, drawS: 5 },
];

function spendBudgets(): void {
  const rows = PLANS.map(({ name, ...plan }) => {
    const budget = budgetOf(plan);
    return [
      ...[
        name,
        percent(budget.busy),
        budget.inMB.toFixed(1),
        budget.outMB.toFixed(1),
        budget.rosterMB.toFixed(1),
      ],
      ...[
        thousands(budget.commandsPerS),
        percent(budget.idleCommands),
        percent(budget.redis),
        percent(budget.bridge),
      ],
      ...[thousands(budget.connections), thousands(budget.memoryMB), thousands(budget.diskGBPerDay)],
    ];
  });
  table(
    `What they ask of Redis and the bridge, with ${MEASURED.photoBytes / 1e6} MB in and ${MEASURED.pictureBytes / 1e6} MB out`,
    [
      ...[
        '',
        'busy',
        'MB/s in',
        'MB/s out',
        'of it cards',
        'commands/s',
        'of idle workers',
        'Redis',
        'bridge',
      ],
      ...['connections', 'MB in Redis', 'GB a day to disk'],
    ],
    rows,
  );
}

function findLimits(): void {
  const rows: string[][] = [];
  for (const [name, plan] of Object.entries({
    '4 graphics cards': { workers: 4, lanes: 3, drawS: 0.08 },
    '200 Raspberry Pis': { workers: 200, lanes: 3, drawS: 5 },
    '1,000 workers of 5 s, 8 lanes': { workers: 1000, lanes: 8, drawS: 5 },
    'the same with 4,000 jobs that wait': { workers: 1000, lanes: 8, drawS: 5, waiting: 4_000 },
    'the same, photos in a folder': { workers: 1000, lanes: 8, drawS: 5, hasFolder: true },
  }))
    rows.push([name, ...limitsOf(plan).map(({ what, perS }) => `${perS.toFixed(0)}: ${what}`)]);
  table('Jobs a second at which something is full', ['', 'first', 'second', 'third', 'fourth'], rows);
  const most = [1, 2, 4, 8, 16, 64, 256].map((workers) => {
    const perS = predictThroughput({
      workers,
      hands: 1,
      drawMs: 1200,
      overheadMs,
      serialMs: MEASURED.bridgeMs,
    });
    return [`${workers}`, perS.toFixed(2), (perS / (workers / serviceS(1200))).toFixed(2)];
  });
  table(
    'Pictures a second where jobs always wait, workers of 1.2 s',
    ['workers', 'jobs/s', 'of linear'],
    most,
  );
}

/** Against a redis-server here. */
async function measure(): Promise<void> {
  if (!hasRedis()) throw new Error('Expected the program redis-server but it is not there');
  const server = await RedisServer.start();
  const { photoBytes, pictureBytes } = MEASURED;
  const styles = (count: number) => Array.from({ length: count }, (_, at) => `style-${at}`);
  try {
    for (const [name, jobs, sizes] of [
      ['1 kB in and out', 400, { photoBytes: 1000, pictureBytes: 1000 }],
      ['1 MB in, 0.8 MB out', 200, { photoBytes, pictureBytes }],
    ] as const) {
      const { overheadMs: ms, redisMs, bridgeMs, networkBytes } = await measureJobs(server, jobs, sizes);
      const through = `${thousands(networkBytes.in / 1000)} kB in, ${thousands(networkBytes.out / 1000)} kB out`;
      console.log(
        `${name}: a hand is kept ${f(ms)} ms; processors: Redis ${f(redisMs)} ms, bridge ${f(bridgeMs)} ms; ${through}`,
      );
    }
    for (const lanes of [1, 4, 8])
      console.log(
        `a waiting worker of ${lanes} lanes: ${f(await measureIdle(server, 20, styles(lanes)))} ms of Redis a second`,
      );
    const roster = await measureRoster(server, 1000, styles(16));
    console.log(
      `roster of ${roster.found}: ${f(roster.ms)} ms, ${f(roster.cpuMs)} ms of the bridge, ${thousands(roster.bytes / 1000)} kB`,
    );
  } finally {
    await server.close();
  }
  for (const length of [1000, 10_000]) {
    const { bytesEach, freshBytesEach, takeMs } = measureLine(length);
    const kept = `${thousands(bytesEach)} bytes each (${thousands(freshBytesEach)} at first)`;
    console.log(`line of ${thousands(length)}: ${kept}; ${f(takeMs)} ms when one is taken`);
  }
}

function simulate({
  workers,
  drawMs = DEVICES.desktop,
  ...rest
}: Omit<FleetCase, 'classes'> & { workers: number; drawMs?: number }) {
  return simulateFleet({ drawCv: DRAW_CV, overheadMs, classes: [{ workers, drawMs }], ...rest });
}

function loadOf(drawMs: number, perS: number): Load {
  return { perS, serviceS: serviceS(drawMs), serviceCv: (DRAW_CV * drawMs) / (drawMs + overheadMs) };
}

function serviceS(drawMs: number): number {
  return (drawMs + overheadMs) / 1000;
}

function table(title: string, head: string[], rows: string[][]): void {
  const lines = [head, head.map(() => '-'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  console.log(`${title}\n\n${lines.join('\n')}\n`);
}

function s(seconds: number): string {
  if (seconds < 0.1) return `${(1000 * seconds).toFixed(0)} ms`;
  return `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;
}

function f(ms: number): string {
  return ms.toFixed(ms < 1 ? 2 : 1);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spread(seconds: readonly number[]): string {
  return `${s(Math.min(...seconds))} to ${s(Math.max(...seconds))}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

if (process.argv.includes('measure')) await measure();
else tell();
