// `nigaoe worker` on the command line.

import type { Command } from 'commander';
import { addFleetFlags } from '../fleet-flags.js';
import { give } from '../work.js';

const EXAMPLES = `
Examples:
  nigaoe worker --queue redis://192.168.1.10:6379/0                 draws for the bridge that waits there
  nigaoe worker --queue redis://... --concurrency 2 --device cuda   two jobs at a time, on the graphics card
  nigaoe worker --queue redis://... --styles ink,hayao              these styles only; others go to other workers

The bridge runs with the same queue: nigaoe serve --queue redis://192.168.1.10:6379/0. A password goes into NIGAOE_REDIS_PASSWORD.
Ctrl-C or SIGTERM lets it finish what it draws; a second one ends it at once, and another worker draws that job.`;

/** Adds the command to the program. */
export function declareWorker(program: Command): void {
  const command = addFleetFlags(
    program
      .command('worker')
      .description('Draw jobs of a bridge on another computer, over a queue in Redis.'),
  )
    .option('--concurrency <number>', 'jobs at a time, each in a process of its own (default: 1)')
    .option('--styles <ids>', 'styles to draw with, separated by commas (default: all that are ready)')
    .option('--device <name>', 'device for jobs that name none (default: auto)')
    .option('--home <folder>', 'folder of models (default: NIGAOE_HOME)');
  give(command, EXAMPLES, async (_, flags, stage) => (await import('./run.js')).runWorker(flags, stage));
}
