// The options of `nigaoe imagine`, declared once.

import { OPTIONS, type OptionSpec } from '../../options.js';

export const IMAGINE_OPTIONS = {
  count: { type: 'integer', default: 16, min: 1, max: 4096, help: 'pictures to draw' },
  columns: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 256,
    help: 'pictures in a row of the grid; 0: as many rows as columns',
  },
  seed: { type: 'integer', default: 1, min: 0, max: 2 ** 31, help: 'what the numbers are drawn from' },
  interpolate: {
    type: 'integer',
    default: 0,
    min: 0,
    max: 256,
    help: 'walk from each picture to the next in so many stations, a row each; 0: no walk',
  },
  device: OPTIONS.device,
  requireDevice: OPTIONS.requireDevice,
} as const satisfies Record<string, OptionSpec>;
