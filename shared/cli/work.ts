// From commander's call of an action to the work of a command: its words, its flags, and the stage that it works on.

import type { Command } from 'commander';
import { addOutputFlags, type FlagValues } from './flags.js';
import { perform, type Stage } from './perform.js';

/** What a command does; returns the exit code. `words` are its arguments in their order. */
export type Work = (words: string[], flags: FlagValues, stage: Stage) => Promise<number>;

/** Has the command do this, with the flags about output that all have, and with `examples` below its help. */
export function give(command: Command, examples: string, work: Work): void {
  const count = command.registeredArguments.length;
  addOutputFlags(command)
    .addHelpText('after', examples)
    .action(async (...call: unknown[]) => {
      const words = call.slice(0, count).flat() as string[];
      const flags = call[count] as FlagValues;
      await perform({ json: flags.json === true, quiet: flags.quiet === true }, (stage) =>
        work(words, flags, stage),
      );
    });
}
