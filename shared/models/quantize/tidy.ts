// What exporters leave behind, and what shape inference stumbles over once it knows how many axes a map has.

import type { Graph } from '../onnx/file.js';

/** An enlargement to given sides has no factors: some files name an empty list, made at run time, beside the sides. */
export function dropIdleFactors(graph: Graph): void {
  for (const node of graph.node) if (node.opType === 'Resize' && node.input[3]) node.input[2] = '';
}
