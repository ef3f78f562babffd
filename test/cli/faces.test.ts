// `nigaoe faces`.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { CliWorld } from './cli-world.js';

describe('nigaoe faces', () => {
  const world = CliWorld.inSuite();

  before(async () => {
    await world.faces('team.jpg');
    await world.photo('empty.png');
    await world.file('broken.jpg', 'x');
  });

  it('gives boxes, scores and 68 landmarks as JSON, and an empty list for a photo without faces', async () => {
    const { exitCode, json, stderr } = await world.run(['faces', 'team.jpg', 'empty.png', '--json']);
    assert.equal(exitCode, 0, stderr);
    const [team, empty] = json.map(({ faces }) => faces as { score: number; landmarks: number[][] }[]);
    assert.deepEqual([team.length, empty.length], [3, 0]);
    assert.ok(team.every(({ score, landmarks }) => score > 0.3 && landmarks.length === 68));
    assert.deepEqual([json[0].width, json[0].detector, json[0].status], [1920, 'embedded-detector', 'found']);
  });

  it('prints a table for people, and heeds the options', async () => {
    const { lines } = await world.run(['faces', 'team.jpg', '--min-score', '0.8']);
    assert.match(lines[0], /^team\.jpg {2}\(1920 x 1280, 2 faces, /);
    assert.match(lines[1], /face +x +y +width +height +score/);
    assert.equal(lines.length, 4);
  });

  it('draws the landmarks, by the same rules of names', async () => {
    const args = ['faces', 'team.jpg', 'broken.jpg', '--draw', 'marked', '--format', 'png', '--json'];
    const { exitCode, json } = await world.run(args);
    assert.equal(exitCode, 3);
    assert.deepEqual(json[0].outputs, ['marked/team-faces.png']);
    const marked = await sharp(await readFile(world.path('marked/team-faces.png'))).metadata();
    assert.deepEqual([marked.format, marked.width], ['png', 1920]);
    const again = await world.run(['faces', 'team.jpg', '--draw', 'marked', '--format', 'png']);
    assert.match(again.lines[0], /kept/);
    const clash = await world.run(['faces', 'team.jpg', '--draw', 'team.jpg', '--force']);
    assert.match(clash.stderr, /Photos are never overwritten/);
  });

  it('does not draw again what is kept, not even to find that it could not', async () => {
    await world.photo('wide.png', { width: 16_400, height: 16 });
    await world.file('kept/wide-faces.webp', 'of an earlier run');
    const args = ['faces', 'wide.png', '--draw', 'kept', '--format', 'webp', '--json'];
    const { exitCode, json, stderr } = await world.run(args);
    assert.deepEqual([exitCode, json[0].status], [0, 'kept'], stderr);
    assert.equal((await world.run([...args, '--force'])).exitCode, 2);
  });

  it('settles the names before it fetches models', async () => {
    await world.photo('sub/team.jpg');
    const args = ['faces', 'team.jpg', 'sub/team.jpg', '--draw', 'marked', '--detector', 'yunet'];
    const { exitCode, stderr } = await world.run(args);
    assert.deepEqual([exitCode, /a name of its own/.test(stderr)], [2, true], stderr);
  });

  it('refuses options that it does not know', async () => {
    const { exitCode, stderr } = await world.run(['faces', 'team.jpg', '--style', 'ink']);
    assert.deepEqual([exitCode, /unknown|known option/.test(stderr)], [2, true]);
  });
});
