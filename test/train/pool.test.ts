// The pool of earlier drawings that discriminators are shown.

import assert from 'node:assert/strict';
import { tensor } from '../../shared/tensor.js';
import * as a from '../../shared/train/arithmetic.js';
import { pooled } from '../../shared/train/recipes/pool.js';
import { openMachine, step } from '../../shared/train/step.js';
import { type State, Weights } from '../../shared/train/weights.js';

describe('the pool of drawings', () => {
  for (const count of [1, 4, 8, 32])
    it(`shows drawings as they were, ${count} at a time`, async () => {
      const weights = new Weights();
      const shown = pooled(a.input('drawings', [count, 1, 1, 2]), 'a', weights);
      const state: State = new Map();
      weights.begin(state, 1);
      const machine = await openMachine(step(weights, { shown }), { name: 'a pool', device: 'cpu' });
      let older = 0;
      try {
        for (let turn = 1; turn <= 120; turn++) {
          // Each drawing is a number of its own, twice.
          const numbers = Array.from({ length: count }, (_, at) => (turn - 1) * count + at + 1);
          const drawings = tensor(
            [count, 1, 1, 2],
            Float32Array.from(numbers.flatMap((each) => [each, each])),
          );
          const reports = await machine.run(state, { seed: 1, step: turn }, { drawings });
          const { data } = reports.shown;
          for (const [at, newest] of numbers.entries()) {
            const [one, other] = data.subarray(2 * at, 2 * at + 2);
            assert.ok(
              one === other && Number.isInteger(one) && one >= 1 && one <= newest,
              `${one}, ${other}`,
            );
            if (one < newest - count) older++;
          }
        }
        const held = [...(state.get('pool.a') as { data: Float32Array }).data].filter(
          (_, at) => at % 2 === 0,
        );
        assert.equal(new Set(held).size, 50);
        assert.ok(Math.min(...held) >= 1);
      } finally {
        await machine.close();
      }
      const share = older / (120 * count - 50);
      assert.ok(share > 0.3 && share < 0.6, `${share} of what was shown was older`);
    });
});
