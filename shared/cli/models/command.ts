// `nigaoe models` and its commands on the command line.

import type { Command } from 'commander';
import { addOutputFlags, type FlagValues } from '../flags.js';
import { perform, type Stage } from '../perform.js';

const EXAMPLES = `
Examples:
  nigaoe models list                          what there is, and what is here
  nigaoe models pull hayao --accept-licence   fetch a style that is not free for commercial use
  nigaoe models pull --all                    fetch everything
  nigaoe models verify                        check what is here against the catalogue
  nigaoe models rm hayao                      delete it
  nigaoe models inspect hayao                 inputs, outputs, size, licence, source
  nigaoe models inspect ./mine.onnx           the same for a file

Models lie in NIGAOE_HOME (default: the cache folder of the system). NIGAOE_MIRROR names a folder or URL that is
asked first, by file name; with NIGAOE_OFFLINE=1 the network is never used.`;

type Work = (words: string[], flags: FlagValues, stage: Stage) => Promise<number>;

/** Adds the commands to the program. */
export function declareModels(program: Command): void {
  const models = program
    .command('models')
    .description('List, fetch, check, delete and look into models.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  declare(
    models.command('list').description('List the models: id, kind, licence, size and state.'),
    listWork,
  );
  declarePull(models);
  declare(
    models
      .command('verify')
      .description(
        'Hash the files of models and compare them with the catalogue; without ids all that are here.',
      )
      .argument('[ids...]', 'ids of `nigaoe models list`'),
    async (...call) => (await import('./verify.js')).verifyModels(...call),
  );
  declare(
    models
      .command('rm')
      .description('Delete the files of models.')
      .argument('<ids...>', 'ids of `nigaoe models list`'),
    async (...call) => (await import('./rm.js')).removeModels(...call),
  );
  declare(
    models
      .command('inspect')
      .description('Show what a model takes, gives and is made of.')
      .argument('<ids or files...>', 'ids of `nigaoe models list`, or ONNX files'),
    async (...call) => (await import('./inspect.js')).inspectModels(...call),
  );
}

function declarePull(models: Command): void {
  const pull = models
    .command('pull')
    .description('Fetch models: licence shown, files checked, broken downloads continued.')
    .argument('[ids...]', 'ids of `nigaoe models list`')
    .option('--all', 'all models')
    .option('--accept-licence', 'accept the licence of models that are not free for commercial use');
  declare(pull, async (...call) => (await import('./pull.js')).pullModels(...call));
}

const listWork: Work = async (_, flags, stage) => (await import('./list.js')).listModels(flags, stage);

function declare(command: Command, work: Work): void {
  const takesWords = command.registeredArguments.length > 0;
  addOutputFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (...call: [string[], FlagValues] | [FlagValues]) => {
      const words = takesWords ? (call[0] as string[]) : [];
      const flags = (takesWords ? call[1] : call[0]) as FlagValues;
      await perform({ json: flags.json === true, quiet: flags.quiet === true }, (stage) =>
        work(words, flags, stage),
      );
    });
}
