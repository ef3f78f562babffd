// The source tree as plain data (path from the root -> text), so that the rules run on real files and on invented ones.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Path from the repository root, with `/` -> text. */
export type Tree = Readonly<Record<string, string>>;

/** Something that a rule refuses, and what to do about it. */
export interface Violation {
  file: string;
  /** Counted from 1. */
  line: number;
  problem: string;
  advice: string;
}

const FOLDERS = ['shared', 'node-red-node', 'figma-plugin', 'examples', 'bench'];
const SOURCES = /\.([cm]?tsx?|[cm]?js|html|css|json|svg)$/;
const NOT_OURS = /(^|\/)(node_modules|dist(-[^/]*)?|out|coverage|\.[^/]*)\//;

/** Reads every source file of the product; folders that do not exist yet are just absent. */
export function readTree(root = findRoot()): Tree {
  const paths = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    listFiles(root, folder),
  );
  const entries = [...paths, 'package.json'].map((path) => [path, readFileSync(join(root, path), 'utf8')]);
  return Object.fromEntries(entries) as Tree;
}

export function isTypeScript(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path);
}

export function describeViolation({ file, line, problem, advice }: Violation): string {
  return `${file}:${line} ${problem}\n    ${advice}`;
}

function listFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.split(sep).join('/')}`)
    .filter((path) => SOURCES.test(path) && !NOT_OURS.test(path))
    .sort();
}

// Compiled tests lie in dist/test/architecture; whatever the output folder's name, the root is where package.json is.
export function findRoot(from = dirname(fileURLToPath(import.meta.url))): string {
  return existsSync(join(from, 'package.json')) ? from : findRoot(dirname(from));
}
