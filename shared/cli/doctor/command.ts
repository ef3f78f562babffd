// `nigaoe doctor` on the command line.

import type { Command } from 'commander';
import { give } from '../work.js';

const EXAMPLES = `
Examples:
  nigaoe doctor           what works here, and what to do next
  nigaoe doctor --json    the same for a bug report

The exit code is 0 where pictures can be drawn on the CPU.`;

/** Adds the command to the program. */
export function declareDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('Try the devices, look at the model store, and say what to do next.');
  give(command, EXAMPLES, async (_words, _flags, stage) => (await import('./run.js')).runDoctor(stage));
}
