// Makes a plan of a network that is given as data.

import type { ArchitectureOptions, Plan } from './architecture.js';
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
  /** See `Plan.variant`; nothing where it is absent. */
  variant?: ArchitectureOptions;
}

export function planOf({ id, summary, steps, ignores, obstacle, variant = {} }: Network): Plan {
  return {
    summary,
    obstacle,
    variant,
    tensors: tensorsOf(steps),
    ignores: (key) => ignores?.test(key) ?? false,
    emit: (weights) => drawNetwork(id, steps, weights),
  };
}
