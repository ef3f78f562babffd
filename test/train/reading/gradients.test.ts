// Gradients through graphs that were read, against differences of the original that onnxruntime runs.

import { float, GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import type { OnnxModel, TensorProto } from '../../../shared/models/onnx/file.js';
import { floatsOf } from '../../../shared/models/onnx/tensor-proto.js';
import { openSession } from '../../../shared/models/session.js';
import { sizeOf, type Tensor, tensor } from '../../../shared/tensor.js';
import * as a from '../../../shared/train/arithmetic.js';
import { gradients } from '../../../shared/train/gradients.js';
import { emit } from '../../../shared/train/onnx.js';
import type { Dims, Node } from '../../../shared/train/ops.js';
import { readGraph } from '../../../shared/train/reading/read.js';
import { assertNear, copyOf, random, run } from './read-and-run.js';

interface Network {
  x: Dims;
  y: Dims;
  make: (graph: GraphBuilder, x: Value, weight: (dims: Dims) => Value) => Value;
}

const NETWORKS: Record<string, Network> = {
  'a convolution, instance norm, leaky relu and a larger size': {
    x: [1, 2, 4, 5],
    y: [1, 3, 8, 10],
    make(graph, x, weight) {
      const bordered = graph.op('Pad', [x, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' });
      const y = graph.op('Conv', [bordered, weight([3, 2, 3, 3]), weight([3])]);
      const even = graph.op('InstanceNormalization', [y, weight([3]), weight([3])], { epsilon: float(1e-3) });
      const bent = graph.op('LeakyRelu', [even], { alpha: float(0.2) });
      const scales = graph.weight([4], Float32Array.of(1, 1, 2, 2), 'scales');
      return graph.op('Resize', [bent, '', scales], { mode: 'linear' });
    },
  },
  'an attention': {
    x: [2, 5, 4],
    y: [2, 5, 4],
    make(graph, x, weight) {
      const [q, k, v] = [1, 2, 3].map(() => graph.op('MatMul', [x, weight([4, 4])]));
      const turned = graph.op('Transpose', [k], { perm: [0, 2, 1] });
      const scores = graph.op('Mul', [graph.op('MatMul', [q, turned]), graph.scalar(0.5)]);
      return graph.op('MatMul', [graph.op('Softmax', [scores], { axis: -1 }), v]);
    },
  },
  'a group norm as PyTorch exports it': {
    x: [2, 4, 3, 3],
    y: [2, 4, 3, 3],
    make(graph, x, weight) {
      const [ones, zeros] = [1, 0].map((value) => graph.weight([2], new Float32Array(2).fill(value)));
      const rows = graph.op('Reshape', [x, graph.ints([0, 2, -1])]);
      const even = graph.op('InstanceNormalization', [rows, ones, zeros], { epsilon: float(1e-5) });
      const y = graph.op('Reshape', [even, graph.op('Shape', [x])]);
      const scaled = graph.op('Add', [graph.op('Mul', [y, weight([4, 1, 1])]), weight([4, 1, 1])]);
      return graph.op('Mul', [scaled, graph.op('Sigmoid', [scaled])]);
    },
  },
  'a network that shrinks and grows again': {
    x: [1, 2, 8, 8],
    y: [1, 2, 8, 8],
    make(graph, x, weight) {
      const small = graph.op('Conv', [x, weight([4, 2, 3, 3])], { strides: [2, 2], pads: [1, 1, 1, 1] });
      const least = graph.op('AveragePool', [graph.op('PRelu', [small, weight([4, 1, 1])])], {
        ...{ kernel_shape: [2, 2], strides: [2, 2] },
      });
      const grown = graph.op('ConvTranspose', [least, weight([4, 8, 2, 2]), weight([8])], {
        strides: [2, 2],
      });
      return graph.op('DepthToSpace', [graph.op('Elu', [grown])], { blocksize: 2, mode: 'CRD' });
    },
  },
  'words that are looked up and cut, in a layer norm': {
    x: [2, 6],
    y: [2, 3],
    make(graph, x, weight) {
      const even = graph.op('LayerNormalization', [x, weight([6]), weight([6])]);
      const [one, other] = graph.ops('Split', [even], 2, { axis: 1, num_outputs: 2 });
      const turned = graph.op('Slice', [one, ...[[-1], [-9], [1], [-1]].map((list) => graph.ints(list))]);
      const row = graph.op('Gather', [weight([4, 3]), graph.ints([2, 2])], { axis: 0 });
      const power = graph.op('Pow', [graph.op('Softplus', [turned]), graph.scalar(1.7)]);
      return graph.op('Add', [
        graph.op('Mul', [power, row]),
        graph.op('Where', [graph.op('Greater', [other, graph.scalar(0.2)]), other, graph.op('Erf', [other])]),
      ]);
    },
  },
};

interface Made {
  model: OnnxModel;
  /** Names of what is learned. */
  weights: string[];
}
function modelOf({ x, y, make }: Network): Made {
  const graph = new GraphBuilder('network');
  const weights: string[] = [];
  const value = make(graph, graph.input('x', x), (dims) => {
    weights.push(`learned ${weights.length}`);
    return graph.weight(dims, random(dims, weights.length + 3).data, weights[weights.length - 1]);
  });
  graph.output('y', value, y);
  return { model: graph.model(), weights };
}

/** The same model with its weights as inputs, which onnxruntime can be fed anew. */
function opened({ model, weights }: Made): { model: OnnxModel; feeds: Record<string, Tensor> } {
  const open = copyOf(model);
  const given = new Map(open.graph.initializer.map((weight) => [weight.name ?? '', weight]));
  open.graph.initializer = open.graph.initializer.filter(({ name = '' }) => !weights.includes(name));
  const feeds = weights.map((name): [string, Tensor] => {
    const weight = given.get(name) as TensorProto;
    const dim = weight.dims.map((dimValue) => ({ dimValue }));
    open.graph.input.push({ name, type: { tensorType: { elemType: 1, shape: { dim } } } });
    return [name, tensor(weight.dims, floatsOf(weight))];
  });
  return { model: open, feeds: Object.fromEntries(feeds) };
}

for (const [title, network] of Object.entries(NETWORKS))
  describe(`the gradient through ${title}`, () => {
    const made = modelOf(network);
    const { model, feeds } = opened(made);
    const given: Record<string, Tensor> = { x: random(network.x, 1), ...feeds };
    const counted = random(network.y, 2).data;

    it('is that of central differences, of the picture and of every weight', async () => {
      const session = await openSession(copyOf(model), { name: title, device: 'cpu' });
      const lossAt = async (name: string, direction: Float32Array, step: number): Promise<number> => {
        const { dims, data } = given[name];
        const moved = tensor(
          dims,
          data.map((value, at) => value + step * direction[at]),
        );
        const { y } = await session.run({ ...given, [name]: moved });
        return y.data.reduce((sum, value, at) => sum + value * counted[at], 0);
      };
      const found = await slopesOf(made, network, { given, counted });
      for (const [name, { dims, data }] of Object.entries(found))
        for (const seed of [11, 12, 13]) {
          const direction = random(dims, seed).data;
          const wanted = await differences((step) => lossAt(name, direction, step));
          const got = data.reduce((sum, value, at) => sum + value * direction[at], 0);
          // Relative to what float32 leaves of differences.
          const size = Math.sqrt(sizeOf(dims));
          assertNear([got, size], [wanted, size], { name: `the slope of ${name}`, tolerance: 5e-4 });
        }
      await session.close();
    });
  });

/** dL/dx and dL/dweight by their names, L = the sum of y times some numbers. */
async function slopesOf(
  { model, weights }: Made,
  { x, y }: Network,
  { given, counted }: { given: Record<string, Tensor>; counted: Float32Array },
): Promise<Record<string, Tensor>> {
  const inputs = new Map<string, Node>([['x', a.input('x', x)]]);
  const outputs = readGraph(copyOf(model), {
    inputs: { x: inputs.get('x') as Node },
    weight(name, dims) {
      if (!weights.includes(name)) return undefined;
      inputs.set(name, a.input(name, dims));
      return inputs.get(name);
    },
  });
  const loss = a.sum(a.multiply(outputs.y, a.constant(y, counted)));
  const slopes = gradients(loss, [...inputs.values()]);
  const named = Object.fromEntries([...inputs.keys()].map((name, at) => [`slope of ${name}`, slopes[at]]));
  const values = await run(emit(named), given);
  return Object.fromEntries([...inputs.keys()].map((name) => [name, values[`slope of ${name}`]]));
}

/** (L(h) - L(-h)) / 2h with the next term of its error taken out (Richardson), so that h may be large for float32. */
async function differences(lossAt: (step: number) => Promise<number>): Promise<number> {
  const h = 0.01;
  const slope = async (step: number) => ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
  return (4 * (await slope(h)) - (await slope(2 * h))) / 3;
}
