// How to make a model whole again.

import type { ModelEntry } from '../../models/entry.js';
import { isOwn } from '../../models/store/installed.js';

/** A hint for a model of which a file is missing or damaged. */
export function repairHint(entry: ModelEntry): string {
  if (!isOwn(entry)) return `Run \`nigaoe models pull ${entry.id}\`.`;
  return `Import it again: \`nigaoe models import FILE --id ${entry.id} --replace\`.`;
}
