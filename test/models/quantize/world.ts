// Tiny networks to quantize, and pictures to calibrate them on.

import { float, GraphBuilder, type Value } from '../../../shared/models/onnx/builder.js';
import { type OnnxModel, readOnnx, writeOnnx } from '../../../shared/models/onnx/file.js';
import { type QuantizeOptions, quantizeNetwork } from '../../../shared/models/quantize/quantize.js';
import { openSession } from '../../../shared/models/session.js';
import { randomFor } from '../../../shared/random.js';
import { sizeOf, type Tensor, tensor } from '../../../shared/tensor.js';

export interface Layers {
  graph: GraphBuilder;
  /** Random weights, of that size where all inputs of a channel are added up. */
  weight(dims: readonly number[], change?: (value: number, at: number) => number): Value;
  conv(x: Value, dims: readonly number[], change?: (value: number, at: number) => number): Value;
  leaky(x: Value): Value;
  reflect(x: Value): Value;
}

/** A network of a first and a last convolution, and of what `middle` makes of the eight maps between them. */
export function drawing(middle: (maps: Value, layers: Layers) => Value): OnnxModel {
  const graph = new GraphBuilder('drawing');
  const random = randomFor(3, 'network');
  const weight: Layers['weight'] = (dims, change = (value) => value) => {
    const size = Math.sqrt(sizeOf(dims.slice(1)));
    const data = Float32Array.from({ length: sizeOf(dims) }, (_, at) => change(random.normal() / size, at));
    return graph.weight(dims, data);
  };
  const conv: Layers['conv'] = (x, dims, change) =>
    graph.op('Conv', [x, weight(dims, change), weight([dims[0]])], { kernel_shape: dims.slice(2) });
  const leaky = (x: Value) => graph.op('LeakyRelu', [x], { alpha: float(0.2) });
  const reflect = (x: Value) =>
    graph.op('Pad', [x, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'reflect' });
  const layers = { graph, weight, conv, leaky, reflect };
  const picture = graph.input('picture', [1, 3, 'height', 'width']);
  const maps = leaky(conv(picture, [8, 3, 1, 1]));
  const last = conv(middle(maps, layers), [3, 8, 1, 1]);
  graph.output('drawing', graph.op('Tanh', [last]), [1, 3, 'rows', 'columns']);
  return graph.model();
}

/** Two blocks of a network that draws: what lies between the convolutions can all be bytes. */
export const plain = (): OnnxModel =>
  drawing((maps, { conv, leaky, reflect, graph }) => {
    const once = leaky(conv(reflect(maps), [8, 8, 3, 3]));
    return leaky(graph.op('Add', [conv(reflect(once), [8, 8, 3, 3]), maps]));
  });

export const copyOf = (model: OnnxModel): OnnxModel => readOnnx(writeOnnx(model));

export const pictures = (count: number, side = 32): Tensor[] =>
  Array.from({ length: count }, (_, at) => {
    const random = randomFor(at, 'picture', side);
    return tensor(
      [1, 3, side, side],
      Float32Array.from({ length: 3 * side * side }, () => 2 * random.uniform() - 1),
    );
  });

export async function draw(model: OnnxModel, picture: Tensor): Promise<Tensor> {
  const session = await openSession(writeOnnx(model), { name: 'drawing', device: 'cpu' });
  const { drawing: drawn } = await session.run({ picture });
  await session.close();
  return drawn;
}

export const FORM = { maps: 'uint8', weights: { type: 'int8', bits: 7, perChannel: true } } as const;

/** Quantizes a copy. */
export const quantize = (model: OnnxModel, options: Partial<QuantizeOptions> = {}) =>
  quantizeNetwork(copyOf(model), {
    name: 'drawing',
    pictures: { calibration: pictures(3), measured: pictures(5).slice(3) },
    range: [-1, 1],
    multipleOf: 4,
    form: FORM,
    leastDb: 20,
    ...options,
  });

export const countOf = ({ graph }: OnnxModel, opType: string): number =>
  graph.node.filter((node) => node.opType === opType).length;
