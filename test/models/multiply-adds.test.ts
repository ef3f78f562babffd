// Counting the multiplications of a network, against numbers computed by hand.

import assert from 'node:assert/strict';
import { readEmbedded } from '../../shared/models/embedded/read.js';
import { countMultiplyAdds } from '../../shared/models/multiply-adds.js';
import { GraphBuilder, type Value } from '../../shared/models/onnx/builder.js';
import { ATTRIBUTE_TYPE, DATA_TYPE, type OnnxModel, readOnnx } from '../../shared/models/onnx/file.js';
import { sizeOf } from '../../shared/tensor.js';
import { toFloat16 } from '../fixtures/half.js';
import { EVERY_IO, tinyGan } from '../fixtures/tiny-gan.js';
import { networkOf } from './imports/world.js';

const count = (model: OnnxModel, sidePx: number) => countMultiplyAdds(model, { name: 'it', sidePx });
const weights = (graph: GraphBuilder, ...dims: number[]) =>
  graph.weight(dims, new Float32Array(sizeOf(dims)));

describe('the multiplications of a network', () => {
  // Two convolutions of 3 x 3 on every pixel: 3 to 5 channels, and back.
  const TINY = 64 * 64 * (5 * 3 * 9 + 3 * 5 * 9);

  for (const io of [EVERY_IO[0], EVERY_IO[6]])
    it(`are those of its convolutions, in ${io.layout}`, async () => {
      const { count: counted, dims, isPartial } = (await count(tinyGan({ io, kind: 'random' }), 64)) ?? {};
      assert.equal(counted, TINY);
      assert.deepEqual(dims, io.layout === 'nchw' ? [1, 3, 64, 64] : [1, 64, 64, 3]);
      assert.equal(isPartial, false);
    });

  it('are the same where all is float16, and leave the model as it was', async () => {
    const model = toFloat16(tinyGan({ io: EVERY_IO[0], kind: 'random' }));
    const before = structuredClone(model);
    assert.equal((await count(model, 64))?.count, TINY);
    assert.deepEqual(model, before);
  });

  it('follow strides, groups and transposed convolutions', async () => {
    const model = networkOf((graph, x) => {
      const half = graph.op('Conv', [x, weights(graph, 8, 3, 2, 2)], {
        kernel_shape: [2, 2],
        strides: [2, 2],
      });
      const deep = graph.op('Conv', [half, weights(graph, 8, 1, 3, 3)], {
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
        group: 8,
      });
      return graph.op('ConvTranspose', [deep, weights(graph, 8, 3, 2, 2)], {
        kernel_shape: [2, 2],
        strides: [2, 2],
      });
    });
    const places = 50 * 50;
    assert.equal((await count(model, 100))?.count, places * (8 * 3 * 4 + 8 * 9 + 8 * 3 * 4));
  });

  // The side of a large picture, of which the numbers are told by small ones where that is exact.
  const LARGE_PX = 512;
  const conv = (graph: GraphBuilder, x: Value, attributes: Record<string, number[]>) =>
    graph.op('Conv', [x, weights(graph, 3, 3, 3, 3)], { kernel_shape: [3, 3], ...attributes });

  it('are exact for large pictures too, where the network rounds or cuts borders off', async () => {
    const even = networkOf((graph, x) => conv(graph, x, { pads: [1, 1, 1, 1] }));
    assert.equal((await count(even, LARGE_PX))?.count, 512 * 512 * 81);
    const cut = networkOf((graph, x) => conv(graph, x, {}));
    assert.equal((await count(cut, LARGE_PX))?.count, 510 * 510 * 81);
    const rounded = networkOf((graph, x) => conv(graph, x, { strides: [3, 3] }));
    assert.equal((await count(rounded, LARGE_PX))?.count, 170 * 170 * 81);
  });

  it('are counted for what does not grow with the picture, and for networks that take no small ones', async () => {
    const pooled = networkOf((graph, x) =>
      graph.op('Conv', [graph.op('GlobalAveragePool', [x]), weights(graph, 3, 3, 1, 1)]),
    );
    assert.equal((await count(pooled, LARGE_PX))?.count, 9);
    const roomy = networkOf((graph, x) => {
      const kernel = weights(graph, 3, 3, 200, 200);
      return graph.op('Conv', [x, kernel], { kernel_shape: [200, 200], strides: [200, 200] });
    });
    assert.equal((await count(roomy, LARGE_PX))?.count, 2 * 2 * 3 * 3 * 200 * 200);
  });

  it('count matrix products, batched or not', async () => {
    const model = networkOf(
      (graph, x) => graph.op('MatMul', [x, weights(graph, 40, 7)]),
      [1, 3, 20, 40],
      [1, 3, 20, 7],
    );
    assert.equal((await count(model, 512))?.count, 3 * 20 * 40 * 7);
    const gemm = networkOf(
      (graph, x) => {
        const flat = graph.op('Reshape', [x, graph.ints([6, -1])]);
        return graph.op('Gemm', [flat, weights(graph, 6, 11)], { transA: 1 });
      },
      [1, 3, 20, 40],
      [400, 11],
    );
    assert.equal((await count(gemm, 512))?.count, 400 * 6 * 11);
  });

  it('are those for the only size that it takes, where there is one', async () => {
    const model = readOnnx(readEmbedded('embedded-landmarks'));
    assert.deepEqual((await count(model, 512))?.dims, [1, 3, 112, 112]);
  });

  it('are none where it has neither convolutions nor products, and unknown where it takes no picture', async () => {
    assert.equal((await count(tinyGan({ io: EVERY_IO[0], kind: 'identity' }), 64))?.count, 0);
    assert.equal(
      await count(
        networkOf((graph, x) => graph.op('Relu', [x]), [1, 10]),
        64,
      ),
      undefined,
    );
  });

  it('say that they are not all where a graph lies inside of an operator', async () => {
    const model = networkOf((graph, x) => {
      const more = graph.op('Conv', [x, weights(graph, 3, 3, 1, 1)], { kernel_shape: [1, 1] });
      const sum = graph.op('ReduceSum', [x], { keepdims: 0 });
      return graph.op('Add', [more, graph.op('If', [graph.op('Cast', [sum], { to: DATA_TYPE.bool })])]);
    });
    const branch = (name: string) => {
      const inner = new GraphBuilder(name);
      const kernel = inner.weight([3, 3, 1, 1], new Float32Array(9), `${name}/kernel`);
      const y = inner.op('Conv', ['picture', kernel], { kernel_shape: [1, 1] });
      inner.output(`${name}/y`, y, [1, 3, 'h', 'w']);
      const { graph } = inner.model();
      for (const node of graph.node) {
        node.input = node.input.map((value) => (value === y ? `${name}/conv` : value));
        node.output = node.output.map((value) => (value === y ? `${name}/conv` : value));
      }
      return graph;
    };
    const choice = model.graph.node.find(({ opType }) => opType === 'If');
    for (const name of ['then_branch', 'else_branch'])
      choice?.attribute.push({ name, type: ATTRIBUTE_TYPE.graph, g: branch(name) });
    const { count: counted, isPartial } = (await count(model, 64)) ?? {};
    assert.deepEqual([counted, isPartial], [64 * 64 * 9, true]);
  });
});
