// The options of `nigaoe video`, declared once.

import { DIFFUSION_NAMES, OPTIONS, type OptionName, type OptionSpec } from '../../options.js';

/** What only films have. */
export const VIDEO_OPTIONS = {
  from: {
    type: 'string',
    default: '',
    metavariable: 'time',
    help: 'where to begin: seconds, or [hh:]mm:ss[.ms]',
  },
  to: {
    type: 'string',
    default: '',
    metavariable: 'time',
    help: 'where to end; the frame that begins there is left out',
  },
  fps: {
    type: 'number',
    default: 0,
    min: 0,
    max: 240,
    help: 'draw at most so many frames a second; 0: all, each at its own time',
  },
  maxSide: { ...OPTIONS.maxSide, help: 'long side of the result; 0: as the film has it' },
  quality: { ...OPTIONS.quality, help: 'quality of the pictures; of no effect on GIF' },
  freeze: {
    type: 'boolean',
    default: true,
    help: 'hold the colours that a style finds for the first frame through the whole shot',
  },
  keepMetadata: { ...OPTIONS.keepMetadata, help: 'keep the place where the film was taken, too' },
} as const satisfies Record<string, OptionSpec>;

/** What a frame is told as a photo is. */
export const FRAME_OPTIONS: readonly OptionName[] = [
  'style',
  'scope',
  'background',
  'strength',
  'sideBySide',
  'landmarks',
  'expand',
  'size',
  'pad',
  'detector',
  'landmarker',
  'minFace',
  'minScore',
  'rotations',
  'device',
  'requireDevice',
  ...DIFFUSION_NAMES,
];

/** Options of photos that films have no use for, and why. */
export const REFUSED_OPTIONS: Readonly<Partial<Record<OptionName, string>>> = {
  format: 'The ending of --out says what the result is.',
  noFace: 'Frames without a face stay as they are, or show the --background alone.',
  maxPixels: 'Frames come one by one; --max-side makes them smaller.',
};
