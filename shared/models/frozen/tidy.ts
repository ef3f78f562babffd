// A graph as the other steps want it: nodes in the order of the data, constants among the weights, convolutions that say how large
// their kernels are.

import { ATTRIBUTE_TYPE, attributeOf, type Graph, type Node, type TensorProto } from '../onnx/file.js';
import { floatTensor, intTensor } from '../onnx/tensor-proto.js';

/**
 * A copy, of all that is changed later, in which every node comes after those whose values it reads, and nodes that only hold a
 * constant are weights.
 */
export function tidied(graph: Graph): Graph {
  const weights = [...graph.initializer];
  const nodes: Node[] = [];
  for (const node of inOrder(graph.node)) {
    const constant = node.opType === 'Constant' ? constantOf(node) : undefined;
    if (constant === undefined) nodes.push(structuredClone(node));
    else weights.push({ ...constant, name: node.output[0] });
  }
  for (const node of nodes) nameKernel(node, weights);
  return {
    ...graph,
    node: nodes,
    initializer: weights,
    input: structuredClone(graph.input),
    output: structuredClone(graph.output),
    valueInfo: [],
  };
}

/** Some exporters leave it to the weights. */
function nameKernel(node: Node, weights: readonly TensorProto[]): void {
  const isConvolution = node.opType === 'Conv' || node.opType === 'ConvTranspose';
  if (!isConvolution || attributeOf(node, 'kernel_shape') !== undefined) return;
  const ints = weights.find(({ name }) => name === node.input[1])?.dims.slice(2);
  if (ints !== undefined) node.attribute.push({ name: 'kernel_shape', type: ATTRIBUTE_TYPE.ints, ints });
}

function constantOf(node: Node): TensorProto | undefined {
  const tensor = attributeOf(node, 'value')?.t;
  if (tensor !== undefined) return tensor;
  const [float, floats] = [attributeOf(node, 'value_float')?.f, attributeOf(node, 'value_floats')?.floats];
  const [int, ints] = [attributeOf(node, 'value_int')?.i, attributeOf(node, 'value_ints')?.ints];
  if (float !== undefined) return floatTensor([], Float32Array.of(float));
  if (floats !== undefined) return floatTensor([floats.length], Float32Array.from(floats));
  if (int !== undefined) return intTensor([], [int]);
  return ints && intTensor([ints.length], ints);
}

/** Depth first from every node, without recursion: graphs are thousands of nodes deep. */
function inOrder(nodes: readonly Node[]): Node[] {
  const makers = new Map(nodes.flatMap((node) => node.output.map((value) => [value, node] as const)));
  const done = new Set<Node>();
  const ordered: Node[] = [];
  for (const last of nodes) {
    const path = [last];
    while (path.length > 0) {
      const node = path[path.length - 1];
      const before = node.input.map((value) => makers.get(value)).find((maker) => maker && !done.has(maker));
      if (before !== undefined && !path.includes(before)) {
        path.push(before);
        continue;
      }
      path.pop();
      if (!done.has(node)) ordered.push(node);
      done.add(node);
    }
  }
  return ordered;
}
