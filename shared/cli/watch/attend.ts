// One photo of a watch: read, drawn and put in its place; or what becomes of it when that fails.

import { asFailure, type NigaoeError, throwIfCancelled } from '../../errors.js';
import { type Place, SharedFailure } from '../batch.js';
import { readInput } from '../inputs/read.js';
import { stylizePhoto, tellDrawn } from '../stylize/photo.js';
import { seconds } from '../terminal/wording.js';
import { putAway, setAside } from './aside.js';
import { mayBeIncomplete, verdictOf } from './faults.js';
import { isAsSeen, type Sighting } from './look.js';
import type { Shop } from './shop.js';

/** drawn, or failed for good; later: it has changed, or is tried again. */
export type Ending = 'drawn' | 'later' | NigaoeError;

/** A photo that could not be drawn now is tried again after so long, and then left until it changes. */
const RETRIES_MS: readonly number[] = [5_000, 60_000];
/** An upload may pause for longer than a photo takes to settle: what looks broken gets so many times as long. */
const SECOND_CHANCE = 10;

/** Draws a photo. Throws what would meet every other photo as well: `cancelled`, `output-unwritable`, and what stops. */
export async function attend(photo: Sighting, place: Place, shop: Shop): Promise<Ending> {
  try {
    return (await drawPhoto(photo, place, shop)) ? 'drawn' : 'later';
  } catch (thrown) {
    throwIfCancelled(shop.stage.signal);
    if (thrown instanceof SharedFailure) throw thrown.cause;
    return await answer(asFailure(thrown), photo, shop);
  }
}

/** False where the photo is not as it was seen any more. */
async function drawPhoto(photo: Sighting, place: Place, shop: Shop): Promise<boolean> {
  const { ledger, lock, stage } = shop;
  const input = ledger.inputOf(photo);
  await lock.check();
  if (!(await isAsSeen(photo))) return false;
  const startMs = performance.now();
  const bytes = await readInput(input, stage.signal);
  if (!(await isAsSeen(photo))) return false;
  const result = await stylizePhoto(bytes, { input, place }, shop);
  throwIfCancelled(stage.signal);
  await lock.check();
  const outputs = await ledger.deliver(photo, result.pictures);
  tellDrawn(input.label, outputs, { result, tookMs: performance.now() - startMs, stage });
  await putAway(photo, shop);
  return true;
}

async function answer(error: NigaoeError, photo: Sighting, shop: Shop): Promise<Ending> {
  const verdict = verdictOf(error);
  if (verdict === 'stop' || verdict === 'pause') throw error;
  // Moved away, or written to, while it was read.
  if (!(await isAsSeen(photo))) return 'later';
  if (verdict === 'later') return tryLater(error, photo, shop);
  if (mayBeIncomplete(error) && !isQuiet(photo, shop)) return 'later';
  const movedTo = await setAside(photo, error, shop);
  tellFailed(error, photo, shop, { movedTo });
  return error;
}

function tryLater(error: NigaoeError, photo: Sighting, shop: Shop): Ending {
  const { patience, wishes } = shop;
  const retryMs = wishes.once ? undefined : RETRIES_MS[patience.timesOf(photo)];
  patience.putOff(photo, performance.now() + (retryMs ?? Number.POSITIVE_INFINITY));
  tellFailed(error, photo, shop, { retryMs });
  return retryMs === undefined ? error : 'later';
}

/** Whether a photo has been as it is for so long that nobody can be writing it; else it is put off until then. */
function isQuiet(photo: Sighting, { patience, wishes }: Shop): boolean {
  const enoughMs = SECOND_CHANCE * wishes.settle;
  const untilMs = patience.sinceMs(photo) + enoughMs;
  if (performance.now() >= untilMs || Date.now() - photo.mtimeMs >= enoughMs) return true;
  patience.putOff(photo, untilMs);
  return false;
}

interface Aftermath {
  movedTo?: string | undefined;
  retryMs?: number | undefined;
}

function tellFailed(
  error: NigaoeError,
  photo: Sighting,
  { ledger, stage }: Shop,
  aftermath: Aftermath,
): void {
  const { label } = ledger.inputOf(photo);
  stage.terminal.failure(error, label);
  stage.terminal.notice(`  ${label} ${whatNow(aftermath)}`);
  stage.terminal.jsonOnly({ input: label, outputs: [], status: 'failed', error, ...aftermath });
}

function whatNow({ movedTo, retryMs }: Aftermath): string {
  if (movedTo !== undefined) return `is moved to ${movedTo}`;
  return retryMs === undefined ? 'is left until it changes' : `is tried again in ${seconds(retryMs)}`;
}
