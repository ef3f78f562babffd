// What the rules need to know of a TypeScript file, taken from its syntax tree. The only file that knows the compiler's
// interface, which TypeScript 7 still calls unstable: when it changes, this is the place to mend.

import * as ast from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';
import { isTypeScript, type Tree } from './tree.js';

/** Something at a line (counted from 1). */
export interface Spot {
  line: number;
}
export interface Import extends Spot {
  /** The module's name as written; undefined where `import()` computes it. */
  name: string | undefined;
}
export interface FunctionSize extends Spot {
  /** Lines of the body that are not blank. */
  lines: number;
}
export interface Source {
  path: string;
  text: string;
  imports: Import[];
  anyTypes: Spot[];
  enums: Spot[];
  defaultExports: Spot[];
  functions: FunctionSize[];
}

const ROOT = '/tree/';
const CONFIG = `${ROOT}tsconfig.json`;
// Nothing is resolved or type checked: syntax is all that the rules ask for.
const SYNTAX_ONLY = { compilerOptions: { noLib: true, noResolve: true, types: [] }, include: ['**/*'] };

const parsed = new WeakMap<Tree, Source[]>();

/** The TypeScript files of a tree, parsed in one call of the compiler and then remembered. */
export function parseSources(tree: Tree): Source[] {
  const sources = parsed.get(tree) ?? parseTree(tree);
  parsed.set(tree, sources);
  return sources;
}

function parseTree(tree: Tree): Source[] {
  const paths = Object.keys(tree).filter(isTypeScript);
  const files = Object.fromEntries(paths.map((path) => [ROOT + path, tree[path]]));
  const fs = createVirtualFileSystem({ ...files, [CONFIG]: JSON.stringify(SYNTAX_ONLY) });
  const api = new API({ cwd: ROOT, fs });
  try {
    const project = api.updateSnapshot({ openProjects: [CONFIG] }).getProject(CONFIG);
    return paths.map((path) => readSource(path, project?.program.getSourceFile(ROOT + path)));
  } finally {
    api.close();
  }
}

function readSource(path: string, file: ast.SourceFile | undefined): Source {
  if (file === undefined) throw new Error(`Expected the compiler to parse ${path} but it left it out`);
  const source: Source = {
    path,
    text: file.text,
    imports: [],
    anyTypes: [],
    enums: [],
    defaultExports: [],
    functions: [],
  };
  visit(file, source, (node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
  return source;
}

function visit(node: ast.Node, source: Source, lineOf: (node: ast.Node) => number): void {
  const spot = { line: lineOf(node) };
  const imported = importOf(node);
  if (imported !== undefined) source.imports.push({ ...spot, name: imported.name });
  if (node.kind === ast.SyntaxKind.AnyKeyword) source.anyTypes.push(spot);
  if (ast.isEnumDeclaration(node)) source.enums.push(spot);
  if (isDefaultExport(node)) source.defaultExports.push(spot);
  const body = bodyOf(node);
  if (body !== undefined) source.functions.push({ ...spot, lines: countLines(body) });
  // The braces matter: a visitor that returns a value stops the walk.
  node.forEachChild((child) => {
    visit(child, source, lineOf);
  });
}

/** The module that a node imports: import and export from, import(), import type, import = require(), require(). */
function importOf(node: ast.Node): { name: string | undefined } | undefined {
  if (ast.isImportDeclaration(node)) return literal(node.moduleSpecifier);
  if (ast.isExportDeclaration(node)) return node.moduleSpecifier && literal(node.moduleSpecifier);
  if (ast.isExternalModuleReference(node)) return literal(node.expression);
  if (ast.isImportTypeNode(node)) return literal(node.argument);
  if (ast.isCallExpression(node) && isLoader(node.expression)) return literal(node.arguments[0]);
  return undefined;
}

function isLoader(callee: ast.Node): boolean {
  return (
    callee.kind === ast.SyntaxKind.ImportKeyword || (ast.isIdentifier(callee) && callee.text === 'require')
  );
}

function literal(node: ast.Node | undefined): { name: string | undefined } {
  if (node === undefined) return { name: undefined };
  if (ast.isLiteralTypeNode(node)) return literal(node.literal);
  const named = ast.isStringLiteral(node) || ast.isNoSubstitutionTemplateLiteral(node);
  return { name: named ? node.text : undefined };
}

function isDefaultExport(node: ast.Node): boolean {
  if (node.kind === ast.SyntaxKind.ExportAssignment) return true;
  if (ast.isExportSpecifier(node)) return node.name.text === 'default';
  return node.kind === ast.SyntaxKind.DefaultKeyword && !ast.isDefaultClause(node.parent);
}

function bodyOf(node: ast.Node): ast.Node | undefined {
  const withBody =
    ast.isFunctionDeclaration(node) ||
    ast.isFunctionExpression(node) ||
    ast.isArrowFunction(node) ||
    ast.isMethodDeclaration(node) ||
    ast.isConstructorDeclaration(node) ||
    ast.isGetAccessorDeclaration(node) ||
    ast.isSetAccessorDeclaration(node);
  return withBody ? node.body : undefined;
}

function countLines(body: ast.Node): number {
  const lines = body.getText().split('\n').slice(1, -1);
  return lines.filter((line) => line.trim() !== '').length;
}
