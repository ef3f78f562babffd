// A UNet as PyTorch exports it: read, and a LoRA learned beside its maps.

import assert from 'node:assert/strict';
import { modulesOf } from '../../../shared/models/lora/modules.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { floatsOf, floatTensor } from '../../../shared/models/onnx/tensor-proto.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import * as a from '../../../shared/train/arithmetic.js';
import { gradients } from '../../../shared/train/gradients.js';
import { emit } from '../../../shared/train/onnx.js';
import type { Node } from '../../../shared/train/ops.js';
import { exportedUnet } from '../../fixtures/exported-unet.js';
import { evaluate } from '../slow-truth.js';
import { assertNear, assertReads, copyOf, type Feeds, random, read, run } from './read-and-run.js';

const RANK = 2;
const SCALE = 0.7;

const feedsOf = ({ batch = 2, heightPx = 4, widthPx = 6, words = 5 } = {}): Feeds => ({
  sample: random([batch, 4, heightPx, widthPx], 1),
  timestep: tensor([1], Float32Array.of(621)),
  encoder_hidden_states: random([batch, words, 12], 2),
});

/** Weights of the maps to queries, keys and values, by their initializers. */
const attended = (model: OnnxModel): Set<string> =>
  new Set(
    [...modulesOf(model)].flatMap(([path, { weight }]) =>
      /to_[qkv]$/.test(path) ? [weight.name ?? ''] : [],
    ),
  );

/** A LoRA beside each of those maps: y + s (x A) B, with A [in, rank] and B [rank, out]. */
interface Adapted {
  y: Node;
  inputs: Node[];
  feeds: Feeds;
}
function adapted(model: OnnxModel, feeds: Feeds): Adapted {
  const wanted = attended(model);
  const inputs: Node[] = [];
  const factors: Feeds = {};
  const factor = (name: string, dims: number[]) => {
    factors[name] = random(dims, inputs.length + 5, { from: -0.5, to: 0.5 });
    inputs.push(a.input(name, dims));
    return inputs[inputs.length - 1];
  };
  const { out_sample: y } = read(copyOf(model), feeds, {
    linear(weight, x, own) {
      if (!wanted.has(weight)) return own;
      const [down, up] = [
        factor(`${weight} down`, [x.dims[x.dims.length - 1], RANK]),
        factor(`${weight} up`, [RANK, own.dims[own.dims.length - 1]]),
      ];
      return a.add(own, a.multiply(a.matmul(a.matmul(x, down), up), SCALE));
    },
  });
  return { y, inputs, feeds: { ...feeds, ...factors } };
}

/** The exported model with W + s A B in place of each W. */
function merged(model: OnnxModel, feeds: Feeds): OnnxModel {
  const changed = copyOf(model);
  for (const [at, weight] of changed.graph.initializer.entries()) {
    const [down, up] = ['down', 'up'].map((side) => feeds[`${weight.name} ${side}`]);
    if (down === undefined) continue;
    const [from, to] = weight.dims;
    const numbers = floatsOf(weight).map((value, index) => {
      const [row, column] = [Math.floor(index / to), index % to];
      const products = Array.from(
        { length: RANK },
        (_, r) => down.data[row * RANK + r] * up.data[r * to + column],
      );
      return value + SCALE * products.reduce((sum, product) => sum + product);
    });
    changed.graph.initializer[at] = floatTensor([from, to], numbers, weight.name);
  }
  return changed;
}

for (const attention of ['scaled', 'baddbmm'] as const)
  describe(`a UNet as PyTorch exports it, its attention ${attention}`, () => {
    const model = exportedUnet({ attention });

    it('is the same for the same seed', () => {
      assert.deepEqual(exportedUnet({ attention }), model);
      assert.notDeepEqual(exportedUnet({ attention, seed: 2 }), model);
    });

    it('is read at every size', async () => {
      for (const feeds of [feedsOf(), feedsOf({ batch: 1, heightPx: 8, widthPx: 8, words: 77 })])
        await assertReads(model, feeds, { tolerance: 1e-4 });
    });

    it('holds no matrix as large as all scores of its attention', () => {
      const large = feedsOf({ batch: 1, heightPx: 32, widthPx: 32, words: 77 });
      const { graph } = emit(read(copyOf(model), large));
      assert.ok(graph.initializer.every(({ rawData }) => (rawData?.length ?? 0) < 32 ** 4));
    });

    it('reports every map to queries, keys and values, once', () => {
      const seen: string[] = [];
      read(copyOf(model), feedsOf(), {
        linear(weight, _, y) {
          seen.push(weight);
          return y;
        },
      });
      const wanted = attended(model);
      assert.equal(wanted.size, 4 * 2 * 3);
      assert.deepEqual(seen.filter((name) => wanted.has(name)).sort(), [...wanted].sort());
      assert.ok(seen.includes('conv_in.weight') && seen.includes('time_embedding.linear_1.weight'));
    });
  });

describe('a LoRA beside the maps of an exported UNet', () => {
  const model = exportedUnet();
  const { y, inputs, feeds } = adapted(model, feedsOf({ batch: 1, heightPx: 4, widthPx: 4, words: 3 }));
  const loss = a.mean(a.square(a.subtract(y, a.constant(y.dims, random(y.dims, 9).data))));
  const slopes = gradients(loss, inputs);

  it('draws what the merged network draws', async () => {
    const [got, wanted] = [await run(emit({ out_sample: y }), feeds), await run(merged(model, feeds), feeds)];
    assertNear(got.out_sample.data, wanted.out_sample.data, { name: 'the noise', tolerance: 1e-4 });
    const plain = await run(copyOf(model), feeds);
    assert.throws(() =>
      assertNear(plain.out_sample.data, wanted.out_sample.data, { name: 'the noise', tolerance: 1e-2 }),
    );
  });

  it('has the gradient of central differences', () => {
    const fed = Object.fromEntries(Object.entries(feeds).map(([name, { data }]) => [name, data]));
    const directions = inputs.map(({ dims }, at) => random(dims, 31 + at).data);
    const lossAt = (step: number): number => {
      const moved = inputs.map((input, at): [string, Float64Array] => [
        nameOf(input),
        Float64Array.from(fed[nameOf(input)], (value, i) => value + step * directions[at][i]),
      ]);
      return evaluate(loss, { ...fed, ...Object.fromEntries(moved) })[0];
    };
    const h = 1e-4;
    const along = slopes
      .map((slope, at) => a.sum(a.multiply(slope, a.constant(slope.dims, directions[at]))))
      .map((part) => a.reshape(part, []))
      .reduce((sum, part) => a.add(sum, part));
    const wanted = (lossAt(h) - lossAt(-h)) / (2 * h);
    assertNear(evaluate(along, fed), [wanted], { name: 'the slope', tolerance: 1e-6 });
  });

  it('falls where its gradient points, as the merged network sees it', async () => {
    const named = Object.fromEntries(slopes.map((slope, at) => [nameOf(inputs[at]), slope]));
    const found = await run(emit(prefixed(named)), feeds);
    const square = Object.values(found).reduce(
      (sum, { data }) => sum + data.reduce((own, value) => own + value * value, 0),
      0,
    );
    const h = 0.02 / Math.sqrt(square);
    const moved = (step: number): Feeds => ({
      ...feeds,
      ...Object.fromEntries(
        inputs.map((input): [string, Tensor] => {
          const { data } = found[`slope of ${nameOf(input)}`];
          const own = feeds[nameOf(input)];
          return [
            nameOf(input),
            tensor(
              own.dims,
              own.data.map((value, i) => value + step * data[i]),
            ),
          ];
        }),
      ),
    });
    const target = random(y.dims, 9).data;
    const lossAt = async (step: number) => {
      const { data } = (await run(merged(model, moved(step)), feeds)).out_sample;
      return data.reduce((sum, value, i) => sum + (value - target[i]) ** 2, 0) / data.length;
    };
    const wanted = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h);
    assertNear([square], [wanted], { name: 'the squared slope', tolerance: 1e-2 });
  });
});

const nameOf = (input: Node): string => (input as Node<'input'>).attributes.name;
const prefixed = (nodes: Record<string, Node>): Record<string, Node> =>
  Object.fromEntries(Object.entries(nodes).map(([name, node]) => [`slope of ${name}`, node]));
