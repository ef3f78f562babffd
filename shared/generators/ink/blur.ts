// Blurs and changes of scale: separable, with borders that neither darken nor ring.

import type { GraphBuilder, Value } from '../../models/onnx/builder.js';
import { extend } from './plane.js';

/** A Gaussian is cut off at this many sigmas: what is left out is below 1.3 % of its weight. */
const GAUSSIAN_REACH = 2.5;

/** Mean over a square of side 2 `radiusPx` + 1; at the borders over the part inside the picture. */
export function boxBlur(graph: GraphBuilder, x: Value, radiusPx: number): Value {
  if (radiusPx === 0) return x;
  return meanAlong(graph, meanAlong(graph, x, radiusPx, 0), 0, radiusPx);
}

/** Gaussian blurs, one sigma per channel. Every channel on its own: the fast (depthwise) road of onnxruntime. */
export function gaussianBlur(graph: GraphBuilder, x: Value, sigmasPx: readonly number[]): Value {
  const reachPx = reachOf(Math.max(...sigmasPx));
  const along = { top: 0, left: reachPx, bottom: 0, right: reachPx };
  const down = { top: reachPx, left: 0, bottom: reachPx, right: 0 };
  const weights = Float32Array.from(sigmasPx.flatMap((sigmaPx) => [...gaussian(sigmaPx, reachPx)]));
  const rows = convolveEach(graph, extend(graph, x, along), weights, [1, 2 * reachPx + 1]);
  return convolveEach(graph, extend(graph, rows, down), weights, [2 * reachPx + 1, 1]);
}

/** Shrinks by a whole factor; every pixel is the mean of a block. Sides must be multiples of the factor. */
export function shrink(graph: GraphBuilder, x: Value, factor: number): Value {
  if (factor === 1) return x;
  return graph.op('AveragePool', [x], { kernel_shape: [factor, factor], strides: [factor, factor] });
}

/** Enlarges by a whole factor, linearly; pixel centres lie where `shrink` takes them from. */
export function enlarge(graph: GraphBuilder, x: Value, factor: number): Value {
  if (factor === 1) return x;
  const scales = graph.weight([4], Float32Array.of(1, 1, factor, factor));
  return graph.op('Resize', [x, '', scales], {
    mode: 'linear',
    coordinate_transformation_mode: 'half_pixel',
  });
}

/** Pixels to each side after which a Gaussian is cut off. */
export function reachOf(sigmaPx: number): number {
  return Math.max(1, Math.ceil(GAUSSIAN_REACH * sigmaPx));
}

/** The 2 `reachPx` + 1 weights of a Gaussian, of sum 1. */
export function gaussian(sigmaPx: number, reachPx: number): Float32Array {
  const weights = Float32Array.from({ length: 2 * reachPx + 1 }, (_, i) =>
    Math.exp(-((i - reachPx) ** 2) / (2 * sigmaPx ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function convolveEach(graph: GraphBuilder, x: Value, weights: Float32Array, kernel: [number, number]): Value {
  const count = weights.length / (kernel[0] * kernel[1]);
  return graph.op('Conv', [x, graph.weight([count, 1, ...kernel], weights)], {
    kernel_shape: kernel,
    group: count,
  });
}

function meanAlong(graph: GraphBuilder, x: Value, downPx: number, alongPx: number): Value {
  return graph.op('AveragePool', [x], {
    kernel_shape: [2 * downPx + 1, 2 * alongPx + 1],
    pads: [downPx, alongPx, downPx, alongPx],
    count_include_pad: 0,
  });
}
