// Numbers as bytes: how far they are from what they were, and which numbers get bytes of their own.

import assert from 'node:assert/strict';
import { Histogram } from '../../../shared/models/quantize/histogram.js';
import { RANGE_CHOICES, rangeOf } from '../../../shared/models/quantize/ranges.js';
import { type Step, stepFor, weightBytes } from '../../../shared/models/quantize/steps.js';
import { randomFor } from '../../../shared/random.js';

const FULL = { type: 'int8', bits: 8, perChannel: true } as const;

const back = ({ scale, zero }: Step, byte: number): number => (byte - zero) * scale;
const toByte = ({ scale, zero }: Step, value: number, [from, to]: readonly [number, number]): number =>
  Math.min(to, Math.max(from, Math.round(value / scale) + zero));

describe('the step of a feature map', () => {
  it('meets every number of its range within half a step, and 0 exactly', () => {
    for (const range of [
      { low: -1, high: 3 },
      { low: 0, high: 6 },
      { low: -0.02, high: 0 },
      { low: 2, high: 5 },
    ])
      for (const [type, limits] of [
        ['uint8', [0, 255]],
        ['int8', [-128, 127]],
      ] as const) {
        const step = stepFor(range, type);
        assert.equal(back(step, step.zero), 0);
        for (let part = 0; part <= 1; part += 0.01) {
          const value = range.low + part * (range.high - range.low);
          const error = Math.abs(back(step, toByte(step, value, limits)) - value);
          // The zero byte is a whole number, so that the last step of the range may be cut off by half.
          assert.ok(error <= step.scale * 1.001, `${value} as ${type} is off by ${error}`);
        }
      }
  });

  it('is one of any scale where a map is constantly 0', () => {
    assert.deepEqual(stepFor({ low: 0, high: 0 }, 'uint8'), { scale: 1, zero: 0 });
  });
});

describe('weights as bytes', () => {
  const random = randomFor(1, 'weights');
  const weights = Float32Array.from(
    { length: 4 * 9 },
    (_, at) => (random.uniform() - 0.5) * 10 ** Math.floor(at / 9),
  );

  it('come back within half a step of their own channel, small channels beside large ones', () => {
    const { bytes, scales } = weightBytes(weights, 4, { form: FULL });
    assert.equal(scales.length, 4);
    for (const [at, weight] of weights.entries()) {
      const scale = scales[Math.floor(at / 9)];
      assert.ok(Math.abs(bytes[at] * scale - weight) <= scale * 0.501);
    }
    assert.ok(scales[3] > 500 * scales[0]);
  });

  it('have one scale for all where that is wanted', () => {
    const { scales } = weightBytes(weights, 4, { form: { ...FULL, perChannel: false } });
    assert.equal(scales.length, 1);
  });

  it('leave room for the sum of two products in 16 bits, at 7 bits', () => {
    const { bytes } = weightBytes(weights, 4, { form: { ...FULL, bits: 7 } });
    const most = Math.max(...Array.from(bytes, Math.abs));
    assert.equal(most, 63);
    assert.ok(2 * 255 * most < 2 ** 15);
  });

  it('stay zero in a channel that is dead, at a scale that its bias fits', () => {
    const dead = weightBytes(new Float32Array(18), 2, { form: FULL, leastScale: (at) => at * 0.25 });
    assert.deepEqual(
      [...dead.bytes],
      Array.from({ length: 18 }, () => 0),
    );
    assert.deepEqual([...dead.scales], [1, 0.25]);
  });

  it('lie around 128 where their bytes have no sign', () => {
    const signed = weightBytes(weights, 4, { form: FULL });
    const { bytes, zero } = weightBytes(weights, 4, { form: { ...FULL, type: 'uint8' } });
    assert.equal(zero, 128);
    assert.deepEqual(
      Array.from(bytes, (byte) => byte - 128),
      [...signed.bytes],
    );
  });
});

describe('the range of a feature map', () => {
  const random = randomFor(2, 'map');
  const seen = new Histogram();
  for (let picture = 0; picture < 8; picture++)
    seen.add(Float32Array.from({ length: 10_000 }, () => random.normal()));
  seen.add(Float32Array.of(-20, 90));

  it('is all that was seen, or leaves out the few that lie far out', () => {
    assert.deepEqual(rangeOf(seen, 'minmax'), { low: -20, high: 90 });
    const { low, high } = rangeOf(seen, 'p99.9');
    // The quantiles of a normal distribution that leave out 0.05 % on either side.
    assert.ok(Math.abs(low + 3.29) < 0.3 && Math.abs(high - 3.29) < 0.3, `${low} to ${high}`);
    const wider = rangeOf(seen, 'p99.99');
    assert.ok(wider.low < low && wider.high > high);
  });

  it('costs least by the way that looks for that', () => {
    const values = Float32Array.from({ length: 20_000 }, () => random.normal());
    values[0] = 12;
    const map = new Histogram();
    map.add(values);
    const errors = RANGE_CHOICES.map((choice) => {
      const step = stepFor(rangeOf(map, choice), 'uint8');
      return values.reduce((sum, value) => sum + (back(step, toByte(step, value, [0, 255])) - value) ** 2, 0);
    });
    assert.ok(Math.min(...errors) >= 0.97 * errors[RANGE_CHOICES.indexOf('mse')], errors.join());
  });

  it('counts every number once, however large the next ones are, and what is none not at all', () => {
    const map = new Histogram();
    map.add(Float32Array.of(0, 1e-6, -1e-6));
    map.add(Float32Array.of(1e6, Number.NaN, Number.POSITIVE_INFINITY));
    const counted = [...map.bins()].reduce((sum, { count }) => sum + count, 0);
    assert.deepEqual([counted, map.total, map.low < 0, map.high], [4, 4, true, 1e6]);
  });
});
