// `nigaoe faces` on the command line.

import type { Command } from 'commander';
import { addOutputFlags, addTableFlags, type FlagValues } from '../flags.js';
import { perform } from '../perform.js';
import { FACE_OPTIONS } from './options.js';

const EXAMPLES = `
Examples:
  nigaoe faces team.jpg                     a table of the faces
  nigaoe faces holiday/ --json              boxes, scores and 68 landmarks, one line per photo
  nigaoe faces team.jpg --draw marked.png   the landmarks drawn over the photo
  nigaoe faces holiday/ --draw marked/      the same for a folder: marked/<photo>-faces.<format>

Boxes and landmarks are in pixels of the upright photo; a landmark is [x, y], x right, y down.
A photo without faces is no failure. --format, --quality and --keep-metadata are for --draw.`;

/** Adds the command to the program. */
export function declareFaces(program: Command): void {
  const command = program
    .command('faces')
    .description('Find faces and their 68 landmarks; draw them over the photos with --draw.')
    .argument('<photos...>', 'photos, folders, patterns, http(s) addresses, or -')
    .option('--draw <path>', 'draw the landmarks: into a file, a folder, or - for standard output')
    .option('-f, --force', 'draw again what is already there')
    .option('--allow-url', 'fetch photos from http(s) addresses')
    .option('--accept-licence', 'accept the licence of models that are not free for commercial use');
  addOutputFlags(command);
  addTableFlags(command, FACE_OPTIONS);
  command.addHelpText('after', EXAMPLES).action(async (photos: string[], flags: FlagValues) => {
    const json = flags.json === true;
    await perform({ json, quiet: flags.quiet === true, stdoutTaken: flags.draw === '-' }, async (stage) => {
      const { runFaces } = await import('./run.js');
      return runFaces(photos, flags, stage);
    });
  });
}
