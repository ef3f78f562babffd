// The options of `nigaoe models quantize`, declared once.

import { RANGE_CHOICES } from '../../../models/quantize/ranges.js';
import type { OptionSpec } from '../../../options.js';

export const QUANTIZE_OPTIONS = {
  pictures: {
    type: 'integer',
    default: 32,
    min: 2,
    max: 256,
    help: 'pictures that are looked at, spread over the folder; some are held back and measured',
  },
  size: {
    type: 'integer',
    default: 512,
    min: 64,
    max: 2048,
    unit: 'px',
    help: 'side of the pictures that are measured',
  },
  ranges: {
    type: 'choice',
    default: 'best',
    choices: ['best', ...RANGE_CHOICES],
    help: 'which numbers of a map get bytes of their own; best: all ways are tried',
  },
  weightBits: {
    type: 'choice',
    default: 'auto',
    choices: ['auto', '7', '8'],
    help: 'bits of a weight; auto: 8 where the processor can add up their products, else 7',
  },
  ends: {
    type: 'boolean',
    default: false,
    help: 'quantize the first and the last convolution as well',
  },
  leastPsnr: {
    type: 'number',
    default: 30,
    min: 10,
    max: 90,
    unit: 'dB',
    help: 'how near drawings have to be to those of the original',
  },
  leastSpeed: {
    type: 'number',
    default: 1.5,
    min: 0,
    max: 10,
    help: 'how many times as fast it has to draw here',
  },
} as const satisfies Record<string, OptionSpec>;
