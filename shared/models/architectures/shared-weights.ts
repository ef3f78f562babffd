// A block that is applied nine times reads its weights nine times: the file holds them once.

import type { Graph, TensorProto } from '../onnx/file.js';

/** Lets equal weights stand once in the graph, in place. */
export function shareEqualWeights(graph: Graph): void {
  const first = new Map<string, TensorProto[]>();
  const renamed = new Map<string, string>();
  for (const weight of graph.initializer) {
    const alike = first.get(kindOf(weight)) ?? [];
    const twin = alike.find((known) => Buffer.compare(bytesOf(known), bytesOf(weight)) === 0);
    if (twin) renamed.set(weight.name!, twin.name!);
    else first.set(kindOf(weight), [...alike, weight]);
  }
  graph.initializer = graph.initializer.filter(({ name }) => !renamed.has(name!));
  for (const node of graph.node) node.input = node.input.map((name) => renamed.get(name) ?? name);
}

const kindOf = ({ dataType, dims }: TensorProto): string => `${dataType} ${dims.join('x')}`;

const bytesOf = ({ rawData }: TensorProto): Uint8Array => rawData ?? new Uint8Array();
