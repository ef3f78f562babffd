// Photos that are done with: moved to where the user wants them, or remembered where that is impossible.

import path from 'node:path';
import { asFailure, type NigaoeError } from '../../errors.js';
import { writeSheets } from '../../outputs/write.js';
import { isAsSeen, type Sighting } from './look.js';
import { moveFile } from './move.js';
import type { Shop } from './shop.js';
import { tell } from './words.js';

/** Moves a photo that is drawn; without `--done` it stays. */
export async function putAway(photo: Sighting, { folders, ledger, patience, stage }: Shop): Promise<void> {
  // What has changed since is another photo, which is drawn first.
  if (folders.done === undefined || !(await isAsSeen(photo))) return;
  const input = ledger.inputOf(photo).label;
  try {
    const to = await moveFile(photo.path, path.join(folders.done, photo.name));
    tell(stage, { event: 'moved', input, to });
  } catch (error) {
    patience.putOff(photo, Number.POSITIVE_INFINITY);
    return tell(stage, { event: 'stuck', input, error: asFailure(error) });
  }
  await ledger.release(photo);
}

/** Moves a photo that cannot be drawn, and the reason with it; returns where it lies now, if elsewhere. */
export async function setAside(photo: Sighting, why: NigaoeError, shop: Shop): Promise<string | undefined> {
  const { folders, ledger, stage } = shop;
  const moved =
    folders.failed === undefined
      ? undefined
      : await tryMove(photo, path.join(folders.failed, photo.name), shop);
  if (moved === undefined) {
    await ledger.giveUp(photo);
    return undefined;
  }
  // A disk too full for the reason is told; where the photo is has been settled.
  await writeSheets([{ path: `${moved}.txt`, bytes: Buffer.from(reasonOf(why)) }]).catch((error: unknown) =>
    stage.terminal.failure(asFailure(error)),
  );
  return moved;
}

async function tryMove(
  photo: Sighting,
  wanted: string,
  { ledger, stage }: Shop,
): Promise<string | undefined> {
  try {
    return await moveFile(photo.path, wanted);
  } catch (error) {
    tell(stage, { event: 'stuck', input: ledger.inputOf(photo).label, error: asFailure(error) });
    return undefined;
  }
}

function reasonOf({ message, hint }: NigaoeError): string {
  const lines = [message, hint, 'Put it into the watched folder again to have it tried again'];
  return lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join('');
}
