// The commands of `nigaoe` as commander sees them. Light: what a command needs to work is loaded when it runs.

import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.js';
import { declareDoctor } from './doctor/command.js';
import { declareFaces } from './faces/command.js';
import { declareFigma } from './figma/command.js';
import { declareImagine } from './imagine/command.js';
import { declareModels } from './models/command.js';
import { declareQueue } from './queue/command.js';
import { declareReconstruct } from './reconstruct/command.js';
import { declareServe } from './serve/command.js';
import { declareStylize } from './stylize/command.js';
import { watchStreams } from './terminal/streams.js';
import { Terminal } from './terminal/terminal.js';
import { declareTokens } from './tokens/command.js';
import { declareTrain } from './train/command.js';
import { usageFailure } from './usage.js';
import { declareVideo } from './video/command.js';
import { declareWatch } from './watch/command.js';
import { declareWorker } from './worker/command.js';

const EXIT_CODES = `
Exit codes:
  0 done   1 failed (also: files failed for different reasons)   2 wrong options   3 unreadable photo
  4 no face found   5 model missing, damaged or licence not accepted   6 cancelled   7 device absent

Environment:
  NIGAOE_HOME     folder of the models          NIGAOE_MIRROR  folder or URL asked first for models
  NIGAOE_OFFLINE  1: never use the network      NIGAOE_DEBUG   1: show where an error comes from
  NIGAOE_FFMPEG   the ffmpeg of nigaoe video, if not that on the PATH
  NIGAOE_QUEUE    the queue in Redis             NIGAOE_REDIS_PASSWORD  its password

New here? Try:  nigaoe stylize photo.jpg -o drawn.jpg`;

/** Builds all commands; nothing runs before the arguments are parsed. */
function buildProgram(): Command {
  const program = new Command('nigaoe')
    .description('Turns photos into drawn pictures on your own machine.')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showSuggestionAfterError()
    // Errors become NigaoeErrors and are printed in one place.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', EXIT_CODES);
  declareStylize(program);
  declareVideo(program);
  declareWatch(program);
  declareFaces(program);
  declareModels(program);
  declareTrain(program);
  declareImagine(program);
  declareReconstruct(program);
  declareServe(program);
  declareWorker(program);
  declareQueue(program);
  declareTokens(program);
  declareFigma(program);
  declareDoctor(program);
  return program;
}

/** Runs the command line and leaves the exit code in `process.exitCode`. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  watchStreams();
  try {
    await buildProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error, argv);
  }
}

function exitCodeOf(error: unknown, argv: readonly string[]): number {
  // --help and --version end parsing too, having done what was asked.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  // The help was shown because no command was given.
  if (error instanceof CommanderError && error.code === 'commander.help') return 2;
  const terminal = new Terminal({ json: argv.includes('--json') });
  return terminal.refuse(error instanceof CommanderError ? usageFailure(error) : error);
}
