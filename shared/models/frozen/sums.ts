// Which numbers grow with the picture: of a part or a mosaic of it a sum is another one, a mean nearly the same.

import type { Graph } from '../onnx/file.js';
import type { Kinds } from './kinds.js';

/** Operators that add up what they read. */
const ADD_UP: ReadonlySet<string> = new Set(
  'ReduceSum ReduceSumSquare ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp MatMul Gemm Einsum'.split(' '),
);

/**
 * Measured values that are sums over places, or are made of such, and that were not divided by a number of places. The nodes
 * must lie in the order of the data.
 */
export function sumsOver({ node: nodes }: Graph, kinds: Kinds): Set<string> {
  const sums = new Set<string>();
  for (const { opType, input, output } of nodes) {
    if (kinds.get(output[0]) !== 'measured') continue;
    const isOverPlaces = ADD_UP.has(opType) && input.some((value) => kinds.get(value) === 'placed');
    const isShared = opType === 'Div' && kinds.get(input[1]) === 'sized';
    if (isOverPlaces || (!isShared && input.some((value) => sums.has(value)))) sums.add(output[0]);
  }
  return sums;
}
