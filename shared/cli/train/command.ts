// `nigaoe train` on the command line.

import type { Command } from 'commander';
import { SETTINGS, type SettingName } from '../../train/settings.js';
import { addFlagsOf } from '../flags.js';
import { give } from '../work.js';

const EXAMPLES = `
Recipes:
  autoencoder, conv-autoencoder, vae    pictures to codes and back; the vae also draws new ones
  gan, lsgan, dcgan                     draw pictures like those that they are shown
  cyclegan                              two folders, each drawn in the manner of the other: makes styles
  classifier                            tells what idx files with labels show
  diffusion                             draws what a label says out of noise, step by step
  lora                                  teaches a diffusion, or a Stable Diffusion folder, a new look by a few numbers
  finetune                              has a style, anyone's, go on learning from two folders

Examples:
  nigaoe train dcgan --data mnist/ --out runs/digits           a folder of idx files, or of pictures
  nigaoe train vae --data mnist/ --out runs/vae --hold-back 1000
  nigaoe train cyclegan --data photos/ paintings/ --out runs/monet --size 128 --epochs 50
  nigaoe train cyclegan --data photos/ paintings/ --out runs/monet --resume
  nigaoe train diffusion --data mnist/ --out runs/digits
  nigaoe train lora --from runs/digits/denoiser.onnx --data slanted/ --out runs/slanted
  nigaoe train lora --from sd-1.5/ --data ink-drawings/ --prompt "ink drawing" --size 512 --batch 1 --out runs/ink
  nigaoe train finetune --from hayao --data photos/ drawings/ --out runs/mine
  nigaoe train cyclegan --data selfies/ anime/ --out runs/anime --align-faces

In the folder --out: networks for use (.onnx, .safetensors), checkpoints/, samples/, losses.svg and .png, log.jsonl.
Ctrl-C ends after the step, saves, and leaves the networks as they are; --resume goes on as if nothing had happened.`;

/** Under which heading of the help a setting stands. */
const HEADINGS: Readonly<Record<SettingName, string>> = {
  epochs: 'How long:',
  steps: 'How long:',
  batch: 'Learning:',
  rate: 'Learning:',
  clip: 'Learning:',
  average: 'Learning:',
  seed: 'Learning:',
  size: 'Pictures:',
  channels: 'Pictures:',
  alignFaces: 'Pictures:',
  holdBack: 'Pictures:',
  width: 'CycleGAN:',
  blocks: 'CycleGAN:',
  flavour: 'CycleGAN:',
  identity: 'CycleGAN:',
  prediction: 'Diffusion:',
  from: 'Going on from a network:',
  paired: 'Going on from a network:',
  stay: 'Going on from a network:',
  rank: 'LoRA:',
  alpha: 'LoRA:',
  targets: 'LoRA:',
  prompt: 'LoRA:',
  sampleEvery: 'Files:',
  saveEvery: 'Files:',
  keep: 'Files:',
  device: 'Device:',
  requireDevice: 'Device:',
};

/** Adds the command to the program. */
export function declareTrain(program: Command): void {
  const command = program
    .command('train')
    .description('Train a network of your own on your pictures.')
    .argument('<recipe>', 'what to train')
    .requiredOption(
      '--data <paths...>',
      'folders of pictures or idx files: two for cyclegan and finetune, else one',
    )
    .requiredOption('-o, --out <folder>', 'where everything goes')
    .option('--resume', 'go on from the newest checkpoint in --out');
  addFlagsOf(SETTINGS, Object.keys(SETTINGS) as SettingName[], command, HEADINGS);
  give(command, EXAMPLES, async ([recipe], flags, stage) =>
    (await import('./run.js')).runTrain(recipe, flags, stage),
  );
}
