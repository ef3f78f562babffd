// Which numbers of an exported network are there to be learned: kernels, matrices, and what is added and multiplied channel
// by channel; not those of shapes, of statistics, and of how pixels are scaled.

import { inputsOf } from '../../models/imports/ports.js';
import { DATA_TYPE, type Graph, type Node, type OnnxModel } from '../../models/onnx/file.js';
import { sizeOf } from '../../tensor.js';
import { originsOf } from './read.js';

/** Inputs of each op that are learned. */
const LEARNED: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [1, 2],
  MatMul: [0, 1],
  InstanceNormalization: [1, 2],
  // Behind them lie running statistics.
  BatchNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  PRelu: [1],
  // Norms in many spellings, and biases.
  Add: [0, 1],
  Sub: [0, 1],
  Mul: [0, 1],
  Div: [0, 1],
};
/** Fewer numbers scale pixels, and are no channels of a layer. */
const LEAST = 8;
const PLAIN = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Names of the initializers that gradients may change. */
export function learnable({ graph }: OnnxModel): Set<string> {
  const origin = originsOf(graph);
  const weights = new Map(graph.initializer.map((proto) => [proto.name ?? '', proto]));
  const fed = dependents(graph);
  const isRight = (name: string, { opType, input }: Node): boolean => {
    const weight = weights.get(name);
    if (weight?.dataType !== DATA_TYPE.float32) return false;
    // What is added to a variance, or makes a table, meets no picture.
    return !PLAIN.has(opType) || (sizeOf(weight.dims) >= LEAST && input.some((value) => fed.has(value)));
  };
  return new Set(
    graph.node.flatMap((node) =>
      (LEARNED[node.opType] ?? [])
        .map((at) => origin(node.input[at] ?? ''))
        .filter((name) => isRight(name, node)),
    ),
  );
}

/** Values that depend on what the graph is fed; shapes do, but their numbers do not. */
function dependents(graph: Graph): Set<string> {
  const found = new Set(inputsOf(graph).map(({ name }) => name));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const op of graph.node)
      if (op.opType !== 'Shape' && op.input.some((value) => found.has(value)))
        for (const value of op.output) found.add(value);
  }
  return found;
}
