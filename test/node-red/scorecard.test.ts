// The catalogue's own checks of a package (node-red-dev 0.1.6), as far as they need no internet, on the packed package.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './built.js';
import { type EditorForm, readForms } from './editor-forms.js';
import { NODES, packedPackages, type Tarball } from './fixtures/packages.js';
import type { FlowNode } from './helper.js';

interface Manifest {
  name: string;
  license: string;
  keywords: string[];
  repository: { url: string };
  bugs: { url: string };
  engines: { node: string };
  dependencies: Record<string, string>;
  'node-red': { version: string; nodes: Record<string, string> };
}

const LANGUAGES = ['en-US', 'de', 'ja', 'zh-CN'];

describe('the package of the nodes, as the catalogue scores it', () => {
  let folder = '';
  let tarball: Tarball;
  let manifest: Manifest;
  const read = (file: string): Promise<string> => readFile(path.join(folder, file), 'utf8');

  before(async function () {
    this.timeout(60_000);
    tarball = (await packedPackages())[NODES];
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-scorecard-'));
    await mkdir(folder, { recursive: true });
    await promisify(execFile)('tar', ['-xzf', tarball.file, '-C', folder, '--strip-components=1']);
    manifest = JSON.parse(await read('package.json')) as Manifest;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('P01: has a licence, and its text', async () => {
    assert.equal(manifest.license, 'MIT');
    assert.equal(await read('LICENSE'), await readFile(path.join(repositoryRoot(), 'LICENSE'), 'utf8'));
  });

  it('P03: says where its source is, and where to report bugs', () => {
    assert.match(manifest.repository.url, /^git\+https:\/\//);
    assert.match(manifest.bugs.url, /^https:\/\//);
  });

  it('P04: has a scoped name', () => {
    assert.match(manifest.name, /^@[a-z-]+\/node-red-[a-z-]+$/);
  });

  it('P05: has the keyword by which the catalogue finds it', () => {
    assert.ok(manifest.keywords.includes('node-red'));
  });

  it('P06: takes the Node-RED of today, and the one before', () => {
    const { version } = manifest['node-red'];
    for (const tried of [
      [4, 1, 15],
      [5, 0, 7],
    ])
      assert.ok(isAtLeast(tried, version), version);
  });

  it('P07: takes the oldest Node.js that Node-RED takes', () => {
    assert.ok(isAtLeast([22, 9, 0], manifest.engines.node), manifest.engines.node);
  });

  it('D01: depends on at most six packages', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 6);
  });

  it('D02: brings no old agent-base along', async () => {
    const lock = JSON.parse(await readFile(path.join(repositoryRoot(), 'package-lock.json'), 'utf8')) as Lock;
    const tree = treeOf(lock, Object.keys(manifest.dependencies));
    assert.ok(tree.has('mqtt'));
    assert.ok(!tree.has('agent-base'), [...tree].join());
  });

  it('N02: shows every node in an example', async () => {
    const names = await readdir(path.join(folder, 'examples'));
    const flows = await Promise.all(
      names.map(async (name) => JSON.parse(await read(`examples/${name}`)) as FlowNode[]),
    );
    const shown = new Set(flows.flat().map(({ type }) => type));
    const forms = await readForms(path.join(folder, 'dist/nodes'));
    const types = [...forms].filter(([, { category }]) => category !== 'config').map(([type]) => type);
    assert.equal(types.length, 3);
    assert.deepEqual(
      types.filter((type) => !shown.has(type)),
      [],
    );
  });

  it('can be read by the scanner of the catalogue, which runs nothing', async () => {
    const forms = await readForms(path.join(folder, 'dist/nodes'));
    for (const [type, file] of Object.entries(manifest['node-red'].nodes)) {
      assert.ok(tarball.files.includes(file), file);
      const scanned = scan(await read(file.replace(/\.js$/, '.html')), type);
      const { category, color, icon, inputs, outputs } = forms.get(type) as EditorForm;
      assert.deepEqual(scanned, { category, color, icon, inputs, outputs });
      if (icon !== undefined) assert.ok(tarball.files.includes(`dist/nodes/icons/${icon}`), icon);
    }
  });

  it('has the texts of each node in every language', () => {
    for (const type of Object.keys(manifest['node-red'].nodes))
      for (const language of LANGUAGES)
        for (const ending of ['json', 'html']) {
          const file = `dist/nodes/locales/${language}/${type}.${ending}`;
          assert.ok(tarball.files.includes(file), file);
        }
  });

  it('holds nothing else: no sources, no tests, no maps', () => {
    const known = [
      /^(LICENSE|README\.md|package\.json|dist\/package\.json)$/,
      /^dist\/nodes\/nigaoe-[a-z]+\.(js|html)$/,
      /^dist\/nodes\/icons\/nigaoe-[a-z]+\.svg$/,
      /^dist\/nodes\/locales\/(en-US|de|ja|zh-CN)\/nigaoe-[a-z]+\.(json|html)$/,
      /^dist\/camera\/[a-z-]+-worker\.js$/,
      /^examples\/[a-z-]+\.json$/,
    ];
    assert.deepEqual(
      tarball.files.filter((file) => !known.some((one) => one.test(file))),
      [],
    );
    for (const file of ['LICENSE', 'README.md', 'dist/package.json'])
      assert.ok(tarball.files.includes(file), file);
  });

  it('names its dependencies, and requires nothing else', async () => {
    const scripts = tarball.files.filter((file) => file.endsWith('.js'));
    const required = (await Promise.all(scripts.map(read))).flatMap((text) =>
      [...text.matchAll(/\brequire\("([^".][^"]*)"\)/g)].map(([, name]) => name),
    );
    const foreign = new Set(required.filter((name) => !name.startsWith('node:')));
    assert.deepEqual([...foreign].sort(), Object.keys(manifest.dependencies).sort());
  });
});

/** For ranges of the form `>=1.2.3`, which is what the catalogue asks for. */
function isAtLeast(version: readonly number[], range: string): boolean {
  const least = /^>=(\d+)\.(\d+)(?:\.(\d+))?$/
    .exec(range)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (least === undefined) throw new Error(`Expected a range such as >=18.5 but found ${range}`);
  const differing = least.findIndex((part, index) => part !== version[index]);
  return differing === -1 || version[differing] > least[differing];
}

interface Lock {
  packages: Record<string, { dependencies?: Record<string, string> }>;
}

/** All packages that these bring along. */
function treeOf({ packages }: Lock, names: readonly string[], seen = new Set<string>()): Set<string> {
  for (const name of names.filter((one) => !seen.has(one))) {
    seen.add(name);
    const places = Object.entries(packages).filter(([place]) => place.endsWith(`node_modules/${name}`));
    for (const [, { dependencies = {} }] of places) treeOf({ packages }, Object.keys(dependencies), seen);
  }
  return seen;
}

/** What a scanner finds that looks for literal values in the text, as the catalogue's does. */
function scan(html: string, type: string): Partial<EditorForm> {
  const script = /<script type="text\/javascript">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  const start = script.indexOf(`RED.nodes.registerType('${type}', {`);
  assert.ok(start >= 0, `${type} is registered with a literal name and object`);
  const text = script.slice(start);
  const word = (name: string) => new RegExp(`^\\s*${name}: '([^']*)',`, 'm').exec(text)?.[1];
  const count = (name: string) => new RegExp(`^\\s*${name}: (\\d+),`, 'm').exec(text)?.[1];
  const number = (found: string | undefined) => (found === undefined ? undefined : Number(found));
  assert.match(text, /^\s*defaults: \{/m);
  const [inputs, outputs] = [number(count('inputs')), number(count('outputs'))];
  return { category: word('category'), color: word('color'), icon: word('icon'), inputs, outputs };
}
