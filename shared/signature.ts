// How a drawing is signed: the program, its styles and what their licences ask to be said.

import type { StyleTraits } from './models/styles.js';
import type { DigitalSourceType, Provenance } from './photo/provenance.js';
import { PROGRAM } from './version.js';

/**
 * The provenance of a picture drawn in these styles. Only the terms of styles that are not free for commercial use go along:
 * those of a free style speak of the style alone, and in a picture they would be a claim on the user's photo.
 */
export function provenanceOf(styles: readonly StyleTraits[]): Provenance {
  const bound = styles.flatMap(({ licence }) => (licence?.commercial === false ? [licence] : []));
  const notices = new Set(bound.map(({ notice }) => notice));
  return {
    program: PROGRAM,
    style: styles.map(({ id }) => id).join(' on '),
    licenceNotice: notices.size > 0 ? [...notices].join(' ') : undefined,
    digitalSourceType: sourceTypeOf(styles),
  };
}

// IPTC: an algorithm changed the photo, or a trained network did.
function sourceTypeOf(styles: readonly StyleTraits[]): DigitalSourceType {
  const trained = styles.some(({ kind }) => kind !== 'procedural');
  return trained ? 'compositeWithTrainedAlgorithmicMedia' : 'algorithmicallyEnhanced';
}
