// The options of the table that `nigaoe faces` knows.

import type { OptionName } from '../../options.js';

/** What finds faces, and for `--draw` what writes the pictures. */
export const FACE_OPTIONS = [
  'minFace',
  'minScore',
  'detector',
  'landmarker',
  'rotations',
  'maxPixels',
  'format',
  'quality',
  'keepMetadata',
] as const satisfies readonly OptionName[];
