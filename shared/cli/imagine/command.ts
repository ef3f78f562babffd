// `nigaoe imagine` on the command line.

import type { Command } from 'commander';
import { addFlagsOf } from '../flags.js';
import { give } from '../work.js';
import { IMAGINE_OPTIONS } from './options.js';

const EXAMPLES = `
Examples:
  nigaoe imagine --model runs/digits/generator.onnx -o digits.png
  nigaoe imagine --model runs/vae/decoder.onnx --count 64 --seed 7 -o grid.png
  nigaoe imagine --model runs/vae/decoder.onnx --count 5 --interpolate 8 -o walk.png    4 walks of 8 stations
  nigaoe imagine --model runs/vae/decoder.onnx --count 100 -o drawn/                    a folder: one file each

Models that draw from numbers come from nigaoe train: autoencoders, vae, gan, lsgan and dcgan.`;

/** Adds the command to the program. */
export function declareImagine(program: Command): void {
  const command = program
    .command('imagine')
    .description('Draw pictures from nothing, with a network that was trained to.')
    .requiredOption('--model <file>', 'an .onnx file that draws from numbers')
    .requiredOption('-o, --out <path>', 'a picture for all of them as a grid, or a folder for one file each')
    .option('-f, --force', 'replace what is there already');
  const heading = 'Drawing:';
  const headings = { count: heading, columns: heading, seed: heading, interpolate: heading };
  const names = Object.keys(IMAGINE_OPTIONS) as (keyof typeof IMAGINE_OPTIONS)[];
  addFlagsOf(IMAGINE_OPTIONS, names, command, { ...headings, device: 'Device:', requireDevice: 'Device:' });
  give(command, EXAMPLES, async (_, flags, stage) => (await import('./run.js')).runImagine(flags, stage));
}
