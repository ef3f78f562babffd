// Networks on bytes are cut as well: their tiles are drawn in floats, as near to the bytes as bytes are to numbers.

import assert from 'node:assert/strict';
import type { Value } from '../../../shared/models/onnx/builder.js';
import { countOf, drawing, quantize } from '../quantize/world.js';
import { cutOf, draws, measuresOf, scene } from './agreement.js';
import { type Layers, network } from './networks.js';

/** Maps come in steps of this. */
const STEP = 1 / 32;
/** What so many roundings to a step may add up to, of what a drawing spans. */
const ROUNDED = 0.04;

type Zero = { byte: number; type: 'uint8' | 'int8' };
const MIDDLE: Zero = { byte: 128, type: 'uint8' };

function zeroOf({ graph }: Layers, { byte, type }: Zero): Value {
  return graph.smallInts([], type === 'uint8' ? Uint8Array.of(byte) : Int8Array.of(byte));
}

/** Through bytes, and through what moves them. */
function throughBytes(x: Value, l: Layers, zero = MIDDLE, moved = (bytes: Value) => bytes): Value {
  const step = [l.graph.weight([], Float32Array.of(STEP)), zeroOf(l, zero)];
  return l.op('DequantizeLinear', [moved(l.op('QuantizeLinear', [x, ...step])), ...step]);
}

/** A convolution with packed weights, of a scale per channel. */
function packedConv(x: Value, l: Layers, [to, from]: [number, number]): Value {
  const bytes = Int8Array.from({ length: to * from * 9 }, (_, at) => ((at * 37) % 23) - 8);
  const scales = l.graph.weight([to], new Float32Array(to).fill(1 / 80));
  const zeros = l.graph.smallInts([to], new Int8Array(to));
  const packed = l.graph.smallInts([to, from, 3, 3], bytes);
  const kernel = l.op('DequantizeLinear', [packed, scales, zeros], { axis: 0 });
  return l.op('Conv', [x, kernel], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
}

describe('a frozen network that was one on bytes', () => {
  it('draws what the bytes drew', async () => {
    const model = network((x, l) => {
      const normed = l.instanceNorm(packedConv(throughBytes(x, l), l, [8, 3]), 8);
      return packedConv(throughBytes(normed, l), l, [3, 8]);
    });
    const { cut, measures } = await draws(model, { tolerance: ROUNDED });
    const size = { height: 48, width: 48 };
    const frozen = cut.freeze(measures, { tile: size, whole: size, isOpen: false }).model;
    assert.deepEqual([countOf(frozen, 'QuantizeLinear'), countOf(frozen, 'DequantizeLinear')], [0, 0]);
  });

  for (const zero of [
    { byte: 0, type: 'uint8' },
    { byte: -128, type: 'int8' },
  ] as const)
    it(`cuts off below zero where bytes do, at ${zero.byte} of ${zero.type}`, async () => {
      const model = network((x, l) => packedConv(throughBytes(packedConv(x, l, [8, 3]), l, zero), l, [3, 8]));
      await draws(model, { tolerance: ROUNDED });
    });

  it('has borders of zeros where bytes have those of the byte for zero', async () => {
    const model = network((x, l) => {
      const border = l.ints(0, 0, 1, 1, 0, 0, 1, 1);
      const padded = throughBytes(x, l, MIDDLE, (bytes) => l.op('Pad', [bytes, border, zeroOf(l, MIDDLE)]));
      return l.conv(padded, [3, 3, 3, 3]);
    });
    await draws(model, { tolerance: ROUNDED });
  });

  it('is left whole where a border is of another byte', async () => {
    const other = { ...MIDDLE, byte: 7 };
    const model = network((x, l) => {
      const border = l.ints(0, 0, 1, 1, 0, 0, 1, 1);
      const padded = throughBytes(x, l, MIDDLE, (bytes) => l.op('Pad', [bytes, border, zeroOf(l, other)]));
      return l.conv(padded, [3, 3, 3, 3]);
    });
    assert.equal(await cutOf(model), undefined);
  });

  it('is what the quantizer made', async () => {
    const normed = drawing((maps, { conv, graph, leaky, reflect }) => {
      const [one, zero] = [1, 0].map((value) => graph.weight([8], new Float32Array(8).fill(value)));
      const norm = graph.op('InstanceNormalization', [conv(reflect(maps), [8, 8, 3, 3]), one, zero]);
      return leaky(conv(reflect(leaky(norm)), [8, 8, 3, 3]));
    });
    const seen = [scene({ height: 144, width: 176 })];
    const { model } = await quantize(normed, { pictures: { calibration: seen, measured: seen } });
    assert.ok(countOf(model, 'QuantizeLinear') > 0);
    const cut = (await cutOf(model)) ?? assert.fail('it was not cut');
    assert.ok((await measuresOf(cut, scene({ height: 48, width: 48 }))).size > 0);
    await draws(model, { tolerance: 0.2 });
  });
});
