// Networks rewritten for the CPU: the same pictures, by other operators, and only where that is sure to hold.

import assert from 'node:assert/strict';
import { rewriteForCpu } from '../../../shared/models/cpu/for-cpu.js';
import { traceHeights } from '../../../shared/models/cpu/heights.js';
import { float, GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import { type OnnxModel, readOnnx, writeOnnx } from '../../../shared/models/onnx/file.js';
import { openSession } from '../../../shared/models/session.js';
import { sizeOf, type Tensor, tensor } from '../../../shared/tensor.js';
import { random } from '../../fixtures/tiny-gan.js';

interface Layers {
  graph: GraphBuilder;
  /** A random weight. */
  weight(dims: readonly number[]): Value;
}

/** A network on pictures of any size, made of the layers that `build` adds. */
function network(build: (x: Value, layers: Layers) => Value): OnnxModel {
  const graph = new GraphBuilder('network');
  const next = random(7);
  const weight = (dims: readonly number[]) =>
    graph.weight(dims, Float32Array.from({ length: sizeOf(dims) }, next));
  const picture = graph.input('picture', [1, 3, 'height', 'width']);
  graph.output('drawing', build(picture, { graph, weight }), [1, 'channels', 'rows', 'columns']);
  return graph.model();
}

const conv = ({ graph, weight }: Layers, x: Value, dims: readonly number[], attributes = {}): Value =>
  graph.op('Conv', [x, weight(dims), weight([dims[0]])], { kernel_shape: dims.slice(2), ...attributes });

/** The norm over the whole map as exporters spell it. */
function layerNorm(
  { graph, weight }: Layers,
  x: Value,
  given: number,
  { flat: dims = [0, 1, -1], channels = given }: { flat?: readonly number[]; channels?: number } = {},
): Value {
  const [one, zero] = [1, 0].map((value) => graph.weight([1], Float32Array.of(value)));
  const flat = graph.op('Reshape', [x, graph.ints(dims)]);
  const normed = graph.op('InstanceNormalization', [flat, one, zero], { epsilon: float(1e-5) });
  const back = graph.op('Reshape', [normed, graph.op('Shape', [x])]);
  const scaled = graph.op('Mul', [back, weight([channels, 1, 1])]);
  return graph.op('Add', [scaled, weight([channels, 1, 1])]);
}

const reflected = ({ graph }: Layers, x: Value, by: number): Value =>
  graph.op('Pad', [x, graph.ints([0, 0, by, by, 0, 0, by, by])], { mode: 'reflect' });

const copyOf = (model: OnnxModel): OnnxModel => readOnnx(writeOnnx(model));

const countOf = ({ graph }: OnnxModel, opType: string): number =>
  graph.node.filter((node) => node.opType === opType).length;

async function run(model: OnnxModel, picture: Tensor, sidesMultipleOf?: number): Promise<Tensor> {
  const session = await openSession(copyOf(model), {
    name: 'network',
    device: 'cpu',
    ...(sidesMultipleOf === undefined ? {} : { sidesMultipleOf }),
  });
  const { drawing } = await session.run({ picture });
  await session.close();
  return drawing;
}

const pictureOf = (height: number, width: number): Tensor =>
  tensor([1, 3, height, width], Float32Array.from({ length: 3 * height * width }, random(height + width)));

/** The picture that the rewritten network draws is the one that the network draws. */
async function assertSame(model: OnnxModel, multipleOf: number): Promise<void> {
  for (const [height, width] of [
    [multipleOf, multipleOf],
    [multipleOf * 3, multipleOf * 2 + 5],
  ]) {
    const picture = pictureOf(height, width);
    const right = await run(model, picture);
    const answer = await run(model, picture, multipleOf);
    assert.deepEqual(answer.dims, right.dims);
    const worst = right.data.reduce((most, value, i) => Math.max(most, Math.abs(value - answer.data[i])), 0);
    const largest = right.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(worst <= 1e-5 * largest, `${worst} away in a picture up to ${largest}`);
  }
}

describe('a network rewritten for the CPU', () => {
  for (const side of [3, 5, 7]) {
    it(`draws the same with ${side} x ${side} convolutions in groups of four rows`, async () => {
      const model = network((x, layers) => {
        const wide = conv(layers, x, [96, 3, 1, 1]);
        return conv(layers, reflected(layers, wide, (side - 1) / 2), [96, 96, side, side]);
      });
      const rewritten = copyOf(model);
      assert.equal(rewriteForCpu(rewritten, 8), true);
      assert.equal(countOf(rewritten, 'MatMul'), 1);
      await assertSame(model, 8);
    });
  }

  it('draws the same where zeros surround the picture, unevenly', async () => {
    const model = network((x, layers) => {
      const wide = conv(layers, x, [96, 3, 1, 1]);
      return conv(layers, wide, [80, 96, 3, 3], { pads: [2, 1, 0, 3] });
    });
    await assertSame(model, 4);
  });

  it('draws the same with convolutions of few outputs, four pixels at once', async () => {
    for (const [outputs, height, width, pads] of [
      [3, 7, 7, [0, 0, 0, 0]],
      [1, 3, 5, [1, 2, 1, 2]],
      [4, 4, 3, [2, 0, 0, 1]],
    ] as const) {
      const model = network((x, layers) => {
        const wide = conv(layers, x, [8, 3, 1, 1]);
        return conv(layers, wide, [outputs, 8, height, width], { pads });
      });
      const rewritten = copyOf(model);
      // Pictures of odd sides too: the promise about sides is not needed here.
      assert.equal(rewriteForCpu(rewritten, 7), true);
      assert.equal(countOf(rewritten, 'DepthToSpace'), 1);
      await assertSame(model, 7);
    }
  });

  it('draws the same with norms over the whole map', async () => {
    const model = network((x, layers) =>
      layers.graph.op('LeakyRelu', [layerNorm(layers, conv(layers, x, [8, 3, 3, 3]), 8)], {
        alpha: float(0.2),
      }),
    );
    const rewritten = copyOf(model);
    assert.equal(rewriteForCpu(rewritten, 4), true);
    assert.equal(countOf(rewritten, 'InstanceNormalization'), 0);
    await assertSame(model, 4);
  });

  it('keeps the digits that a norm of millions of numbers loses otherwise', async () => {
    const model = network((x, layers) => layerNorm(layers, conv(layers, x, [32, 3, 1, 1]), 32));
    const [height, width] = [512, 512];
    const tile = pictureOf(32, 32);
    const picture = tensor([1, 3, height, width]);
    for (let at = 0; at < picture.data.length; at++) {
      const [plane, y, x] = [Math.floor(at / height / width), Math.floor(at / width) % height, at % width];
      picture.data[at] = tile.data[(plane * 32 + (y % 32)) * 32 + (x % 32)];
    }
    // A picture of equal tiles has the mean and the variance of one tile.
    const right = await run(model, tile);
    const answer = await run(model, picture, 4);
    let worst = 0;
    for (let x = 0; x < 32; x++) worst = Math.max(worst, Math.abs(answer.data[x] - right.data[x]));
    assert.ok(worst < 2e-6, `${worst} away`);
  });

  it('stays as it is where the rows do not come in whole groups', () => {
    const model = network((x, layers) => {
      const wide = conv(layers, x, [96, 3, 1, 1]);
      return conv(layers, wide, [96, 96, 3, 3], { pads: [1, 1, 1, 1] });
    });
    assert.equal(rewriteForCpu(copyOf(model), 4), true);
    assert.equal(rewriteForCpu(copyOf(model), 2), false);
  });

  it('stays as it is where its weights are so many that a second set would not fit', () => {
    const model = network((x, layers) => {
      const wide = conv(layers, x, [96, 3, 1, 1]);
      return conv(layers, wide, [96, 96, 3, 3], { pads: [1, 1, 1, 1] });
    });
    const heavy = copyOf(model);
    heavy.graph.initializer.push({ name: 'ballast', dims: [2 ** 13, 2 ** 13], dataType: 1 });
    assert.equal(rewriteForCpu(model, 4), true);
    assert.equal(rewriteForCpu(heavy, 4), false);
  });

  it('stays as it is where a convolution strides, spreads or is narrow', () => {
    for (const [dims, attributes] of [
      [[96, 96, 3, 3], { strides: [2, 2] }],
      [[96, 96, 3, 3], { dilations: [2, 2], pads: [2, 2, 2, 2] }],
      [[16, 96, 3, 3], { pads: [1, 1, 1, 1] }],
      [[96, 96, 4, 4], { pads: [1, 1, 2, 2] }],
    ] as const) {
      const model = network((x, layers) => conv(layers, conv(layers, x, [96, 3, 1, 1]), dims, attributes));
      assert.equal(rewriteForCpu(model, 32), false, JSON.stringify(dims));
    }
  });
});

describe('a network of others, rewritten for the CPU', () => {
  const wide = (x: Value, layers: Layers) => conv(layers, x, [96, 3, 1, 1]);
  const last = (x: Value, layers: Layers) => conv(layers, x, [96, 96, 3, 3], { pads: [1, 1, 1, 1] });

  it('draws the same where its nodes have the names that new nodes get', async () => {
    const model = network((x, layers) => last(wide(x, layers), layers));
    const made = readOnnx(writeOnnx(model));
    rewriteForCpu(made, 4);
    const before = new Set(model.graph.node.map(({ name }) => name));
    const fresh = made.graph.node.map(({ name }) => name).find((name) => name && !before.has(name));
    model.graph.node[0].name = fresh;
    await assertSame(model, 4);
  });

  it('needs no weight as an input, though its weights are listed there', async () => {
    const model = network((x, layers) => last(wide(x, layers), layers));
    for (const { name = '', dims } of model.graph.initializer) {
      const shape = { dim: dims.map((dimValue) => ({ dimValue })) };
      model.graph.input.push({ name, type: { tensorType: { elemType: 1, shape } } });
    }
    await assertSame(model, 4);
  });

  for (const [what, turned] of [
    [
      'rows and columns are swapped',
      [
        [0, 1, 3, 2],
        [0, 1, 3, 2],
      ],
    ],
    [
      'the channels come last for a while',
      [
        [0, 2, 3, 1],
        [0, 3, 1, 2],
      ],
    ],
  ] as const)
    it(`stays as it is where ${what}`, async () => {
      const model = network((x, layers) => {
        const { graph } = layers;
        const there = graph.op('Transpose', [wide(x, layers)], { perm: turned[0] });
        const longer = graph.op('Pad', [there, graph.ints([0, 1, 1, 0, 0, 0, 0, 0])], { mode: 'reflect' });
        return last(graph.op('Transpose', [longer], { perm: turned[1] }), layers);
      });
      assert.equal(rewriteForCpu(copyOf(model), 4), false);
    });

  it('stays as it is where a Resize names its axes in an order of its own', () => {
    const model = network((x, layers) => {
      const scales = layers.graph.weight([4], Float32Array.of(1, 1, 2, 1.125));
      const how = { mode: 'nearest', axes: [0, 1, 3, 2] };
      return last(layers.graph.op('Resize', [wide(x, layers), '', scales], how), layers);
    });
    assert.equal(rewriteForCpu(model, 4), false);
  });

  it('stays as it is where several pictures pass a deep 1 x 1 convolution', () => {
    const model = network((x, layers) => {
      const { graph } = layers;
      const deep = conv(layers, x, [256, 3, 1, 1]);
      const halves = graph.op('Reshape', [deep, graph.ints([1, 256, 2, -1, 4])]);
      const pictures = graph.op('Transpose', [halves], { perm: [0, 2, 1, 3, 4] });
      const flat = graph.op('Reshape', [pictures, graph.ints([2, 256, -1, 4])]);
      return graph.op('Conv', [flat, layers.weight([3, 256, 1, 1])], { kernel_shape: [1, 1] });
    });
    assert.equal(rewriteForCpu(model, 4), false);
  });

  for (const [what, how] of [
    ['every channel by itself', { flat: [8, 1, -1] }],
    ['with one scale for all channels', { channels: 1 }],
  ] as const)
    it(`stays as it is where it norms ${what}`, () => {
      const model = network((x, layers) => layerNorm(layers, conv(layers, x, [8, 3, 3, 3]), 8, how));
      assert.equal(rewriteForCpu(model, 4), false);
    });

  it('draws numbers where the map is nearly flat', async () => {
    const model = network((x, layers) => {
      const high = layers.graph.weight([8], new Float32Array(8).fill(1000));
      const kernel = layers.graph.weight([8, 3, 1, 1], new Float32Array(24).fill(1e-3));
      return layerNorm(layers, layers.graph.op('Conv', [x, kernel, high], { kernel_shape: [1, 1] }), 8);
    });
    assert.equal(rewriteForCpu(copyOf(model), 4), true);
    const { data } = await run(model, pictureOf(64, 64), 4);
    assert.ok(data.every(Number.isFinite));
  });
});

describe('the heights of feature maps', () => {
  it('are those that onnxruntime computes, for every height of the picture', async () => {
    const values: Value[] = [];
    const model = network((x, layers) => {
      const { graph } = layers;
      const push = (value: Value) => {
        values.push(value);
        return value;
      };
      const half = push(conv(layers, reflected(layers, x, 1), [4, 3, 3, 3], { strides: [2, 2] }));
      const quarter = push(graph.op('MaxPool', [half], { kernel_shape: [2, 2], strides: [2, 2] }));
      const longer = push(reflected(layers, graph.op('Relu', [quarter]), 1));
      const scales = graph.weight([4], Float32Array.of(1, 1, 2, 2));
      push(graph.op('Resize', [longer, '', scales], { mode: 'nearest' }));
      const doubled = push(
        graph.op('ConvTranspose', [quarter, layers.weight([4, 2, 3, 3])], {
          kernel_shape: [3, 3],
          strides: [2, 2],
          pads: [1, 1, 1, 1],
          output_padding: [1, 1],
        }),
      );
      return push(graph.op('Concat', [doubled, half], { axis: 1 }));
    });
    const heights = traceHeights(model.graph, 8);
    for (const times of [1, 2, 5]) {
      for (const value of values) {
        const { drawing } = { drawing: await run(reading(model, value), pictureOf(8 * times, 16)) };
        const { a, b } = heights.get(value)!;
        assert.equal(a * times + b, drawing.dims[2], value);
      }
    }
  });

  it('believes what a file says of its maps only where the picture is of one size, and of single maps', () => {
    const declaring = (dims: readonly (number | string)[], declared: readonly number[]) => {
      const graph = new GraphBuilder('declaring');
      const map = graph.op('Erf', [
        graph.op('Tile', [graph.input('picture', dims), graph.ints([1, 1, 1, 1])]),
      ]);
      graph.describe(map, declared);
      graph.output('drawing', map, dims);
      return traceHeights(graph.model().graph, 8).get('drawing');
    };
    assert.deepEqual(declaring([1, 3, 64, 64], [1, 3, 64, 64]), { a: 0, b: 64 });
    assert.equal(declaring([1, 3, 'height', 'width'], [1, 3, 64, 64]), undefined);
    assert.equal(declaring([1, 3, 64, 64], [3, 1, 64, 64]), undefined);
  });
});

/** The network with another value as its output. */
function reading(model: OnnxModel, value: Value): OnnxModel {
  const copy = copyOf(model);
  copy.graph.node.find(({ output }) => output[0] === 'drawing')!.input = [value];
  return copy;
}
