// LoRAs on networks in memory: merged or beside, the outputs are those of the changed weights.

import assert from 'node:assert/strict';
import { torchNoise } from '../../../shared/generators/diffusion/noise.js';
import type { LoraModule } from '../../../shared/models/lora/delta.js';
import { keepBeside, mergeInside } from '../../../shared/models/lora/inside.js';
import { GraphBuilder } from '../../../shared/models/onnx/builder.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { openSession } from '../../../shared/models/session.js';
import { sizeOf, type Tensor, tensor } from '../../../shared/tensor.js';

const drawn = (seed: number, ...dims: number[]): Tensor => tensor(dims, torchNoise(seed)(sizeOf(dims)));

/** A convolution with strides, a map as Gemm has it and one as MatMul, over a turned weight too. */
function network(): OnnxModel {
  const graph = new GraphBuilder('network');
  const weight = (name: string, seed: number, ...dims: number[]) =>
    graph.weight(dims, drawn(seed, ...dims).data, `${name}.weight`);
  const x = graph.input('x', [1, 3, 8, 8]);
  const kernel = weight('conv', 1, 4, 3, 3, 3);
  const small = graph.op('Conv', [x, kernel], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  const flat = graph.op('Reshape', [small, graph.ints([4, 16])]);
  const one = graph.op('Gemm', [flat, weight('gemm', 2, 5, 16)], { transB: 1 });
  const turned = graph.op('Transpose', [weight('turned', 3, 6, 5)], { perm: [1, 0] });
  const two = graph.op('MatMul', [graph.op('Tanh', [one]), turned]);
  graph.output('y', graph.op('MatMul', [two, weight('plain', 4, 6, 2)]), [4, 2]);
  return graph.model();
}

const MODULES: Record<string, LoraModule> = {
  conv: { down: drawn(5, 2, 3, 3, 3), up: drawn(6, 4, 2, 1, 1), alpha: tensor([], Float32Array.of(1)) },
  gemm: { down: drawn(7, 2, 16), up: drawn(8, 5, 2) },
  turned: { down: drawn(9, 1, 5), up: drawn(10, 6, 1) },
  plain: { down: drawn(11, 1, 6), up: drawn(12, 2, 1) },
};
const use = (strength: number, modules = MODULES) => ({
  ...{ name: 'a look', strength, modules: new Map(Object.entries(modules)) },
});

async function outputs(change?: (model: OnnxModel) => void): Promise<Float32Array> {
  const model = network();
  change?.(model);
  const session = await openSession(model, { name: 'the network', device: 'cpu' });
  const { y } = await session.run({ x: drawn(20, 1, 3, 8, 8) });
  await session.close();
  return y.data;
}
const off = (one: Float32Array, other: Float32Array): number =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0);

describe('a LoRA on a network in memory', () => {
  for (const module of Object.keys(MODULES))
    it(`draws the same merged as beside: ${module}`, async () => {
      const uses = [use(0.7, { [module]: MODULES[module] })];
      const plain = await outputs();
      const merged = await outputs((model) => mergeInside(model, uses, 'it'));
      const beside = await outputs((model) => keepBeside(model, uses, 'it'));
      assert.ok(off(merged, beside) < 1e-4, `${off(merged, beside)}`);
      assert.ok(off(plain, merged) > 0.01);
    });

  it('adds up with others, and is taken back by its negative', async () => {
    const plain = await outputs();
    const both = [use(0.5), use(0.5)];
    const [sum, whole] = [
      await outputs((model) => keepBeside(model, both, 'it')),
      await outputs((model) => mergeInside(model, [use(1)], 'it')),
    ];
    assert.ok(off(sum, whole) < 1e-3, `${off(sum, whole)}`);
    const back = await outputs((model) => {
      mergeInside(model, [use(1)], 'it');
      mergeInside(model, [use(-1)], 'it');
    });
    assert.ok(off(plain, back) < 1e-3, `${off(plain, back)}`);
  });

  it('is told what the network does not have', () => {
    const uses = [use(1, { ...MODULES, elsewhere: MODULES.gemm })];
    assert.deepEqual(mergeInside(network(), uses, 'it'), { merged: 4, unmatched: ['a look: elsewhere'] });
    assert.throws(() => keepBeside(network(), [use(1, { gemm: MODULES.plain })], 'it'), {
      code: 'model-unsupported',
      message: /gemm of a look is \[2, 6\] for \[5, 16\]/,
    });
  });
});
