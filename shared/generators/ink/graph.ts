// The style "ink" as one ONNX graph for pictures of one size: paint below, ink on top. Nothing is learned, and
// nothing depends on more of the picture than the surroundings of a pixel.

import { GraphBuilder, type Value } from '../../models/onnx/builder.js';
import type { OnnxModel } from '../../models/onnx/file.js';
import { enrich } from './colour.js';
import { smooth } from './guided-filter.js';
import { inkLines } from './lines.js';
import { LOOK, type Look } from './look.js';
import { type Plan, planFor } from './plan.js';
import { add, clip, crop, extend, luma, mul, peakOf, type SizePx, sub } from './plane.js';
import { expose, softSteps } from './tone.js';

/** Names of the graph's ports: planar RGB `[1,3,H,W]` in -1..1, in and out. */
export const INK_INPUT = 'photo';
export const INK_OUTPUT = 'drawing';

interface InkSize extends SizePx {
  /** Size by which strokes are measured, when the plane is a tile of a larger picture; default: the plane's own. */
  sizePx?: number;
}

/** The graph that draws pictures of this size. */
export function inkGraph({ width, height, sizePx }: InkSize, look: Look = LOOK): OnnxModel {
  const graph = new GraphBuilder('ink');
  const plan = planFor({ width, height }, look, sizePx);
  const photo = graph.input(INK_INPUT, [1, 3, height, width]);
  const whole = extend(graph, photo, { top: 0, left: 0, ...missing({ width, height }, plan.blockPx) });
  const rgb = add(graph, mul(graph, whole, 0.5), 0.5);
  const paint = painted(graph, rgb, look, plan);
  const lines = inkLines(graph, luma(graph, rgb), look.line, plan);
  const drawing = mul(graph, paint, sub(graph, 1, mul(graph, lines, look.line.opacity)));
  const signed = sub(graph, mul(graph, crop(graph, drawing, { width, height }), 2), 1);
  graph.output(INK_OUTPUT, clip(graph, signed, -1, 1), [1, 3, height, width]);
  return graph.model();
}

/** Flat areas in soft steps of tone and rich colour. */
function painted(graph: GraphBuilder, rgb: Value, look: Look, plan: Plan): Value {
  const flat = look.paint.radii.reduce((plane, radius) => pass(graph, plane, radius, { look, plan }), rgb);
  const from = luma(graph, flat);
  const exposed = expose(graph, { brightness: from, peak: peakOf(graph, flat) }, look.tone, plan);
  const to = softSteps(graph, exposed, look.tone);
  return enrich(graph, flat, { from, to }, look.colour);
}

function pass(
  graph: GraphBuilder,
  plane: Value,
  radius: number,
  { look, plan }: { look: Look; plan: Plan },
): Value {
  const radiusPx = radius * plan.sizePx;
  // A small window has no pixels to spare; the lines' factor divides the block too and follows the size.
  const shrinkBy = radiusPx < 2 * plan.windowShrinkBy ? plan.lines.shrinkBy : plan.windowShrinkBy;
  return smooth(graph, plane, { radiusPx, epsilon: look.paint.epsilon, shrinkBy });
}

/** Pixels to add at the bottom and the right for whole blocks. */
function missing({ width, height }: SizePx, blockPx: number): { bottom: number; right: number } {
  const beyond = (px: number) => Math.ceil(px / blockPx) * blockPx - px;
  return { bottom: beyond(height), right: beyond(width) };
}
