// The ink: difference-of-Gaussians lines (XDoG, Winnemoeller, Kyprianidis and Olsen 2012) with two pens, along the flow
// of edges, and with hysteresis: what is weak is drawn where it carries on a line, and left out where it is a speck.

import type { GraphBuilder, Value } from '../../models/onnx/builder.js';
import { enlarge, gaussianBlur, shrink } from './blur.js';
import { flowOf, meanAlongFlow } from './flow.js';
import { smooth } from './guided-filter.js';
import type { Look, Pen } from './look.js';
import type { Plan } from './plan.js';
import { add, channels, div, larger, mul, ramp, sub, tanh } from './plane.js';

type LineLook = Look['line'];

/** A plane on which lines are looked for. */
interface Sheet {
  plane: Value;
  /** Pixels of the plane that "the picture's size" takes. */
  sizePx: number;
}

/** Finer Gaussians than this see pixels, not edges. */
const MIN_SIGMA_PX = 0.7;

/** Ink over a plane of brightness, 0..1. */
export function inkLines(graph: GraphBuilder, brightness: Value, look: LineLook, plan: Plan): Value {
  const { shrinkBy, enlargeBy } = plan.lines;
  const sheet = quietSheet(graph, brightness, look, plan);
  const half = { plane: shrink(graph, sheet.plane, 2), sizePx: sheet.sizePx / 2 };
  const fine = stroke(graph, sheet, look, look.fine);
  const bold = enlarge(graph, stroke(graph, half, look, look.bold), 2);
  const edges = enlarge(graph, larger(graph, fine, bold), shrinkBy);
  // Edge strength is smooth and survives enlarging; ink is hard, so it is made last, at the larger of the two scales.
  const ink = tanh(graph, mul(graph, larger(graph, edges, 0), look.gain));
  return shrink(graph, ink, enlargeBy);
}

/** Brightness at the scale of the lines, its grain smoothed away. */
function quietSheet(graph: GraphBuilder, brightness: Value, look: LineLook, plan: Plan): Sheet {
  const { shrinkBy, enlargeBy } = plan.lines;
  const sizePx = (plan.sizePx / shrinkBy) * enlargeBy;
  const plane = enlarge(graph, shrink(graph, brightness, shrinkBy), enlargeBy);
  const filter = { radiusPx: look.radius * sizePx, epsilon: look.epsilon, shrinkBy: 1 };
  return { plane: smooth(graph, plane, filter), sizePx };
}

/** Edge strength above what a line needs to be drawn by this pen; negative where there is none. */
function stroke(graph: GraphBuilder, sheet: Sheet, look: LineLook, pen: Pen): Value {
  const { fine, wide } = twoBlurs(graph, sheet, look, pen);
  const flow = flowOf(graph, fine, pen.flow * sheet.sizePx);
  const edges = meanTwice(graph, contrast(graph, fine, wide, look), flow, pen.along * sheet.sizePx);
  const company = companyOf(graph, edges, flow, { pen, sizePx: sheet.sizePx });
  return sub(graph, edges, add(graph, mul(graph, company, pen.weak - pen.strong), pen.strong));
}

function twoBlurs(graph: GraphBuilder, { plane, sizePx }: Sheet, look: LineLook, pen: Pen) {
  const sigmaPx = Math.max(MIN_SIGMA_PX, pen.sigma * sizePx);
  const twice = graph.op('Concat', [plane, plane], { axis: 1 });
  const blurs = gaussianBlur(graph, twice, [sigmaPx, sigmaPx * look.ratio]);
  return { fine: channels(graph, blurs, 0, 1), wide: channels(graph, blurs, 1, 2) };
}

/** How much darker a pixel is than what is around it, relative to that (Weber), but not without end in the dark. */
function contrast(graph: GraphBuilder, fine: Value, wide: Value, { dark }: LineLook): Value {
  return div(graph, sub(graph, wide, fine), add(graph, mul(graph, wide, 1 - dark), dark));
}

/** How much ink lies ahead and behind along the flow, 0..1. Half the resolution is enough for that. */
function companyOf(
  graph: GraphBuilder,
  edges: Value,
  flow: Value,
  { pen, sizePx }: { pen: Pen; sizePx: number },
): Value {
  const drawn = shrink(graph, ramp(graph, edges, pen.weak, pen.strong), 2);
  const ahead = meanTwice(graph, drawn, shrink(graph, flow, 2), (pen.reach * sizePx) / 2);
  return enlarge(graph, ramp(graph, ahead, pen.lonely, pen.joined), 2);
}

/** Twice a short mean along the flow bends with it, where one long mean would run straight on. */
function meanTwice(graph: GraphBuilder, plane: Value, flow: Value, sigmaPx: number): Value {
  return meanAlongFlow(graph, meanAlongFlow(graph, plane, flow, sigmaPx), flow, sigmaPx);
}
