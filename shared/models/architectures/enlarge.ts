// The steps without weights: enlarging to twice the size, and setting the levels of the finished drawing.

import type { GraphBuilder, Value } from '../onnx/builder.js';
import type { Step } from './network.js';

type Enlargement = Extract<Step, { kind: 'enlarge' }>['by'];
type Levels = Extract<Step, { kind: 'levels' }>;

const RESIZE: Record<Enlargement, Record<string, string>> = {
  nearest: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  bilinear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
  'bilinear-aligned': { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
};

/** Twice the height and width. The factor is a constant because onnxruntime then keeps its own memory layout. */
export function enlarge(graph: GraphBuilder, x: Value, by: Enlargement): Value {
  const factors = graph.weight([4], Float32Array.of(1, 1, 2, 2));
  return graph.op('Resize', [x, '', factors], RESIZE[by]);
}

/** factor * x + offset, clipped. */
export function levels(graph: GraphBuilder, x: Value, { factor, offset, clip: [low, high] }: Levels): Value {
  const scaled = factor === 1 ? x : graph.op('Mul', [x, graph.scalar(factor)]);
  const moved = offset === 0 ? scaled : graph.op('Add', [scaled, graph.scalar(offset)]);
  return graph.op('Clip', [moved, graph.scalar(low), graph.scalar(high)]);
}
