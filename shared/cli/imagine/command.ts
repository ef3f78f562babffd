// `nigaoe imagine` on the command line.

import type { Command } from 'commander';
import { DIFFUSION_OPTIONS } from '../../options.js';
import { addFlagsOf } from '../flags.js';
import { give } from '../work.js';
import { IMAGINE_OPTIONS, SIZES } from './options.js';

const EXAMPLES = `
Examples:
  nigaoe imagine --model runs/digits/generator.onnx -o digits.png
  nigaoe imagine --model runs/vae/decoder.onnx --count 64 --seed 7 -o grid.png
  nigaoe imagine --model runs/vae/decoder.onnx --count 5 --interpolate 8 -o walk.png    4 walks of 8 stations
  nigaoe imagine --model runs/vae/decoder.onnx --count 100 -o drawn/                    a folder: one file each
  nigaoe imagine --model sd-1.5/ --prompt "a lighthouse, (watercolour:1.2)" --seed 7 -o lighthouse.png
  nigaoe imagine --model sd-1.5/ --prompt "a cat" --lora ink.safetensors:0.8 --steps 20 --sampler dpm++ -o cat.png

Models that draw from numbers come from nigaoe train: autoencoders, vae, gan, lsgan and dcgan.
Folders are those of Stable Diffusion 1, 2, Turbo and LCM in ONNX, as diffusers and optimum write them.`;

/** Adds the command to the program. */
export function declareImagine(program: Command): void {
  const command = program
    .command('imagine')
    .description('Draw pictures from nothing, with a network that was trained to.')
    .requiredOption(
      '--model <path>',
      'an .onnx file that draws from numbers, or a Stable Diffusion folder in ONNX',
    )
    .requiredOption('-o, --out <path>', 'a picture for all of them as a grid, or a folder for one file each')
    .option('-f, --force', 'replace what is there already');
  const headings = { ...under(IMAGINE_OPTIONS, 'Drawing:'), device: 'Device:', requireDevice: 'Device:' };
  addFlagsOf(IMAGINE_OPTIONS, keysOf(IMAGINE_OPTIONS), command, headings);
  addFlagsOf(
    DIFFUSION_OPTIONS,
    keysOf(DIFFUSION_OPTIONS),
    command,
    under(DIFFUSION_OPTIONS, 'From a prompt:'),
  );
  addFlagsOf(SIZES, keysOf(SIZES), command, under(SIZES, 'From a prompt:'));
  give(command, EXAMPLES, async (_, flags, stage) => (await import('./run.js')).runImagine(flags, stage));
}

const keysOf = <Table extends object>(table: Table) => Object.keys(table) as (keyof Table & string)[];
const under = <Table extends object>(table: Table, heading: string) =>
  Object.fromEntries(keysOf(table).map((name) => [name, heading])) as Record<keyof Table, string>;
