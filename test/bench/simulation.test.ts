// The fleet in make-believe time: what is known of it exactly, and what formulas say.

import assert from 'node:assert/strict';
import { burstWait, meanWait, meanWaitOfSecond } from '../../bench/capacity/queueing.js';
import { type FleetCase, simulateFleet } from '../../bench/capacity/simulation.js';

const BASE: FleetCase = {
  arrivals: { kind: 'poisson', perS: 2.8 },
  classes: [{ workers: 4, drawMs: 1000 }],
  drawCv: 0.5,
  jobs: 100_000,
};
const LOAD = { perS: 2.8, serviceS: 1, serviceCv: 0.5 };

function assertNear(found: number, expected: number, share: number, what: string): void {
  assert.ok(Math.abs(found / expected - 1) < share, `${what}: ${found}, expected about ${expected}`);
}

describe('the simulated fleet', () => {
  it('runs the same way twice, and another way with another seed', () => {
    const short = { ...BASE, jobs: 1000 };
    assert.deepEqual(simulateFleet(short), simulateFleet(short));
    assert.notEqual(simulateFleet({ ...short, seed: 2 }).all.meanS, simulateFleet(short).all.meanS);
  });

  it('waits as long as the formula says, and is as busy', () => {
    const { all, busy } = simulateFleet(BASE);
    assertNear(busy, 0.7, 0.01, 'busy');
    assertNear(all.meanS, meanWait(4, LOAD), 0.05, 'mean wait');
  });

  it('counts hands, wherever they are, and the overhead', () => {
    const run = simulateFleet({ ...BASE, classes: [{ workers: 2, hands: 2, drawMs: 500 }], overheadMs: 500 });
    assertNear(run.busy, 0.7, 0.01, 'busy');
    assertNear(run.all.meanS, meanWait(4, { ...LOAD, serviceCv: 0.25 }), 0.06, 'mean wait');
  });

  it('lets interactive jobs go first', () => {
    const run = simulateFleet({ ...BASE, batchShare: 0.5 });
    const load = { ...LOAD, firstShare: 0.5 };
    assertNear(run.interactive.meanS, meanWait(4, load), 0.15, 'interactive');
    assertNear(run.batch.meanS, meanWaitOfSecond(4, load), 0.08, 'batch');
  });

  it('waits longer where bursts are more than the fleet can do', () => {
    const arrivals = { kind: 'bursts', perS: 2.4, onS: 30, offS: 60 } as const;
    const run = simulateFleet({ ...BASE, arrivals, jobs: 300_000 });
    assertNear(run.all.meanS, burstWait(4, { ...LOAD, ...arrivals }, 0.95).meanS, 0.15, 'mean wait');
  });

  it('takes cameras that fire together one after the other', () => {
    const arrivals = { kind: 'timers', sources: 40, periodS: 60, spreadS: 0 } as const;
    const { all } = simulateFleet({ ...BASE, arrivals, drawCv: 0, jobs: 4000 });
    // Ten rounds of four: 0 to 9 s.
    assertNear(all.meanS, 4.5, 0.01, 'mean wait');
    assertNear(all.mostS, 9, 0.01, 'longest wait');
  });

  it('gives a style that few workers have to those only', () => {
    const classes = [
      { workers: 3, drawMs: 1000, lanes: [0] },
      { workers: 1, drawMs: 1000, lanes: [1] },
    ];
    const run = simulateFleet({ ...BASE, classes, laneShares: [0.75, 0.25] });
    const alone = meanWait(1, { ...LOAD, perS: 0.7 });
    const others = meanWait(3, { ...LOAD, perS: 2.1 });
    assertNear(run.all.meanS, 0.25 * alone + 0.75 * others, 0.08, 'mean wait');
  });

  it('draws again what a dead worker had, after its lock has run out', () => {
    const run = simulateFleet({ ...BASE, deathsPerHour: 20, backAfterS: 5 });
    assert.ok(run.deaths > 0);
    // A worker that dies draws seven times out of ten.
    assertNear(run.repeated / run.deaths, 0.75, 0.15, 'drawings begun again for each death');
    assert.ok(run.all.mostS > 10);
    assert.equal(run.all.jobs, BASE.jobs);
  });
});
