// How a drawing is signed: the program, its styles and what their licences ask to be said.

import type { StyleTraits } from './models/styles.js';
import type { DigitalSourceType, Provenance } from './photo/provenance.js';
import { PROGRAM } from './version.js';

/** The provenance of a picture drawn in these styles. */
export function provenanceOf(styles: readonly StyleTraits[]): Provenance {
  const notices = new Set(styles.flatMap(({ licence }) => (licence ? [licence.notice] : [])));
  return {
    program: PROGRAM,
    style: styles.map(({ id }) => id).join(' on '),
    licenceNotice: notices.size > 0 ? [...notices].join(' ') : undefined,
    digitalSourceType: sourceTypeOf(styles),
  };
}

// IPTC: an algorithm changed the photo, or a trained network did.
function sourceTypeOf(styles: readonly StyleTraits[]): DigitalSourceType {
  const trained = styles.some(({ kind }) => kind === 'gan');
  return trained ? 'compositeWithTrainedAlgorithmicMedia' : 'algorithmicallyEnhanced';
}
