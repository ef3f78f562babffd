// The waiting line of nigaoe-stylize under its three policies, and the desk that draws from it.

import assert from 'node:assert/strict';
import { setImmediate as tick } from 'node:timers/promises';
import { Desk, type GivenUp } from '../../node-red-node/stylize/desk.js';
import { FrameLine, POLICIES, type Policy } from '../../node-red-node/stylize/frame-line.js';

const MOST = 3;
const BOUNDS: Record<Policy, number> = { queue: MOST, newest: 1, drop: 0 };

for (const policy of POLICIES)
  describe(`the waiting line of nigaoe-stylize with policy ${policy}`, () => {
    const lineOf = (frames: number) => {
      const line = new FrameLine<number>(policy, MOST);
      const left = Array.from({ length: frames }, (_, frame) => line.add(frame)).filter(isNumber);
      return { line, left };
    };

    it('never holds more than its bound', () => {
      const line = new FrameLine<number>(policy, MOST);
      for (let frame = 0; frame < 200; frame++) {
        line.add(frame);
        assert.ok(line.length <= BOUNDS[policy], `${line.length} wait`);
      }
      assert.equal(line.length, BOUNDS[policy]);
    });

    it('gives each frame back exactly once', () => {
      const { line, left } = lineOf(10);
      const turn = line.next();
      const all = [...left, ...(turn === undefined ? [] : [turn]), ...line.clear()];
      assert.deepEqual(
        all.sort((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      );
    });

    it('keeps the order in which frames came', () => {
      const { line } = lineOf(10);
      const waited = line.clear();
      assert.deepEqual(
        waited,
        [...waited].sort((a, b) => a - b),
      );
    });

    it('is empty after it was cleared', () => {
      const { line } = lineOf(10);
      line.clear();
      assert.equal(line.length, 0);
      assert.equal(line.next(), undefined);
    });
  });

describe('what waits in the line of nigaoe-stylize', () => {
  const waiting = (policy: Policy) => {
    const line = new FrameLine<number>(policy, MOST);
    for (let frame = 0; frame < 10; frame++) line.add(frame);
    return line.clear();
  };

  it('is the first ones with policy queue', () => assert.deepEqual(waiting('queue'), [0, 1, 2]));
  it('is the newest with policy newest', () => assert.deepEqual(waiting('newest'), [9]));
  it('is nothing with policy drop', () => assert.deepEqual(waiting('drop'), []));
});

describe('the desk of nigaoe-stylize', () => {
  const rig = (policy: Policy = 'queue') => {
    const begun: { frame: number; signal: AbortSignal; end: () => void }[] = [];
    const givenUp: [number, GivenUp][] = [];
    const desk = new Desk<number>(new FrameLine(policy, MOST), {
      draw: (frame, signal) =>
        new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve());
          begun.push({ frame, signal, end: resolve });
        }),
      giveUp: (frame, why) => givenUp.push([frame, why]),
    });
    return { desk, begun, givenUp };
  };

  it('draws one frame at a time, in order', async () => {
    const { desk, begun } = rig();
    for (const frame of [1, 2, 3]) desk.take(frame);
    assert.deepEqual(
      begun.map(({ frame }) => frame),
      [1],
    );
    for (let turn = 0; turn < 3; turn++) {
      begun[turn].end();
      await tick();
    }
    assert.deepEqual(
      begun.map(({ frame }) => frame),
      [1, 2, 3],
    );
    assert.equal(desk.isDrawing, false);
  });

  it('goes on with the next one after a drawing was cancelled', async () => {
    const { desk, begun, givenUp } = rig();
    for (const frame of [1, 2]) desk.take(frame);
    desk.cancel();
    await tick();
    assert.deepEqual(
      begun.map(({ frame, signal }) => [frame, signal.aborted]),
      [
        [1, true],
        [2, false],
      ],
    );
    assert.deepEqual(givenUp, []);
  });

  it('gives everything up when it is reset, and takes what comes then', async () => {
    const { desk, begun, givenUp } = rig();
    for (const frame of [1, 2, 3]) desk.take(frame);
    desk.reset();
    await tick();
    assert.deepEqual(givenUp, [
      [2, 'cancelled'],
      [3, 'cancelled'],
    ]);
    desk.take(4);
    assert.deepEqual(
      begun.map(({ frame }) => frame),
      [1, 4],
    );
  });

  it('waits for its drawing when it closes, and takes nothing any more', async () => {
    const { desk, begun, givenUp } = rig();
    desk.take(1);
    await desk.close();
    desk.take(2);
    assert.deepEqual(
      begun.map(({ frame, signal }) => [frame, signal.aborted]),
      [[1, true]],
    );
    assert.deepEqual(givenUp, [[2, 'cancelled']]);
  });

  it('says whether a frame found no room or was passed over', () => {
    const full = rig('queue');
    const newest = rig('newest');
    for (let frame = 0; frame < 5; frame++) {
      full.desk.take(frame);
      newest.desk.take(frame);
    }
    assert.deepEqual(full.givenUp, [[4, 'full']]);
    assert.deepEqual(newest.givenUp, [
      [1, 'skipped'],
      [2, 'skipped'],
      [3, 'skipped'],
    ]);
  });
});

const isNumber = (value: number | undefined): value is number => value !== undefined;
