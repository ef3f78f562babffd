// `nigaoe watch`: checks everything that can be checked, fetches the models, and watches until it is told to stop.

import { throwIfCancelled } from '../../errors.js';
import { parseTable } from '../../options.js';
import { exitCodeOf } from '../exit-code.js';
import { checkIdle, type FlagValues, given } from '../flags.js';
import type { Stage } from '../perform.js';
import { prepare } from '../stylize/prepare.js';
import { settleFolders } from './folders.js';
import { Ledger } from './ledger.js';
import { lockFolder } from './lock.js';
import { WATCH_NAMES, WATCH_OPTIONS, type WatchOptions } from './options.js';
import { Patience } from './patience.js';
import type { Shop } from './shop.js';
import { Watcher } from './watcher.js';
import { tell } from './words.js';

/** The photo at work may take so long to stop before its process is killed: a service has to end in two seconds. */
const CANCEL_GRACE_MS = 500;

/** Returns the exit code; throws what stops the command before any work, and what no photo could be drawn with. */
export async function runWatch(words: Words, flags: FlagValues, stage: Stage): Promise<number> {
  const wishes = readWishes(flags);
  try {
    return await openAndWatch(words, wishes, { flags, stage });
  } catch (error) {
    // A watcher that is stopped has done its job, at whatever moment that is; one that was to draw what lies there has not.
    if (!stage.signal.aborted || wishes.once) throw error;
    return 0;
  }
}

interface Words {
  /** The folder that is watched, and the one for the results. */
  source: string;
  out: string;
}

async function openAndWatch(
  words: Words,
  wishes: WatchOptions,
  { flags, stage }: { flags: FlagValues; stage: Stage },
): Promise<number> {
  const { options, scope, suffix, open } = await prepare(flags, stage);
  const folders = await settleFolders(words, wishes);
  const { source, out } = folders;
  const lock = await lockFolder(out, stage.signal, () => tell(stage, { event: 'locked', out }));
  try {
    const ledger = await Ledger.open({ source, out, options, suffix, severalPictures: scope === 'portrait' });
    const stylizer = await open({ cancelGraceMs: CANCEL_GRACE_MS });
    try {
      const patience = new Patience(wishes.settle);
      return await watch({ stylizer, options, stage, folders, ledger, lock, patience, wishes });
    } finally {
      await stylizer.close();
    }
  } finally {
    await lock.release();
  }
}

function readWishes(flags: FlagValues): WatchOptions {
  const wishes = parseTable(WATCH_OPTIONS, given(flags, WATCH_NAMES));
  if (wishes.once)
    checkIdle(flags, ['newOnly'], '--once', 'It draws what lies there, and nothing comes later.');
  if (wishes.keepFailed) checkIdle(flags, ['failed'], '--keep-failed', 'Leave one of them out.');
  return wishes;
}

async function watch(shop: Shop): Promise<number> {
  const { stage, wishes } = shop;
  const watcher = new Watcher(shop);
  await watcher.run();
  const { drawn, failures } = watcher;
  tell(stage, { event: 'stopped', drawn, failed: failures.length });
  if (wishes.once) throwIfCancelled(stage.signal);
  return wishes.once ? exitCodeOf(failures) : 0;
}
