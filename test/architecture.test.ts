// The design, kept true: who may import whom and the house rules, on the real sources; and proof that each rule can fail.

import assert from 'node:assert/strict';
import { checkHouse, HOUSE_RULES } from './architecture/house.js';
import { areaOf, checkImports, IMPORT_RULES } from './architecture/imports.js';
import { describeViolation, readTree, type Tree, type Violation } from './architecture/tree.js';

describe('the architecture of nigaoe', () => {
  const tree = readTree();

  for (const rule of IMPORT_RULES) it(rule.title, () => assertNone(checkImports(tree, [rule])));
  for (const rule of HOUSE_RULES) it(rule.title, () => assertNone(checkHouse(tree, [rule])));

  it('has a core to look at', () => {
    const areas = new Set(Object.keys(tree).map(areaOf));
    assert.ok(areas.has('photo') && areas.has('models'), `found only ${[...areas].join(', ')}`);
  });
});

describe('an import that the design forbids', () => {
  refusesImport(
    'a station importing its neighbour',
    'shared/photo/a.ts',
    "import { b } from '../blend/b.js';",
  );
  refusesImport('a type import', 'shared/photo/a.ts', "import type { B } from '../blend/b.js';");
  refusesImport('an import type', 'shared/photo/a.ts', "type B = import('../blend/b.js').B;");
  refusesImport('a dynamic import', 'shared/photo/a.ts', "await import('../blend/b.js');");
  refusesImport('a re-export', 'shared/photo/a.ts', "export * from '../blend/b.js';");
  refusesImport('a generator that knows photos', 'shared/generators/gan.ts', "import '../photo/photo.js';");
  refusesImport(
    'embedded models that know photos',
    'shared/models/embedded/x.ts',
    "import '../../photo/photo.js';",
  );
  refusesImport('a station importing the journey', 'shared/crop/a.ts', "import '../stylize.js';");
  refusesImport(
    'the table of options importing a station',
    'shared/options.ts',
    "import './photo/photo.js';",
  );
  refusesImport('a core file importing a test', 'shared/cli/a.ts', "import '../../test/fixtures.js';");
  refusesImport(
    'a bridge client with the engine in it',
    'shared/bridge/client.ts',
    "import '../stylizer.js';",
  );
  refusesImport('a node that loads the core', 'node-red-node/a.ts', "import '@nigaoe/nigaoe';");
  refusesImport('a node that reaches into the core', 'node-red-node/a.ts', "import '../shared/stylizer.js';");
  refusesImport(
    'a plugin that loads the client',
    'figma-plugin/ui/a.ts',
    "import '../../shared/bridge/client.js';",
  );
  refusesImport('sharp outside photo/', 'shared/crop/a.ts', "import sharp from 'sharp';");
  refusesImport('sharp by require', 'shared/crop/a.ts', "const sharp = require('sharp');");
  refusesImport('onnxruntime outside the session', 'shared/models/store.ts', "import 'onnxruntime-node';");
  refusesImport('a package that users do not get', 'shared/photo/a.ts', "import 'mocha/lib/x.js';");
  refusesImport('a file in no area', 'shared/misc/a.ts', '');
  refusesImport('an import with a computed name', 'shared/photo/a.ts', 'await import(name);');

  it('names file and line, the import and what to do', () => {
    const violations = checkImports({ 'shared/photo/a.ts': "// A.\nimport '../blend/b.js';" });
    assert.match(
      onlyOne(violations),
      /^shared\/photo\/a\.ts:2 imports shared\/blend\/b\.ts\.\n.*photo\/ knows only/,
    );
  });

  it('is found in the protocol even when another file imports node:', () => {
    const violations = checkImports({
      'shared/bridge/protocol.ts': "import { b } from '../options.js';",
      'shared/options.ts': "import 'node:fs';",
    });
    assert.match(onlyOne(violations), /^shared\/options\.ts:1 imports node:fs\./);
  });

  it('is reported with the path of its cycle', () => {
    const violations = checkImports({
      'shared/crop/a.ts': "import './b.js';",
      'shared/crop/b.ts': "import type { C } from './c/index.js';",
      'shared/crop/c/index.ts': "import '../a.js';",
    });
    const cycle = 'shared/crop/a.ts -> shared/crop/b.ts -> shared/crop/c/index.ts -> shared/crop/a.ts';
    assert.ok(onlyOne(violations).includes(cycle), onlyOne(violations));
  });
});

describe('an import that the design allows', () => {
  allowsImport('everyone to import errors', 'shared/photo/a.ts', "import '../errors.js';");
  allowsImport('stylize.ts to import a station', 'shared/stylize.ts', "import './blend/b.js';");
  allowsImport('the isolated handle to import the handle', 'shared/isolated.ts', "import './stylizer.js';");
  allowsImport('a command to import the bridge', 'shared/cli/serve.ts', "import '../bridge/server.js';");
  allowsImport('sharp in photo/', 'shared/photo/a.ts', "import sharp from 'sharp';");
  allowsImport('node: anywhere else', 'shared/bridge/server.ts', "import 'node:http';");
  allowsImport('a node to import the client', 'node-red-node/a.ts', "import '@nigaoe/nigaoe/bridge/client';");
  allowsImport(
    'the plugin to import the protocol',
    'figma-plugin/a.ts',
    "import '../shared/bridge/protocol.js';",
  );
  allowsImport('an example to import the core', 'examples/a.ts', "import '../shared/index.js';");
  allowsImport('a comment to name a module', 'shared/photo/a.ts', "// import '../blend/b.js';");
  allowsImport('a string to hold code', 'shared/photo/a.ts', 'const a = "import \'../blend/b.js\'";');
});

describe('a source file that breaks a house rule', () => {
  const long = (lines: number): string => '// A.\n' + 'f();\n'.repeat(lines);
  const FAULTS: Record<string, Tree> = {
    'has no type any': { 'shared/a.ts': '// A.\nexport const a = (b: any) => b;' },
    'has no enum': { 'shared/a.ts': '// A.\nexport enum Colour { Red }' },
    'exports by name': { 'shared/a.ts': '// A.\nexport default function a() {}' },
    'has no function beyond 60 lines': {
      'shared/a.ts': `// A.\nconst a = () => {\n${'f();\n'.repeat(61)}};`,
    },
    'has no file beyond 400 lines': { 'shared/bridge/page/page.js': long(400) },
    'tells the journey in 80 lines': { 'shared/stylize.ts': long(80) },
    'opens each file with a comment that says what it is': {
      'shared/cli/main.ts': '#!/usr/bin/env node\nf();',
    },
    'names files after what they do': { 'shared/photo/utils/a.ts': '// A.' },
    'knows no folder of the machine that it was written on': {
      'shared/a.ts': "// A.\nconst a = '/home/me/x';",
    },
    'leaves no TODO behind': { 'shared/bridge/page/page.html': '<!-- TODO: write it -->' },
  };

  for (const rule of HOUSE_RULES)
    it(`is found: ${rule.title}`, () => {
      const violations = checkHouse(FAULTS[rule.title] ?? {}, [rule]);
      assert.equal(violations.length, 1, describeAll(violations));
      assert.deepEqual(violations, checkHouse(FAULTS[rule.title] ?? {}), 'another rule fires as well');
    });

  it('is not found where only a comment or a string breaks it', () => {
    const text =
      "// Any enum: any.\nexport const a = 'any enum E {} export default';\nswitch (a) { default: }\n";
    assertNone(checkHouse({ 'shared/a.ts': text }));
  });
});

const PACKAGE = JSON.stringify({ dependencies: { sharp: '*', 'onnxruntime-node': '*' } });

function refusesImport(title: string, path: string, text: string): void {
  it(`is found: ${title}`, () => {
    const violations = checkImports({ [path]: text, 'package.json': PACKAGE });
    assert.equal(violations.length, 1, describeAll(violations));
    assert.equal(violations[0].file, path);
  });
}

function allowsImport(title: string, path: string, text: string): void {
  it(`lets pass: ${title}`, () => assertNone(checkImports({ [path]: text, 'package.json': PACKAGE })));
}

function onlyOne(violations: readonly Violation[]): string {
  assert.equal(violations.length, 1, describeAll(violations));
  return describeViolation(violations[0]);
}

function describeAll(violations: readonly Violation[]): string {
  return violations.map(describeViolation).join('\n') || 'nothing was found';
}

function assertNone(violations: readonly Violation[]): void {
  if (violations.length > 0) assert.fail(describeAll(violations));
}
