// What the model store looks like from here.

import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { asFailure, codeOf } from '../../errors.js';
import { CATALOGUE } from '../../models/catalogue.js';
import { ownEntries } from '../../models/store/installed.js';
import { readStoreSettings } from '../../models/store/settings.js';
import { openStore } from '../../models/store/store.js';
import { nearestExisting } from '../../outputs/folder.js';
import { stateOf } from '../models/state.js';

/** The store, or why there is none. */
export interface StoreCheck {
  home?: string;
  writable: boolean;
  reason?: string;
  freeBytes?: number;
  mirror?: string;
  offline?: boolean;
  /** Ids of the models of the catalogue that are here. */
  models: string[];
  /** Ids of the styles that the user has imported. */
  own: string[];
  /** What is wrong with files of imported styles, a sentence each. */
  damaged: string[];
}

/** Looks without changing anything; wrong settings are a finding too. */
export async function checkStore(): Promise<StoreCheck> {
  try {
    const { home, mirror, offline } = readStoreSettings();
    const place = await checkPlace(home);
    const where = mirror && (mirror.kind === 'folder' ? mirror.folder : mirror.base);
    const damaged: string[] = [];
    const own = (await ownEntries(home, (sentence) => damaged.push(sentence))).map(({ entry }) => entry.id);
    return { home, ...place, mirror: where, offline, models: await presentModels(), own, damaged };
  } catch (error) {
    return { writable: false, reason: asFailure(error).message, models: [], own: [], damaged: [] };
  }
}

async function checkPlace(home: string): Promise<Pick<StoreCheck, 'writable' | 'reason' | 'freeBytes'>> {
  const nearest = await nearestExisting(home);
  try {
    if (!(await stat(nearest)).isDirectory()) return { writable: false, reason: `${nearest} is a file` };
    await access(nearest, constants.W_OK);
  } catch (error) {
    return { writable: false, reason: `${nearest} cannot be written (${codeOf(error) ?? String(error)})` };
  }
  const disk = await statfs(nearest).catch(() => undefined);
  return { writable: true, freeBytes: disk && disk.bavail * disk.bsize };
}

async function presentModels(): Promise<string[]> {
  const store = openStore();
  const states = await Promise.all(CATALOGUE.map((entry) => stateOf(store, entry)));
  return CATALOGUE.filter((_, index) => states[index] === 'present').map(({ id }) => id);
}
