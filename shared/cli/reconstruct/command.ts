// `nigaoe reconstruct` on the command line.

import type { Command } from 'commander';
import { addFlagsOf } from '../flags.js';
import { give } from '../work.js';
import { RECONSTRUCT_OPTIONS } from './options.js';

const EXAMPLES = `
Examples:
  nigaoe reconstruct photo.jpg --model sd-1.5/ -o again.png

What is lost here is lost in every drawing of that model over a photo. PSNR: from 30 dB on it is hard to see.`;

/** Adds the command to the program. */
export function declareReconstruct(program: Command): void {
  const command = program
    .command('reconstruct')
    .description('Send a photo through the autoencoder of a Stable Diffusion folder and back.')
    .argument('<photo>', 'a photo')
    .requiredOption('--model <folder>', 'a Stable Diffusion folder in ONNX')
    .requiredOption('-o, --out <path>', 'the picture that comes back')
    .option('-f, --force', 'replace what is there already');
  const headings = { maxSide: 'Drawing:', device: 'Device:', requireDevice: 'Device:' };
  const names = ['maxSide', 'device', 'requireDevice'] as const;
  addFlagsOf(RECONSTRUCT_OPTIONS, names, command, headings);
  give(command, EXAMPLES, async ([photo], flags, stage) =>
    (await import('./run.js')).runReconstruct(photo, flags, stage),
  );
}
