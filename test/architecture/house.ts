// The house rules as data: what may not stand in a source file, why, and what to do instead.

import { basename, extname } from 'node:path';
import { parseSources, type Source } from './source.js';
import { isTypeScript, type Tree, type Violation } from './tree.js';

/** A place in a file that a rule refuses. */
interface Finding {
  line: number;
  problem: string;
}
export interface HouseRule {
  /** A statement about the product that is true when the rule finds nothing. */
  title: string;
  advice: string;
  files: RegExp;
  find: (file: Source) => Finding[];
}

const MAX_FUNCTION_LINES = 60;
const MAX_FILE_LINES = 400;
const MAX_JOURNEY_LINES = 80;
const PRODUCT = /^(shared|node-red-node|figma-plugin)\//;
const CODE = /^(shared|node-red-node|figma-plugin)\/.*\.([cm]?tsx?|[cm]?js|html|css)$/;
const TYPESCRIPT = /^(shared|node-red-node|figma-plugin)\/.*\.[cm]?tsx?$/;
/** Node-RED asks for a default export of each node. */
const TYPESCRIPT_OF_OURS = /^(shared|node-red-node(?!\/nodes\/)|figma-plugin)\/.*\.[cm]?tsx?$/;
const VAGUE_NAME = /^(.+[-_.])?(utils?|helpers?|common|manager|base)$/i;

export const HOUSE_RULES: readonly HouseRule[] = [
  {
    title: 'has no type any',
    advice: 'Say what the value is, or take unknown and check it.',
    files: TYPESCRIPT,
    find: ({ anyTypes }) => anyTypes.map(({ line }) => ({ line, problem: 'uses the type any.' })),
  },
  {
    title: 'has no enum',
    advice: "Use a union of string literals, or an object 'as const'.",
    files: TYPESCRIPT,
    find: ({ enums }) => enums.map(({ line }) => ({ line, problem: 'declares an enum.' })),
  },
  {
    title: 'exports by name',
    advice: 'Export it by name, so that it is called the same everywhere.',
    files: TYPESCRIPT_OF_OURS,
    find: ({ defaultExports }) => defaultExports.map(({ line }) => ({ line, problem: 'exports a default.' })),
  },
  {
    title: `has no function beyond ${MAX_FUNCTION_LINES} lines`,
    advice: 'Give each step its own function with a name that says what it does; ten lines are the aim.',
    files: TYPESCRIPT,
    find: ({ functions }) =>
      functions
        .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
        .map(({ line, lines }) => ({ line, problem: `holds a function of ${lines} lines.` })),
  },
  {
    title: `has no file beyond ${MAX_FILE_LINES} lines`,
    advice: 'Split it by what its parts do; a hundred lines are the aim.',
    files: CODE,
    find: ({ text }) => tooLong(text, MAX_FILE_LINES),
  },
  {
    title: `tells the journey in ${MAX_JOURNEY_LINES} lines`,
    advice: 'stylize.ts names the stations in their order: move the work of a step into its station.',
    files: /^shared\/stylize\.ts$/,
    find: ({ text }) => tooLong(text, MAX_JOURNEY_LINES),
  },
  {
    title: 'opens each file with a comment that says what it is',
    advice: 'Begin with one line: what this file is, and what it is for.',
    files: TYPESCRIPT,
    find: ({ text }) =>
      /^(#!.*\n)?(\/\/ *\S|\/\*)/.test(text) ? [] : [{ line: 1, problem: 'opens without a comment.' }],
  },
  {
    title: 'names files after what they do',
    advice: 'utils, helpers, common, manager and base say nothing: name the file after its one job.',
    files: PRODUCT,
    find: ({ path }) =>
      path.split('/').some((part) => VAGUE_NAME.test(basename(part, extname(part))))
        ? [{ line: 1, problem: 'has a name that says nothing.' }]
        : [],
  },
  {
    title: 'knows no folder of the machine that it was written on',
    advice: 'Take the path from an option or the environment, or resolve it from import.meta.url.',
    files: PRODUCT,
    find: ({ text }) =>
      findText(text, /(?<![\w.:/-])\/(home|work|Users|root)\/\w/, 'names an absolute folder.'),
  },
  {
    title: 'leaves no TODO behind',
    advice: 'Do it now, or write it down where work is planned.',
    files: PRODUCT,
    find: ({ text }) => findText(text, /\b(TODO|FIXME)\b/, 'leaves a note for later.'),
  },
];

/** Everything that the given house rules refuse in a tree. */
export function checkHouse(tree: Tree, rules: readonly HouseRule[] = HOUSE_RULES): Violation[] {
  const sources = [...parseSources(tree), ...otherFiles(tree)];
  return rules.flatMap(({ files, find, advice }) =>
    sources
      .filter(({ path }) => files.test(path))
      .flatMap((source) => find(source).map((finding) => ({ file: source.path, ...finding, advice }))),
  );
}

/** Files without TypeScript syntax (pages, styles, data): the rules see their name and text only. */
function otherFiles(tree: Tree): Source[] {
  const nothing = { imports: [], anyTypes: [], enums: [], defaultExports: [], functions: [] };
  return Object.entries(tree)
    .filter(([path]) => !isTypeScript(path))
    .map(([path, text]) => ({ path, text, ...nothing }));
}

function tooLong(text: string, most: number): Finding[] {
  const lines = text.replace(/\n$/, '').split('\n').length;
  return lines > most ? [{ line: most + 1, problem: `has ${lines} lines, more than ${most}.` }] : [];
}

function findText(text: string, pattern: RegExp, problem: string): Finding[] {
  return text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [{ line: index + 1, problem }] : []));
}
