// A network as onnxruntime's CPU computes it fastest: the same numbers by other operators.

import type { OnnxModel } from '../onnx/file.js';
import { traceHeights } from './heights.js';
import { layerNorms } from './layer-norm.js';
import { pointwiseConvolutions } from './pointwise.js';
import { rewriteGraph } from './rewrite.js';
import { rowConvolutions } from './row-convolutions.js';

// From 13 on the operators that the rules write take their inputs as they write them.
const OLDEST_OPSET = 13;

/**
 * Rewrites a float32 picture-to-picture network in place, and says whether anything was rewritten. The result takes one
 * picture at a time, whose sides are multiples of `multipleOf`, and nothing else.
 */
export function rewriteForCpu({ graph, opsetImport }: OnnxModel, multipleOf: number): boolean {
  const opset = opsetImport.find(({ domain }) => domain === '' || domain === undefined)?.version ?? 0;
  if (opset < OLDEST_OPSET) return false;
  const norms = rewriteGraph(graph, opset, layerNorms);
  const heights = traceHeights(graph, multipleOf);
  const convolutions = rewriteGraph(graph, opset, rowConvolutions(heights));
  const points = rewriteGraph(graph, opset, pointwiseConvolutions(heights));
  return norms + convolutions + points > 0;
}
