// `nigaoe imagine` on the command line.

import { type Command, Option } from 'commander';
import { DIFFUSION_OPTIONS } from '../../options.js';
import { addFlagsOf } from '../flags.js';
import { give } from '../work.js';
import { IMAGINE_OPTIONS, LABEL_OPTIONS, OVER_OPTIONS, PREVIEW_OPTIONS, SIZES } from './options.js';

const EXAMPLES = `
Examples:
  nigaoe imagine --model runs/digits/generator.onnx -o digits.png
  nigaoe imagine --model runs/vae/decoder.onnx --count 64 --seed 7 -o grid.png
  nigaoe imagine --model runs/vae/decoder.onnx --count 5 --interpolate 8 -o walk.png    4 walks of 8 stations
  nigaoe imagine --model runs/vae/decoder.onnx --count 100 -o drawn/                    a folder: one file each
  nigaoe imagine --model runs/digits/denoiser.onnx --labels 0-9 --stages 20 -o digits.png
  nigaoe imagine --model runs/digits/denoiser.onnx --lora runs/slanted/lora.safetensors:0.8 -o slanted.png
  nigaoe imagine --model sd-1.5/ --prompt "a lighthouse, (watercolour:1.2)" --seed 7 -o lighthouse.png
  nigaoe imagine --model sd-1.5/ --prompt "a cat" --lora ink.safetensors:0.8 --steps 20 --sampler dpm++ -o cat.png
  nigaoe imagine --model sd-1.5/ --image sketch.png --strength 0.7 --prompt "a castle" -o castle.png
  nigaoe imagine --model sd-1.5/ --image me.jpg --mask hat.png --strength 1 --prompt "a red hat" -o hat.jpg
  nigaoe imagine --model sd-1.5/ --prompt "a cat" --preview now.png --preview-every 2 -o cat.png

Models that draw from numbers come from nigaoe train: autoencoders, vae, gan, lsgan and dcgan; by labels
draw those of nigaoe train diffusion, with LoRAs of nigaoe train lora.
Folders are those of Stable Diffusion 1, 2, Turbo and LCM in ONNX, as diffusers and optimum write them.`;

/** Adds the command to the program. */
export function declareImagine(program: Command): void {
  const command = program
    .command('imagine')
    .description(
      'Draw pictures from nothing, from a prompt, or over a picture, with a network that was trained to.',
    )
    .requiredOption(
      '--model <path>',
      'an .onnx file that draws from numbers or by labels, or a Stable Diffusion folder in ONNX',
    )
    .requiredOption('-o, --out <path>', 'a picture for all of them as a grid, or a folder for one file each')
    .option('-f, --force', 'replace what is there already')
    .addOption(
      file('--image <photo>', 'draw over this picture; it keeps its size, or is cut to --width and --height'),
    )
    .addOption(file('--mask <picture>', 'draw anew only what is white in it; scaled to the picture'))
    .addOption(file('--preview <file>', 'write the picture on its way there, again and again'));
  const headings = { ...under(IMAGINE_OPTIONS, 'Drawing:'), device: 'Device:', requireDevice: 'Device:' };
  addFlagsOf(IMAGINE_OPTIONS, keysOf(IMAGINE_OPTIONS), command, headings);
  addFlagsOf(
    DIFFUSION_OPTIONS,
    keysOf(DIFFUSION_OPTIONS),
    command,
    under(DIFFUSION_OPTIONS, 'From a prompt:'),
  );
  for (const table of [SIZES, OVER_OPTIONS, PREVIEW_OPTIONS])
    addFlagsOf(table, keysOf(table), command, under(table, 'From a prompt:'));
  addFlagsOf(LABEL_OPTIONS, keysOf(LABEL_OPTIONS), command, under(LABEL_OPTIONS, 'By labels:'));
  give(command, EXAMPLES, async (_, flags, stage) => (await import('./run.js')).runImagine(flags, stage));
}

const file = (flag: string, help: string): Option => new Option(flag, help).helpGroup('From a prompt:');
const keysOf = <Table extends object>(table: Table) => Object.keys(table) as (keyof Table & string)[];
const under = <Table extends object>(table: Table, heading: string) =>
  Object.fromEntries(keysOf(table).map((name) => [name, heading])) as Record<keyof Table, string>;
