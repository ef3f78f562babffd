// The formulas of waiting: against tables, against cases that are known exactly, and against the simulation.

import assert from 'node:assert/strict';
import {
  burstWait,
  erlangC,
  handsFor,
  handsForVolleys,
  meanWait,
  meanWaitOfSecond,
  predictThroughput,
  waitQuantile,
  workersFor,
} from '../../bench/capacity/queueing.js';

describe('the formulas of waiting', () => {
  it('agree with the tables of Erlang C', () => {
    const table: [hands: number, load: number, waits: number][] = [
      [1, 0.5, 0.5],
      [2, 1, 1 / 3],
      [3, 2, 4 / 9],
      [5, 4, 0.5541],
      [10, 8, 0.4092],
    ];
    for (const [hands, load, waits] of table)
      assert.ok(Math.abs(erlangC(hands, load) - waits) < 5e-5, `${hands} hands, ${load} erlang`);
  });

  it('hold for a thousand hands, where factorials overflow', () => {
    assert.ok(erlangC(1000, 950) > 0 && erlangC(1000, 950) < 0.2);
    assert.equal(erlangC(1000, 1000), 1);
  });

  it('give the known waits of one hand', () => {
    const load = { perS: 0.5, serviceS: 1 };
    assert.equal(meanWait(1, load), 1);
    // Pollaczek and Khinchin: half as long where all drawings take the same time.
    assert.equal(meanWait(1, { ...load, serviceCv: 0 }), 0.5);
    // P(W > t) = 0.5 exp(-0.5 t)
    assert.ok(Math.abs(waitQuantile(1, load, 0.95) - Math.log(10) / 0.5) < 1e-9);
    assert.equal(meanWait(1, { perS: 2, serviceS: 1 }), Number.POSITIVE_INFINITY);
  });

  it('keep the sum of the waits when some jobs go before others', () => {
    const load = { perS: 3, serviceS: 1 };
    const classes = { ...load, firstShare: 0.4 };
    const mean = 0.4 * meanWait(4, classes) + 0.6 * meanWaitOfSecond(4, classes);
    assert.ok(Math.abs(mean - meanWait(4, load)) < 1e-9);
  });

  it('find the fewest hands for a wait', () => {
    const load = { perS: 8, serviceS: 1 };
    const hands = handsFor(load, { withinS: 1 });
    assert.ok(waitQuantile(hands, load, 0.95) < 1);
    assert.ok(waitQuantile(hands - 1, load, 0.95) >= 1);
    assert.equal(workersFor(load, { withinS: 1 }, 4), Math.ceil(hands / 4));
    assert.ok(handsFor(load, { withinS: 100, mostBusy: 0.5 }) > 16);
  });

  it('let bursts wait for as long as the line they leave, and volleys until they are drawn', () => {
    const bursts = { perS: 1, serviceS: 1, onS: 30, offS: 60 };
    const few = burstWait(2, bursts, 0.95);
    // z = 1/30/(3 - 2) - 1/60/2 = 1/40 a job
    assert.ok(Math.abs(few.meanS - 20) < 1e-9);
    assert.ok(burstWait(4, bursts, 0.95).meanS < 1);
    const volleys = { sources: 100, periodS: 60, spreadS: 0, serviceS: 1 };
    assert.equal(handsForVolleys(volleys, { withinS: 10 }), 10);
  });

  it('predict throughput: linear first, then what is done one after the other', () => {
    const fleet = { hands: 1, drawMs: 90, overheadMs: 10 };
    assert.ok(Math.abs(predictThroughput({ ...fleet, workers: 4 }) - 40) < 1e-9);
    const bent = predictThroughput({ ...fleet, workers: 100, serialMs: 5 });
    assert.ok(bent > 195 && bent <= 200, `${bent}`);
  });
});
