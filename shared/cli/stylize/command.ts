// `nigaoe stylize` on the command line.

import type { Command } from 'commander';
import { OPTION_NAMES } from '../../options.js';
import { addOutputFlags, addTableFlags, type FlagValues } from '../flags.js';
import { perform } from '../perform.js';

const EXAMPLES = `
Examples:
  nigaoe stylize photo.jpg -o drawn.jpg                    one photo, in the style ink
  nigaoe stylize holiday/ -o drawn/                        a folder with its sub-folders
  nigaoe stylize 'holiday/**/*.jpg' -o drawn/ --format png a pattern; quote it
  nigaoe stylize team.jpg -o faces/ --scope portrait       one aligned square per face
  nigaoe stylize me.jpg -o me.png --side-by-side           the photo and the drawing
  nigaoe stylize me.jpg -o drawn/ --style hayao --accept-licence
  nigaoe stylize me.jpg -o drawn/ --style ./face.pt        weights of your own; see nigaoe models import --help
  nigaoe stylize me.jpg -o drawn/ --style sd:sd-1.5 --prompt "oil painting" --strength 0.5    Stable Diffusion
  nigaoe stylize https://example.org/me.jpg -o drawn/ --allow-url
  nigaoe stylize - -o - < photo.jpg > drawn.jpg            standard input and output

Names: in a folder a result is called <photo>-<style>.<format>, several portraits -1, -2, ...
Where two photos would get one name, as a.jpg and a.jpeg, they become a.jpg-<style>.jpg and a.jpeg-<style>.jpg.
sd: and a folder is Stable Diffusion in ONNX, as nigaoe imagine takes it; --strength is then how far a face is redrawn.
Results that are already there are kept; --force draws them again. Photos are never overwritten.`;

/** Adds the command to the program. */
export function declareStylize(program: Command): void {
  const command = program
    .command('stylize')
    .description('Draw photos: files, folders, patterns, addresses, or - for standard input.')
    .argument('<photos...>', 'photos, folders, patterns, http(s) addresses, or -')
    .requiredOption('-o, --out <path>', 'where the drawing goes: a file, a folder, or - for standard output')
    .option('-f, --force', 'draw again what is already there')
    .option('--allow-url', 'fetch photos from http(s) addresses')
    .option('--accept-licence', 'accept the licence of models that are not free for commercial use');
  addOutputFlags(command);
  addTableFlags(command, OPTION_NAMES);
  command.addHelpText('after', EXAMPLES).action(async (photos: string[], flags: FlagValues) => {
    const json = flags.json === true;
    await perform({ json, quiet: flags.quiet === true, stdoutTaken: flags.out === '-' }, async (stage) => {
      const { runStylize } = await import('./run.js');
      return runStylize(photos, flags, stage);
    });
  });
}
