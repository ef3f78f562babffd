// Checks the import statements of a tree against the rules in areas.ts, and looks for cycles.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { AREAS, type AreaName, BUILD_TIME, DOORS, OUTSIDE_NODE } from './areas.js';
import { parseSources, type Source } from './source.js';
import type { Tree, Violation } from './tree.js';

/** An import of another file of the tree or of a package. */
interface Edge {
  from: string;
  line: number;
  /** The file that is imported, or undefined when it is a package. */
  file: string | undefined;
  /** The name as written; undefined where it is computed. */
  name: string | undefined;
}

const AREA_NAMES = Object.keys(AREAS) as AreaName[];
const CORE = '@nigaoe/nigaoe';

export interface ImportRule {
  /** A statement about the product that is true when the rule finds nothing. */
  title: string;
  check: (edges: readonly Edge[], tree: Tree) => Violation[];
}

export const IMPORT_RULES: readonly ImportRule[] = [
  { title: 'gives every file of the core a place', check: (_, tree) => Object.keys(tree).flatMap(checkHome) },
  { title: 'names every import in its source', check: (edges) => edges.flatMap(checkComputed) },
  { title: 'lets each area import only what lies below it', check: (edges) => edges.flatMap(checkArea) },
  { title: 'has one door for each native package', check: (edges) => edges.flatMap(checkDoor) },
  {
    title: 'imports only packages that users get',
    check: (edges, tree) => edges.flatMap((edge) => checkDeclared(edge, tree)),
  },
  { title: 'keeps Node.js out of what runs in the Figma plugin', check: checkOutsideNode },
  { title: 'has no import cycles', check: checkCycles },
];

/** Everything that the given import rules refuse in a tree. */
export function checkImports(tree: Tree, rules = IMPORT_RULES): Violation[] {
  const edges = parseSources(tree).flatMap((source) => edgesOf(source, tree));
  return rules.flatMap(({ check }) => check(edges, tree));
}

export function areaOf(path: string): AreaName | undefined {
  return AREA_NAMES.find((name) => AREAS[name].files.test(path));
}

function edgesOf({ path, imports }: Source, tree: Tree): Edge[] {
  return imports.map(({ name, line }) => ({ from: path, line, name, file: resolveFile(path, name, tree) }));
}

function resolveFile(from: string, name: string | undefined, tree: Tree): string | undefined {
  if (name === undefined) return undefined;
  if (name === CORE) return 'shared/index.ts';
  if (name.startsWith(`${CORE}/`)) return findSource(`shared/${name.slice(CORE.length + 1)}`, tree);
  return name.startsWith('.') ? findSource(posix.join(posix.dirname(from), name), tree) : undefined;
}

// Imports name the compiled file (`.js`); the tree holds the source. A folder means its index.
function findSource(path: string, tree: Tree): string {
  const stem = path.replace(/\.([cm]?)jsx?$/, '');
  const candidates = [path, ...['.ts', '.tsx', '.mts', '.cts', '/index.ts'].map((end) => stem + end)];
  return candidates.find((candidate) => candidate in tree) ?? `${stem}.ts`;
}

function checkHome(file: string): Violation[] {
  if (!file.startsWith('shared/') || areaOf(file) !== undefined) return [];
  const advice =
    'Move it into a folder of the design, or give the new folder its rule in test/architecture/areas.ts.';
  return [{ file, line: 1, problem: 'belongs to no area of the core.', advice }];
}

function checkComputed({ from, line, name }: Edge): Violation[] {
  if (name !== undefined || !from.startsWith('shared/')) return [];
  const advice = 'Write the name into import() itself, so that readers and these rules can see it.';
  return [{ file: from, line, problem: 'imports a module whose name is computed.', advice }];
}

function checkArea({ from, line, file }: Edge): Violation[] {
  const area = areaOf(from);
  if (area === undefined || file === undefined) return [];
  const target = areaOf(file);
  if (target === area || target === 'base') return [];
  if (target !== undefined && AREAS[area].mayImport.includes(target)) return [];
  return [{ file: from, line, problem: `imports ${file}.`, advice: AREAS[area].advice }];
}

function checkDoor({ from, line, name }: Edge): Violation[] {
  const door = DOORS.find(({ packages }) => name !== undefined && packages.test(name));
  if (door === undefined || door.files.test(from)) return [];
  return [{ file: from, line, problem: `imports ${name}.`, advice: door.advice }];
}

function checkDeclared({ from, line, file, name }: Edge, tree: Tree): Violation[] {
  const isPackage = file === undefined && name !== undefined && !isBuiltin(name);
  if (!isPackage || !from.startsWith('shared/') || BUILD_TIME.test(from)) return [];
  const owner = packageOf(name);
  if (dependenciesOf(tree).includes(owner)) return [];
  const advice = `Users install without devDependencies: list ${owner} under "dependencies" of package.json.`;
  return [{ file: from, line, problem: `imports ${name}, which users do not get.`, advice }];
}

function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function dependenciesOf(tree: Tree): string[] {
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(tree['package.json'] ?? '{}') as Record<
    string,
    object
  >;
  return [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
}

function checkOutsideNode(edges: readonly Edge[]): Violation[] {
  const roots = edges.map(({ from }) => from).filter((path) => OUTSIDE_NODE.test(path));
  const reached = reachable(roots, edges);
  const offending = edges.filter(({ from, name = '' }) => reached.has(from) && isBuiltin(name));
  const advice =
    'This file also runs in the Figma plugin, outside Node.js: move what needs the module elsewhere.';
  return offending.map(({ from, line, name }) => ({ file: from, line, problem: `imports ${name}.`, advice }));
}

function reachable(roots: readonly string[], edges: readonly Edge[]): Set<string> {
  const reached = new Set(roots);
  for (const path of reached)
    for (const { from, file } of edges) if (from === path && file !== undefined) reached.add(file);
  return reached;
}

function checkCycles(edges: readonly Edge[]): Violation[] {
  const advice = 'Move what both sides need into a third file, or pass it as an argument.';
  return findCycles(edges).map((cycle) => {
    const first = edges.find(({ from, file }) => from === cycle[0] && file === cycle[1]);
    return {
      file: cycle[0],
      line: first?.line ?? 1,
      problem: `imports itself: ${cycle.join(' -> ')}.`,
      advice,
    };
  });
}

/** Every cycle that a depth-first walk meets, as the path that leads back to its first file. */
function findCycles(edges: readonly Edge[]): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push([...path.slice(start), file]);
    if (start >= 0 || finished.has(file)) return;
    for (const next of targetsOf(file, edges)) walk(next, [...path, file]);
    finished.add(file);
  };
  for (const { from } of edges) walk(from, []);
  return cycles;
}

function targetsOf(path: string, edges: readonly Edge[]): Set<string> {
  const targets = edges.filter(({ from, file }) => from === path && file !== undefined);
  return new Set(targets.map(({ file }) => file as string));
}
