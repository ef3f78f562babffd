// `nigaoe models` and its commands on the command line.

import { type Command, Option } from 'commander';
import { addFlagsOf } from '../flags.js';
import { give, type Work } from '../work.js';
import { QUANTIZE_OPTIONS } from './quantize/options.js';

const EXAMPLES = `
Examples:
  nigaoe models list                          what there is, and what is here
  nigaoe models pull hayao --accept-licence   fetch a style that is not free for commercial use
  nigaoe models pull --all                    fetch everything
  nigaoe models verify                        check what is here against the catalogue
  nigaoe models rm hayao                      delete it
  nigaoe models inspect hayao                 inputs, outputs, size, licence, source
  nigaoe models inspect ./mine.pt             the same for a file: ONNX, PyTorch, safetensors, MindSpore
  nigaoe models import mine.pt --id my-style  make a style of your own weights
  nigaoe models rename my-style sketch        give an imported style another id
  nigaoe models export my-style out.onnx      write a model as one ONNX file
  nigaoe models quantize hayao --calibrate photos/   the style in int8, where that is faster

Models lie in NIGAOE_HOME (default: the cache folder of the system). NIGAOE_MIRROR names a folder or URL that is
asked first, by file name; with NIGAOE_OFFLINE=1 the network is never used.`;

/** Adds the commands to the program. */
export function declareModels(program: Command): void {
  const models = program
    .command('models')
    .description('List, fetch, check, import, export, delete and look into models.')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  declare(
    models.command('list').description('List the models: id, kind, licence, size and state.'),
    listWork,
  );
  declarePull(models);
  declare(
    models
      .command('verify')
      .description(
        'Hash the files of models and compare them with the catalogue; without ids all that are here.',
      )
      .argument('[ids...]', 'ids of `nigaoe models list`'),
    async (...call) => (await import('./verify.js')).verifyModels(...call),
  );
  declare(
    models
      .command('rm')
      .description('Delete the files of models.')
      .argument('<ids...>', 'ids of `nigaoe models list`'),
    async (...call) => (await import('./rm.js')).removeModels(...call),
  );
  declare(
    models
      .command('inspect')
      .description('Show what a model takes, gives, is made of and costs.')
      .argument('<ids or files...>', 'ids of `nigaoe models list`, or model files')
      .option(...PART),
    async (...call) => (await import('./inspect.js')).inspectModels(...call),
  );
  declareImport(models);
  declare(
    models
      .command('rename')
      .description('Give an imported style another id.')
      .argument('<id>', 'id of an imported style')
      .argument('<new-id>', 'letters, digits, dots, dashes and underscores'),
    async (...call) => (await import('./rename.js')).renameModel(...call),
  );
  declare(
    models
      .command('export')
      .description('Write a model as one ONNX file that tells its licence and how it wants its pixels.')
      .argument('<id or file>', 'id of `nigaoe models list`, or a model file')
      .argument('<out.onnx>', 'the file to write')
      .option('-f, --force', 'replace a file that is there')
      .option(...PART),
    async (...call) => (await import('./export.js')).exportModel(...call),
  );
  declareMerge(models);
  declareQuantize(models);
}

function declareMerge(models: Command): void {
  declare(
    models
      .command('merge')
      .description(
        'Write a Stable Diffusion folder, or a file that draws by labels, with LoRAs merged into its weights.',
      )
      .argument('<folder or file>', 'a Stable Diffusion folder in ONNX, or denoiser.onnx of a training')
      .requiredOption('--lora <file...>', 'FILE or FILE:STRENGTH; several add up')
      .requiredOption('-o, --out <path>', 'the folder, or file, to write'),
    async (...call) => (await import('./merge.js')).mergeNetwork(...call),
  );
}

function declareQuantize(models: Command): void {
  const command = models
    .command('quantize')
    .description('Make an int8 style of a style: kept where it draws nearly the same, and clearly faster.')
    .argument('<id or file>', 'id of `nigaoe models list`, or a model file')
    .requiredOption('--calibrate <folder>', 'pictures such as the style is for')
    .option('--id <id>', 'id of the new style (default: that of the style and -int8)')
    .option('-o, --out <file.onnx>', 'write a file instead')
    .option('-f, --force', 'replace what is there already')
    .option('--keep-anyway', 'keep it also where it is not worthwhile here, for another machine');
  const names = Object.keys(QUANTIZE_OPTIONS) as (keyof typeof QUANTIZE_OPTIONS)[];
  const headings = Object.fromEntries(names.map((name) => [name, 'Measuring:']));
  addFlagsOf(QUANTIZE_OPTIONS, names, command, headings as Record<keyof typeof QUANTIZE_OPTIONS, string>);
  declare(command, async (...call) => (await import('./quantize/run.js')).quantizeStyle(...call));
}

const PART = ['--part <prefix>', 'which network, where a checkpoint holds several'] as const;

function declareImport(models: Command): void {
  const command = models
    .command('import')
    .description(
      'Make a style of your own weights: an .onnx file, a checkpoint (.pt, .pth, .safetensors, .ckpt), or a folder.',
    )
    .argument('<file>', 'model file, or folder of raw variables with a manifest.json')
    .option('--id <id>', 'id of the style (default: made of the name of the file)')
    .option('--title <text>', 'line for `models list`')
    .option('--licence <name>', 'licence of the weights: an SPDX id such as MIT, or any words')
    .option('--commercial', 'pictures may be used commercially (default: what is known of the licence)')
    .option('--no-commercial', 'pictures may not be used commercially')
    .option('--scope <scope>', 'what scope auto means for it: photo, faces or portrait (default: photo)')
    .option('--replace', 'take the place of an imported style of the same id');
  const onnx = [
    new Option('--layout <layout>', 'nchw (colour planes) or nhwc (default: by the shape of its input)'),
    new Option('--channels <order>', 'rgb or bgr (default: rgb)'),
    new Option('--range <low,high>', 'values of black and white (default: by its last steps, else -1,1)'),
  ];
  const checkpoints = [
    // Before its negation, or else it would count as given.
    new Option('--align-corners').hideHelp(),
    new Option('--no-align-corners', 'AnimeGANv2: enlarge without aligned corners, as old demos did'),
    new Option(
      '--blocks <number>',
      'CycleGAN of MindSpore: how often its shared block is applied (default: 9)',
    ),
    new Option(...PART),
  ];
  for (const option of onnx) command.addOption(option.helpGroup('For ONNX files:'));
  for (const option of checkpoints) command.addOption(option.helpGroup('For checkpoints:'));
  declare(command, async (...call) => (await import('./import.js')).importFile(...call));
}

function declarePull(models: Command): void {
  const pull = models
    .command('pull')
    .description('Fetch models: licence shown, files checked, broken downloads continued.')
    .argument('[ids...]', 'ids of `nigaoe models list`')
    .option('--all', 'all models')
    .option('--accept-licence', 'accept the licence of models that are not free for commercial use');
  declare(pull, async (...call) => (await import('./pull.js')).pullModels(...call));
}

const listWork: Work = async (_, flags, stage) => (await import('./list.js')).listModels(flags, stage);

const declare = (command: Command, work: Work): void => give(command, EXAMPLES, work);
