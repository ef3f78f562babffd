// How pictures of `nigaoe imagine` are signed.

import path from 'node:path';
import type { Provenance } from '../../photo/provenance.js';
import { PROGRAM } from '../../version.js';
import type { Source } from './source.js';

/** The program, the model without its folders, and what the model's licence asks to be said. */
export function provenanceOf(
  model: string,
  { licence, sourceType = 'trainedAlgorithmicMedia' }: Partial<Pick<Source, 'licence' | 'sourceType'>>,
): Provenance {
  return {
    program: PROGRAM,
    style: path.basename(model),
    licenceNotice: licence?.commercial === false ? licence.notice : undefined,
    digitalSourceType: sourceType,
  };
}
