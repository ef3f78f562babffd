// `nigaoe figma` as a designer runs it.

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { CliWorld } from './cli-world.js';

const PLUGIN = ['code.js', 'manifest.json', 'ui.html'];

describe('nigaoe figma', () => {
  const world = CliWorld.inSuite();
  const manifestIn = async (folder: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(world.path(`${folder}/manifest.json`), 'utf8')) as Record<string, unknown>;

  it('writes the plugin that Figma imports, and says where its manifest lies', async () => {
    const { exitCode, lines, stderr } = await world.run(['figma']);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(lines, [world.path('nigaoe-figma/manifest.json')]);
    assert.deepEqual(await world.list('nigaoe-figma'), PLUGIN);
    const { main, ui } = await manifestIn('nigaoe-figma');
    assert.deepEqual([main, ui], ['code.js', 'ui.html']);
    assert.match(stderr, /Import plugin from manifest/);
  });

  it('replaces an older plugin of its own', async () => {
    await world.run(['figma', 'older']);
    await writeFile(world.path('older/code.js'), '// older');
    assert.equal((await world.run(['figma', 'older'])).exitCode, 0);
    assert.notEqual(await readFile(world.path('older/code.js'), 'utf8'), '// older');
  });

  it('leaves a folder alone that holds something else', async () => {
    await mkdir(world.path('other'));
    await writeFile(world.path('other/manifest.json'), '{"id": "somebody else"}');
    const { exitCode, stderr } = await world.run(['figma', 'other']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /Expected a new or empty folder/);
    assert.deepEqual(await world.list('other'), ['manifest.json']);
  });

  it('says that a file is in the way', async () => {
    await writeFile(world.path('file'), '');
    const { exitCode, stderr } = await world.run(['figma', 'file']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /A file has that name/);
  });

  it('tells where the manifest lies as JSON', async () => {
    const { json } = await world.run(['figma', 'told', '--json']);
    assert.deepEqual(json, [{ manifest: world.path('told/manifest.json') }]);
  });
});
