// A network as onnxruntime's CPU computes it fastest: the same numbers by other operators.

import { sizeOf } from '../../tensor.js';
import type { OnnxModel } from '../onnx/file.js';
import { opsetOf, raiseOpset } from '../onnx/raise-opset.js';
import { traceHeights } from './heights.js';
import { layerNorms } from './layer-norm.js';
import { narrowConvolutions } from './narrow-convolutions.js';
import { pointwiseConvolutions } from './pointwise.js';
import { rewriteGraph } from './rewrite.js';
import { rowConvolutions } from './row-convolutions.js';

// The products' kernels take twice the room of those that they replace, and exist beside them while they are made.
const MOST_WEIGHTS = 2 ** 26;
// From 13 on the operators that the rules write take their inputs as they write them.
const OLDEST_OPSET = 13;

/**
 * Rewrites a float32 picture-to-picture network in place, and says whether anything was rewritten; networks of more than 67
 * million weights stay as they are. The result takes one picture at a time, whose sides are multiples of `multipleOf`, and
 * nothing else.
 */
export function rewriteForCpu(model: OnnxModel, multipleOf: number): boolean {
  const { graph } = model;
  const weights = graph.initializer.reduce((sum, { dims }) => sum + sizeOf(dims), 0);
  if (weights > MOST_WEIGHTS) return false;
  const isOld = opsetOf(model) < OLDEST_OPSET;
  if (isOld && raiseOpset(model) !== undefined) return false;
  const opset = opsetOf(model);
  const norms = rewriteGraph(graph, opset, layerNorms);
  const heights = traceHeights(graph, multipleOf);
  const convolutions = rewriteGraph(graph, opset, rowConvolutions(heights));
  const points = rewriteGraph(graph, opset, pointwiseConvolutions(heights));
  const narrow = rewriteGraph(graph, opset, narrowConvolutions);
  return isOld || norms + convolutions + points + narrow > 0;
}
