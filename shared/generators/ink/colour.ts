// Richer colour without clipping: chroma grows until it nears the edge of what a screen can show.

import type { GraphBuilder, Value } from '../../models/onnx/builder.js';
import type { Look } from './look.js';
import { add, channels, div, larger, mul, peakOf, smaller, sqrt, sub } from './plane.js';

/** Less chroma than this is grey: it has room for any factor. */
const GREY = 1e-4;
/** Any factor is this one at most, so that its eighth power stays a float. */
const MAX_FACTOR = 100;

/** The colours of `rgb` on a new brightness, `saturation` times as rich where there is room for that. */
export function enrich(
  graph: GraphBuilder,
  rgb: Value,
  { from, to }: { from: Value; to: Value },
  { saturation, keep }: Look['colour'],
): Value {
  const chroma = sub(graph, rgb, from);
  const light = smaller(graph, to, ceilingOf(graph, chroma, keep));
  const factor = softMinimum(graph, roomFor(graph, chroma, light), saturation);
  return add(graph, light, mul(graph, chroma, factor));
}

/** The brightness up to which `keep` times the photo's chroma still shows: a pale sky is not to become white paper. */
function ceilingOf(graph: GraphBuilder, chroma: Value, keep: number): Value {
  return sub(graph, 1, mul(graph, peakOf(graph, chroma), keep));
}

/** The factor at which a channel of `brightness + factor * chroma` meets black or white. */
function roomFor(graph: GraphBuilder, chroma: Value, brightness: Value): Value {
  const [r, g, b] = [0, 1, 2].map((i) => channels(graph, chroma, i, i + 1));
  const highest = larger(graph, peakOf(graph, chroma), GREY);
  const lowest = smaller(graph, smaller(graph, r, smaller(graph, g, b)), -GREY);
  const toWhite = div(graph, sub(graph, 1, brightness), highest);
  const toBlack = mul(graph, div(graph, brightness, lowest), -1);
  return smaller(graph, larger(graph, smaller(graph, toWhite, toBlack), 0), MAX_FACTOR);
}

/** (a^-8 + b^-8)^(-1/8): below both, and near the smaller one; rounds the corner where colours would clip. */
function softMinimum(graph: GraphBuilder, a: Value, b: number): Value {
  const power8 = square(graph, square(graph, square(graph, mul(graph, a, 1 / b))));
  return div(graph, a, sqrt(graph, sqrt(graph, sqrt(graph, add(graph, power8, 1)))));
}

function square(graph: GraphBuilder, x: Value): Value {
  return mul(graph, x, x);
}
