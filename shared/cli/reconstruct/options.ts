// The options of `nigaoe reconstruct`, declared once.

import { OPTIONS, type OptionSpec } from '../../options.js';

export const RECONSTRUCT_OPTIONS = {
  maxSide: { type: 'integer', default: 512, min: 64, max: 4096, unit: 'px', help: 'long side at most' },
  device: OPTIONS.device,
  requireDevice: OPTIONS.requireDevice,
} as const satisfies Record<string, OptionSpec>;
