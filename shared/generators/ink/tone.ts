// Brightness: light where the photo is dark, white paper in the highlights, and soft steps (the pseudo-quantization of
// Winnemoeller, Olsen and Gooch 2006, "Real-time video abstraction", as a sum of sigmoids).

import type { GraphBuilder, Value } from '../../models/onnx/builder.js';
import { boxBlur, enlarge, shrink } from './blur.js';
import type { Look } from './look.js';
import type { Plan } from './plan.js';
import { add, mix, mul, sigmoid, smaller, sub } from './plane.js';

/** Brightens the middle tones, more so in dark surroundings, and lets highlights become paper. */
export function expose(
  graph: GraphBuilder,
  { brightness, peak }: { brightness: Value; peak: Value },
  look: Look['tone'],
  plan: Plan,
): Value {
  const darkness = sub(graph, 1, surroundings(graph, brightness, look.around * plan.sizePx, plan.blockPx));
  const lift = add(graph, mul(graph, mul(graph, darkness, darkness), look.dodge), look.lift);
  // By the room above the largest channel, not above the mean: a full orange stays orange instead of turning pale.
  const room = mul(graph, brightness, sub(graph, 1, peak));
  const lifted = add(graph, brightness, mul(graph, lift, room));
  return smaller(graph, mul(graph, lifted, 1 / look.paper), 1);
}

/** Pulls brightness towards its nearest step, with soft changes between the steps. */
export function softSteps(graph: GraphBuilder, brightness: Value, look: Look['tone']): Value {
  const inSteps = mul(graph, brightness, look.sharpness * look.steps);
  const climbs = Array.from({ length: look.steps }, (_, step) =>
    sigmoid(graph, sub(graph, inSteps, look.sharpness * (step + 0.5))),
  );
  const stairs = climbs.reduce((sum, climb) => add(graph, sum, climb));
  return mix(graph, brightness, mul(graph, stairs, 1 / look.steps), look.amount);
}

/** Mean brightness far around each pixel; two box blurs make a window without corners. */
function surroundings(graph: GraphBuilder, brightness: Value, radiusPx: number, shrinkBy: number): Value {
  const radius = Math.max(1, Math.round(radiusPx / shrinkBy));
  const small = shrink(graph, brightness, shrinkBy);
  return enlarge(graph, boxBlur(graph, boxBlur(graph, small, radius), radius), shrinkBy);
}
