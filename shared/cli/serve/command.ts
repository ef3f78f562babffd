// `nigaoe serve` on the command line.

import type { Command } from 'commander';
import { DEFAULT_PORT } from '../../bridge/protocol.js';
import { addFleetFlags } from '../fleet-flags.js';
import { give } from '../work.js';

const EXAMPLES = `
Examples:
  nigaoe serve                      for the Figma plugin, Node-RED and the browser on this computer
  nigaoe serve --port 9000          on another port; front ends expect ${DEFAULT_PORT} and must be told
  nigaoe serve --host 192.168.1.20  for other computers too; make a token first: nigaoe tokens create NAME
  nigaoe serve --queue redis://...  have jobs drawn by workers (nigaoe worker) over this Redis
  nigaoe serve --json               events as JSON lines, for programs that start the bridge

The bridge shows a six-digit code; type it into a front end within three minutes, and it is paired. Press Enter for a new
code (with --json: write a line to standard input), Ctrl-C to stop. Only this computer can reach the bridge unless --host
says otherwise; then nobody pairs by code. Tokens: nigaoe tokens list.`;

/** Adds the command to the program. */
export function declareServe(program: Command): void {
  const command = program
    .command('serve')
    .description('Run the bridge: a local server that draws for Figma, Node-RED and the browser.')
    .option('--port <number>', `port on this computer (default: ${DEFAULT_PORT})`)
    .option('--host <address>', 'an address of this computer to listen on besides loopback')
    .option('--home <folder>', 'folder of models and tokens (default: NIGAOE_HOME)')
    .option(
      '--idle <seconds>',
      'give the memory of the engine back after so long without a job (default: 300)',
    )
    .option(
      '--child',
      'for programs: take a token from the first line of standard input, end when that ends',
    );
  addFleetFlags(command);
  give(command, EXAMPLES, async (_, flags, stage) => (await import('./run.js')).runServe(flags, stage));
}
