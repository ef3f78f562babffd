// `nigaoe watch` on the command line.

import type { Command } from 'commander';
import { OPTION_NAMES } from '../../options.js';
import { addFlagsOf, addTableFlags } from '../flags.js';
import { give } from '../work.js';
import { WATCH_NAMES, WATCH_OPTIONS } from './options.js';

const EXAMPLES = `
Examples:
  nigaoe watch in/ out/                         draws each photo that is put into in/, until Ctrl-C
  nigaoe watch in/ out/ --recursive --style hayao
  nigaoe watch in/ out/ --done drawn-from/      moves each photo away once it is drawn
  nigaoe watch /mnt/nas/in out/ --poll 5        a network folder whose changes the system does not tell
  nigaoe watch in/ out/ --once                  draws what is new and ends, for cron

A photo is read when it has not changed for a while (--settle); hidden files and .part, .tmp and the like wait until they
are renamed. What is drawn already is not drawn again after a restart, unless the photo or the options have changed.
Photos that cannot be drawn are moved to failed/ in the watched folder, with the reason beside them. Full disks and
folders that vanish are waited for. Names of results are as nigaoe stylize has them; nothing is ever overwritten but the
earlier drawing of the same photo. Being stopped by Ctrl-C or SIGTERM is success: exit code 0.`;

const HEADING = 'Watching:';
const HEADINGS = Object.fromEntries(WATCH_NAMES.map((name) => [name, HEADING])) as Record<
  keyof typeof WATCH_OPTIONS,
  string
>;

/** Adds the command to the program. */
export function declareWatch(program: Command): void {
  const command = program
    .command('watch')
    .description('Draw every photo that appears in a folder.')
    .argument('<in>', 'the folder that is watched')
    .argument('<out>', 'the folder for the results')
    .option('--accept-licence', 'accept the licence of models that are not free for commercial use');
  addFlagsOf(WATCH_OPTIONS, WATCH_NAMES, command, HEADINGS);
  addTableFlags(command, OPTION_NAMES);
  give(command, EXAMPLES, async ([source, out], flags, stage) =>
    (await import('./run.js')).runWatch({ source, out }, flags, stage),
  );
}
