// `nigaoe tokens` and its commands on the command line.

import type { Command } from 'commander';
import { give, type Work } from '../work.js';

const EXAMPLES = `
Examples:
  nigaoe tokens list                  the programs that are paired with the bridge
  nigaoe tokens revoke 3f2a9c01b7de   that program has to pair again
  nigaoe tokens create kitchen-pi     a token for a program on another computer; see nigaoe serve --host

A bridge that runs takes note at once.`;

/** Adds the commands to the program. */
export function declareTokens(program: Command): void {
  const tokens = program
    .command('tokens')
    .description('List, revoke and make the tokens with which programs use the bridge.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  declare(tokens.command('list').description('List the paired programs.'), async (_, flags, stage) =>
    (await import('./run.js')).listTokens(flags, stage),
  );
  declare(
    tokens
      .command('revoke')
      .description('Take tokens back.')
      .argument('<ids...>', 'ids of `nigaoe tokens list`'),
    async (...call) => (await import('./run.js')).revokeTokens(...call),
  );
  declare(
    tokens
      .command('create')
      .description('Make a token without pairing; it is shown once.')
      .argument('<name>', 'who will use it'),
    async (...call) => (await import('./run.js')).createToken(...call),
  );
}

function declare(command: Command, work: Work): void {
  command.option('--home <folder>', 'folder of models and tokens (default: NIGAOE_HOME)');
  give(command, EXAMPLES, work);
}
