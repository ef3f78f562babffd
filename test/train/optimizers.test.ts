// Optimizers are PyTorch's, step by step, against test/oracles/optimizers.py; averages and rates do what they say.

import assert from 'node:assert/strict';
import * as a from '../../shared/train/arithmetic.js';
import { sumOf } from '../../shared/train/losses.js';
import type { Node } from '../../shared/train/ops.js';
import {
  adam,
  adamW,
  cosineDecay,
  keepAverage,
  linearDecay,
  minimize,
  type Optimizer,
  type Rate,
  sgd,
} from '../../shared/train/optimizers.js';
import { openMachine, type Step, step } from '../../shared/train/step.js';
import { type State, Weights } from '../../shared/train/weights.js';
import { numbers } from '../models/architectures/oracle.js';
import json from '../oracles/optimizers.json' with { type: 'json' };
import { assertNear, numbersOf, stateOf } from './stored.js';

const STEPS = 10;
const DIMS: Record<string, readonly number[]> = { a: [3, 4], b: [5] };
const NAMES = Object.keys(DIMS);
const [rate, weightDecay] = [1e-2, 1e-2];

const MADE: Record<string, Optimizer> = {
  sgd: sgd({ rate: 0.02 }),
  'sgd with momentum and weight decay': sgd({ rate: 0.02, momentum: 0.9, weightDecay: 0.01 }),
  adam: adam({ rate }),
  'adam, betas 0.5 and 0.999': adam({ rate, betas: [0.5, 0.999] }),
  'adam with weight decay': adam({ rate, weightDecay }),
  adamw: adamW({ rate, weightDecay: 0.05 }),
};
const made: Record<string, { by: Optimizer; clip?: number }> = Object.fromEntries(
  Object.entries(MADE).flatMap(([title, by]) => [
    [title, { by }],
    [`${title}, clipped`, { by, clip: 1 }],
  ]),
);

describe('optimizers', () => {
  it('are all held against PyTorch', () => {
    assert.deepEqual(Object.keys(made).toSorted(), json.map(({ title }) => title).toSorted());
  });

  for (const { title, steps, averages } of json)
    it(`are PyTorch's: ${title}`, async () => {
      const seen = await learned(stepOf(made[title]), rows());
      assertRows(seen, 'net', numbersOf(steps));
      assertRows(seen, 'average.net', numbersOf(averages));
    });

  it('are told anew at each step what the rate is', async () => {
    const only =
      (wanted: number): Rate =>
      (step) =>
        step === wanted ? 0.02 : 0;
    const [first, third] = await Promise.all(
      [1, 3].map((at) => learned(stepOf({ by: sgd({ rate: only(at) }) }), rows())),
    );
    const values = (seen: readonly State[], at: number) => seen[at].get('net.a')?.data;
    assert.deepEqual(values(third, 1), values(third, 0), 'nothing moves at a rate of zero');
    assert.notDeepEqual(values(third, 2), values(third, 1));
    assert.deepEqual(values(third, 2), values(first, 0));
  });
});

describe('rates', () => {
  const at = (rate: Rate, steps: readonly number[]) => steps.map(rate as (step: number) => number);
  const assertAll = (got: readonly number[], wanted: readonly number[]) =>
    assertNear(got, wanted, 1e-12, 'rate');

  it('stay and then fall in a straight line to zero', () => {
    const rate = linearDecay(0.8, 4, 3);
    assertAll(at(rate, [1, 2, 3, 4, 5, 6, 7, 8, 100]), [0.8, 0.8, 0.8, 0.8, 0.6, 0.4, 0.2, 0, 0]);
  });

  it('rise in a straight line and fall by half a cosine to zero', () => {
    const rate = cosineDecay(0.8, 11, 4);
    const eighth = 0.4 * (1 + Math.SQRT1_2);
    assertAll(at(rate, [1, 2, 4, 6, 8, 10, 12, 20]), [0.2, 0.4, 0.8, eighth, 0.4, 0.8 - eighth, 0, 0]);
  });

  it('fall by half a cosine after the first step where they do not rise', () => {
    assertAll(at(cosineDecay(0.8, 3), [1, 2, 3, 4]), [0.8, 0.6, 0.2, 0]);
  });
});

const rows = (): State =>
  stateOf(Object.fromEntries(NAMES.map((name) => [`net.${name}`, [DIMS[name], 0, 1] as const])));

/** One step towards the targets, with the loss sum(c (p - target)^4). */
function stepOf({ by, clip }: { by: Optimizer; clip?: number }): { weights: Weights; model: Step } {
  const weights = new Weights();
  const terms = NAMES.map((name) => {
    const stored = (of: string, centre: number): Node =>
      a.constant(DIMS[name], numbers(`${of} of net.${name}`, [DIMS[name], centre, 0.5]));
    const off = a.subtract(weights.under('net').learned(name, DIMS[name], 0), stored('target', 0));
    return sumOf(a.multiply(stored('c', 1), a.square(a.square(off))));
  });
  minimize(
    terms.reduce((sum, term) => a.add(sum, term)),
    weights,
    { of: ['net'], by, clip },
  );
  keepAverage(weights, 'net', 0.9);
  return { weights, model: step(weights, {}) };
}

/** What the state is after each step. */
async function learned({ weights, model }: ReturnType<typeof stepOf>, state: State): Promise<State[]> {
  weights.begin(state, 1);
  const machine = await openMachine(model, { name: 'an optimizer', device: 'cpu' });
  const states: State[] = [];
  for (let at = 1; at <= STEPS; at++) {
    await machine.run(state, { step: at, seed: 1 });
    states.push(new Map([...state].map(([name, { dims, data }]) => [name, { dims, data: data.slice() }])));
  }
  await machine.close();
  return states;
}

function assertRows(states: readonly State[], network: string, stored: Float32Array): void {
  const count = stored.length / STEPS;
  for (const [at, state] of states.entries()) {
    const row = NAMES.flatMap((name) => [...state.get(`${network}.${name}`)!.data]);
    assertNear(row, stored.subarray(at * count, (at + 1) * count), 2e-6, `${network} after step ${at + 1}`);
  }
}
