// `nigaoe queue` and its commands on the command line.

import type { Command } from 'commander';
import { addFleetFlags } from '../fleet-flags.js';
import { give, type Work } from '../work.js';

const EXAMPLES = `
Examples:
  nigaoe queue status --queue redis://10.0.0.5:6379/0   what waits, what is drawn, and which workers live
  nigaoe queue status --watch                           the same every two seconds, until Ctrl-C
  nigaoe queue failed                                   drawings that were given up, and why
  nigaoe queue retry 3f2a9c01-b7de-4c55-9d6e-0c1f2a3b4d5e
  nigaoe queue retry --all                              has all of them drawn again
  nigaoe queue drain                                    takes no new orders, and waits until all are drawn
  nigaoe queue drain --open                             takes orders again

NIGAOE_QUEUE stands for --queue, and a password goes into NIGAOE_REDIS_PASSWORD. A bridge may run meanwhile or not.`;

/** Adds the commands to the program. */
export function declareQueue(program: Command): void {
  const queue = program
    .command('queue')
    .description('Look after the queue in Redis of a bridge with workers.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  declare(
    queue
      .command('status')
      .description('Show lanes, workers, and what Redis holds.')
      .option('--watch', 'again every two seconds, until Ctrl-C'),
    async (_, flags, stage) => (await import('./status.js')).showStatus(flags, stage),
  );
  declare(
    queue.command('failed').description('List the drawings that were given up.'),
    async (_, flags, stage) => (await import('./failed.js')).listFailed(flags, stage),
  );
  declare(
    queue
      .command('retry')
      .description('Have drawings drawn again that were given up.')
      .argument('[ids...]', 'ids of `nigaoe queue failed`')
      .option('--all', 'all of them'),
    async (...call) => (await import('./retry.js')).retryFailed(...call),
  );
  declare(
    queue
      .command('drain')
      .description('Take no new orders, and wait until nothing is left to draw.')
      .option('--open', 'take orders again'),
    async (_, flags, stage) => (await import('./drain.js')).drainQueue(flags, stage),
  );
}

function declare(command: Command, work: Work): void {
  addFleetFlags(command);
  give(command, EXAMPLES, work);
}
