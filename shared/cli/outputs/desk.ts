// Where the results of one run are put: files by their names, or standard output.

import path from 'node:path';
import { expected } from '../../errors.js';
import type { Options } from '../../options.js';
import { writeSheets } from '../../outputs/write.js';
import type { OutputFormat } from '../../photo/photo.js';
import type { Input } from '../inputs/input.js';
import { earlierResults } from './kept.js';
import { double, type Naming, namesOf, type Planned, photoCheck, planFormats, settleNames } from './plan.js';
import type { Target } from './target.js';

/** A finished picture. */
interface Drawing {
  bytes: Uint8Array;
  format: OutputFormat;
}

export interface DeskOptions {
  target: Target;
  /** What a name in a folder gets after the photo's own. */
  suffix: string;
  format: Options['format'];
  /** Draw again what is there. */
  force: boolean;
  /** Whether a photo may become several pictures. */
  severalPictures: boolean;
}

export interface Desk {
  /** The photos to work on. */
  readonly planned: readonly Planned[];
  /** Files that are there already and shall be kept; none when forced. */
  earlier(input: Input, format: OutputFormat | undefined): Promise<string[]>;
  /** Puts the pictures of one photo down and says where: paths, or `-`. */
  deliver(input: Input, pictures: readonly Drawing[]): Promise<string[]>;
}

/** Settles all names; throws `options` where they clash. */
export async function openDesk(inputs: readonly Input[], options: DeskOptions): Promise<Desk> {
  const { target, suffix } = options;
  if (target.kind === 'stdout') return stdoutDesk(inputs);
  const naming: Naming = { target, suffix };
  const planned = await settleNames(await planFormats(inputs, options), naming);
  const isPhoto = await photoCheck(inputs);
  const owners = new Map<string, string>();
  return {
    planned,
    async earlier(input, format) {
      if (options.force || format === undefined) return [];
      return earlierResults(input, format, { naming, severalPictures: options.severalPictures });
    },
    async deliver(input, pictures) {
      const names = namesOf(input, pictures[0].format, pictures.length, naming);
      for (const name of names) {
        await isPhoto(name);
        claim(owners, name, input.label);
      }
      await writeSheets(names.map((name, index) => ({ path: name, bytes: pictures[index].bytes })));
      return names;
    },
  };
}

function stdoutDesk(inputs: readonly Input[]): Desk {
  return {
    planned: inputs.map((input) => ({ input, format: undefined })),
    earlier: async () => [],
    async deliver(_, pictures) {
      if (pictures.length > 1)
        throw expected(
          'one picture',
          'standard output',
          `${pictures.length} portraits`,
          'Give a folder instead.',
        );
      await writeToStdout(pictures[0].bytes);
      return ['-'];
    },
  };
}

/** Photos from the web show their format late, and with it their names: the last chance to see that two clash. */
function claim(owners: Map<string, string>, name: string, label: string): void {
  const key = path.resolve(name);
  const owner = owners.get(key);
  if (owner !== undefined) throw double(owner, label, name);
  owners.set(key, label);
}

/** Writes to standard output and waits for its reader; what goes wrong there is told by terminal/streams.ts. */
async function writeToStdout(bytes: Uint8Array): Promise<void> {
  await new Promise((resolve) => {
    process.stdout.write(bytes, resolve);
  });
}
