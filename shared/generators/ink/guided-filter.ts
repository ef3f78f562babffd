// Edge-preserving smoothing: the fast guided filter (He and Sun 2015, arXiv:1505.00996), self-guided, each channel on
// its own, so that grey stays grey.

import type { GraphBuilder, Value } from '../../models/onnx/builder.js';
import { boxBlur, enlarge, shrink } from './blur.js';
import { add, div, larger, mul, sub } from './plane.js';

interface GuidedFilter {
  /** Half the side of the window, in pixels of the plane. */
  radiusPx: number;
  /** Variance (of values on 0..1) below which detail is smoothed away, where the plane is white. */
  epsilon: number;
  /** Coefficients are computed on a plane that is smaller by this factor (s in the paper). */
  shrinkBy: number;
}

/** Contrast counts relative to brightness plus this: shadows keep their drawing, black noise does not become any. */
const DARK = 0.15;

/** Smooths a plane where its variance is below epsilon and keeps its edges. */
export function smooth(graph: GraphBuilder, x: Value, filter: GuidedFilter): Value {
  const { slope, offset } = coefficients(graph, x, filter);
  const { shrinkBy } = filter;
  return add(graph, mul(graph, enlarge(graph, slope, shrinkBy), x), enlarge(graph, offset, shrinkBy));
}

/** a from the variance, b = (1 - a) mean (eq. 5 and 6 with guide = input), both averaged over their windows. */
function coefficients(graph: GraphBuilder, x: Value, { radiusPx, epsilon, shrinkBy }: GuidedFilter) {
  const small = shrink(graph, x, shrinkBy);
  const radius = Math.max(1, Math.round(radiusPx / shrinkBy));
  const mean = boxBlur(graph, small, radius);
  const slope = slopeOf(graph, varianceOf(graph, small, mean, radius), limitAt(graph, mean, epsilon));
  const offset = sub(graph, mean, mul(graph, slope, mean));
  return { slope: boxBlur(graph, slope, radius), offset: boxBlur(graph, offset, radius) };
}

/** var^2 / (var^2 + limit^2): the paper's a = var / (var + epsilon) leaves every edge a little foggy; this decides. */
function slopeOf(graph: GraphBuilder, variance: Value, limit: Value): Value {
  const squared = mul(graph, variance, variance);
  return div(graph, squared, add(graph, squared, mul(graph, limit, limit)));
}

function limitAt(graph: GraphBuilder, mean: Value, epsilon: number): Value {
  const light = add(graph, mul(graph, mean, 1 - DARK), DARK);
  return mul(graph, mul(graph, light, light), epsilon);
}

function varianceOf(graph: GraphBuilder, x: Value, mean: Value, radius: number): Value {
  const square = boxBlur(graph, mul(graph, x, x), radius);
  return larger(graph, sub(graph, square, mul(graph, mean, mean)), 0);
}
