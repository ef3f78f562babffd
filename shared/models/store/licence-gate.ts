// The gate before models whose licence forbids commercial use: the user says yes once, and the store remembers it.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError } from '../../errors.js';
import type { ModelEntry } from '../entry.js';

/** What the store remembers, in `licences/<id>.json`. */
interface Acceptance {
  id: string;
  licence: string;
  /** ISO 8601, UTC. */
  acceptedAt: string;
}

/** Whether the user has accepted this licence before, or it asks for nothing. */
export async function isLicenceAccepted(home: string, entry: ModelEntry): Promise<boolean> {
  if (entry.licence.commercial) return true;
  // A licence of another name is another licence: ask again.
  return (await readAcceptance(home, entry.id))?.licence === entry.licence.name;
}

/**
 * Lets the model through when its licence is free, was accepted before, or is accepted now (which is written down).
 * Throws `licence-not-accepted` with the notice. A store that cannot be written does not stop the user: `onNotice` hears it.
 */
export async function passLicenceGate(
  home: string,
  entry: ModelEntry,
  { acceptLicence, onNotice }: { acceptLicence: boolean; onNotice: (sentence: string) => void },
): Promise<void> {
  if (await isLicenceAccepted(home, entry)) return;
  if (!acceptLicence) throw notAccepted(entry);
  try {
    await noteAcceptance(home, entry);
  } catch {
    onNotice(`The accepted licence of ${entry.id} could not be noted in ${home}; it will be asked for again`);
  }
}

function notAccepted({ id, licence }: ModelEntry): NigaoeError {
  return new NigaoeError(
    'licence-not-accepted',
    `Expected the licence ${licence.name} to be accepted for the model ${id}. ${licence.notice}`,
    { hint: `Run \`nigaoe models pull ${id} --accept-licence\`, or give --accept-licence to stylize` },
  );
}

/** Writes down that the user has accepted the licence of the model. */
export async function noteAcceptance(home: string, { id, licence }: ModelEntry): Promise<void> {
  const acceptance: Acceptance = { id, licence: licence.name, acceptedAt: new Date().toISOString() };
  await mkdir(path.dirname(noteOf(home, id)), { recursive: true });
  await writeFile(noteOf(home, id), JSON.stringify(acceptance, null, 2) + '\n');
}

/** Takes back what `noteAcceptance` wrote. */
export async function forgetAcceptance(home: string, id: string): Promise<void> {
  await rm(noteOf(home, id), { force: true });
}

async function readAcceptance(home: string, id: string): Promise<Partial<Acceptance> | undefined> {
  try {
    return (JSON.parse(await readFile(noteOf(home, id), 'utf8')) as Partial<Acceptance> | null) ?? undefined;
  } catch {
    // Absent or damaged: not accepted.
    return undefined;
  }
}

function noteOf(home: string, id: string): string {
  return path.join(home, 'licences', `${id}.json`);
}
