// Makes a plan of a network that is given as data.

import type { Plan } from './architecture.js';
import { drawNetwork } from './draw.js';
import { type Step, tensorsOf } from './network.js';

interface Network {
  /** Name of the graph. */
  id: string;
  summary: string;
  steps: readonly Step[];
  /** See `Plan.ignores`; nothing where it is absent. */
  ignores?: RegExp;
  obstacle?: string | undefined;
}

export function planOf({ id, summary, steps, ignores, obstacle }: Network): Plan {
  return {
    summary,
    obstacle,
    tensors: tensorsOf(steps),
    ignores: (key) => ignores?.test(key) ?? false,
    emit: (weights) => drawNetwork(id, steps, weights),
  };
}
