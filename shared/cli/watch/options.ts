// The options of `nigaoe watch` beside those of a drawing, declared once.

import type { OptionSpec, ValuesOf } from '../../options.js';

export const WATCH_OPTIONS = {
  recursive: { type: 'boolean', default: false, help: 'watch sub-folders too; results keep them' },
  settle: {
    type: 'integer',
    default: 1000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    help: 'how long a photo must stay as it is before it is read',
  },
  poll: {
    type: 'number',
    default: 0,
    min: 0,
    max: 3600,
    unit: 'seconds',
    help: 'look every so often, for network folders; 0: whenever the system tells of a change',
  },
  newOnly: { type: 'boolean', default: false, help: 'leave alone what lies there at the start' },
  once: { type: 'boolean', default: false, help: 'draw what lies there, and end' },
  done: {
    type: 'string',
    default: '',
    metavariable: 'folder',
    help: 'move photos here once they are drawn',
  },
  failed: {
    type: 'string',
    default: '',
    metavariable: 'folder',
    help: 'folder for photos that cannot be drawn, and the reasons, instead of failed/ in the watched one',
  },
  keepFailed: { type: 'boolean', default: false, help: 'leave photos that cannot be drawn where they are' },
} as const satisfies Record<string, OptionSpec>;

export type WatchOptions = ValuesOf<typeof WATCH_OPTIONS>;
export const WATCH_NAMES = Object.keys(WATCH_OPTIONS) as (keyof WatchOptions)[];
