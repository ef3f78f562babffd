// `nigaoe figma` on the command line.

import type { Command } from 'commander';
import { give } from '../work.js';

const EXAMPLES = `
Examples:
  nigaoe figma                 writes the plugin into the folder nigaoe-figma
  nigaoe figma ~/figma/nigaoe  into another one; run it again after an update of nigaoe

Then, in Figma's desktop app: Plugins > Development > Import plugin from manifest..., and choose manifest.json there.`;

/** Adds the command to the program. */
export function declareFigma(program: Command): void {
  const command = program
    .command('figma')
    .description('Write the Figma plugin into a folder, to be imported in Figma.')
    .argument('[folder]', 'where the plugin goes; made if it does not exist', 'nigaoe-figma');
  give(command, EXAMPLES, async ([folder], _, stage) =>
    (await import('./run.js')).writePlugin(folder, stage),
  );
}
