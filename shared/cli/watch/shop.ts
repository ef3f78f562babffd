// What a watch works with.

import type { Engine } from '../stylize/photo.js';
import type { Folders } from './folders.js';
import type { Ledger } from './ledger.js';
import type { Lock } from './lock.js';
import type { WatchOptions } from './options.js';
import type { Patience } from './patience.js';

/** All that the photos of a watch share. */
export interface Shop extends Engine {
  folders: Folders;
  ledger: Ledger;
  lock: Lock;
  patience: Patience;
  wishes: WatchOptions;
}
