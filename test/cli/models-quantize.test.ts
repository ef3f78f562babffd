// `nigaoe models quantize`: what is kept, what is not, and what the user is told.

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { labelled } from '../../shared/models/imports/label.js';
import { writeOnnx } from '../../shared/models/onnx/file.js';
import { tinyGan } from '../fixtures/tiny-gan.js';
import { SIGNED } from '../models/imports/world.js';
import { plain } from '../models/quantize/world.js';
import { CliWorld } from './cli-world.js';

const LICENCE = {
  name: 'CC-BY-NC-4.0',
  commercial: false,
  notice: 'Ask the author before selling drawings.',
};
const SIDE = { multipleOf: 4, minPx: 32, maxPx: 1024 };
/** Small pictures: whether bytes are faster is not what is tested. */
const SMALL = ['--size', '64', '--pictures', '4', '--ranges', 'minmax'];

describe('nigaoe models quantize', () => {
  const world = CliWorld.inSuite();
  const models = (...words: string[]) => world.run(['models', ...words]);
  const quantize = (...words: string[]) => models('quantize', ...words, '--calibrate', 'photos', ...SMALL);
  before(async () => {
    for (const name of ['a.png', 'b.jpg', 'c.webp', 'deeper/d.png'])
      await world.photo(`photos/${name}`, { width: 80, height: 64 });
    await writeFile(world.path('photos/broken.jpg'), 'no photo');
    const label = { io: SIGNED, side: SIDE, licence: LICENCE, title: 'Mine', scope: 'faces' as const };
    await world.file('mine.onnx', writeOnnx(labelled(plain(), label)));
    await world.file('shallow.onnx', writeOnnx(tinyGan({ io: SIGNED, kind: 'random' })));
    const imported = await models('import', 'mine.onnx', '--id', 'mine');
    assert.equal(imported.exitCode, 0, imported.stderr);
  });
  afterEach(() => models('rm', 'mine-int8', '--quiet'));

  it('keeps a style under its own id, with its licence, and shows what was measured', async () => {
    const { exitCode, json, stderr } = await quantize('mine', '--least-speed', '0', '--json');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /Left out: photos\/broken\.jpg/);
    const [{ id, status, psnrDb, timesAsFast, layers, allLayers, licence }] = json;
    assert.deepEqual([id, status, layers, allLayers], ['mine-int8', 'kept', 2, 4]);
    assert.ok(Number(psnrDb) > 30 && Number(timesAsFast) > 0);
    assert.deepEqual(licence, LICENCE);
    const listed = (await models('list', '--json')).json.find((row) => row.id === 'mine-int8');
    assert.deepEqual(listed?.licence, LICENCE);
    assert.deepEqual(Object(listed?.quantized).psnrDb, psnrDb);
    assert.match((await models('list')).stdout.toString(), /mine-int8 +gan int8 .*Mine, int8/);
    const shown = (await models('inspect', 'mine-int8')).stdout.toString();
    assert.match(shown, /int8 +2 of 4 convolutions; [\d.]+ dB from float32, drew [\d.]+ times as fast on /);
    assert.match(shown, /scope +faces[\s\S]*sides +32 to 1024 px, multiples of 4/);
    const drawn = await world.run([
      'stylize',
      'photos/a.png',
      '--style',
      'mine-int8',
      '--scope',
      'photo',
      '-o',
      'drawn.png',
    ]);
    assert.equal(drawn.exitCode, 0, drawn.stderr);
  });

  it('keeps nothing where that is not worthwhile here, and says by how much', async () => {
    const { exitCode, stderr } = await quantize('mine', '--least-speed', '10');
    assert.equal(exitCode, 8);
    assert.match(
      stderr,
      /Expected at least 30 dB and 10 times the speed for mine in int8 but received [\d.]+ dB and [\d.]+ times, on a processor with .+\n +Nothing is kept\./,
    );
    assert.match((await models('inspect', 'mine-int8')).stderr, /mine-int8/);
    const [told] = (await quantize('mine', '--least-speed', '10', '--json')).json;
    assert.equal(told.status, 'not kept');
    assert.ok(Number(told.timesAsFast) < 10);
  });

  it('keeps it anyway in a file for another machine, which carries its licence and numbers', async () => {
    const args = ['--least-speed', '10', '--keep-anyway', '-o', 'mine-int8.onnx'];
    const { exitCode, stderr } = await quantize('mine', ...args);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /Kept all the same/);
    const shown = (await models('inspect', 'mine-int8.onnx', '--json')).json[0];
    assert.deepEqual(shown.licence, LICENCE);
    assert.equal((shown.quantized as { layers: number }).layers, 2);
    const again = await quantize('mine-int8.onnx', '--keep-anyway');
    assert.equal(again.exitCode, 5);
    assert.match(again.stderr, /but it is quantized already/);
    const imported = await models('import', 'mine-int8.onnx');
    assert.equal(imported.exitCode, 0, imported.stderr);
    assert.match((await models('list')).stdout.toString(), /mine-int8 +gan int8/);
    await rm(world.path('mine-int8.onnx'));
  });

  it('refuses what it cannot do, before it begins', async () => {
    await world.file('empty/note.txt', 'no photo');
    for (const [words, exitCode, sentence] of [
      [['mine'], 2, /the option --calibrate <folder> but it is not there/],
      [['mine', '--calibrate', 'nowhere'], 2, /a folder with photos for --calibrate but received "nowhere"/],
      [['mine', '--calibrate', 'mine.onnx'], 2, /a folder with photos for --calibrate .*\n +It is a file/],
      [['mine', '--calibrate', 'empty'], 2, /at least 2 photos for --calibrate but received "empty"/],
      [['mine', '--calibrate', 'photos', '-o', 'out.pt'], 2, /ends in \.onnx for --out/],
      [['mine', '--calibrate', 'photos', '-o', 'mine.onnx'], 2, /a new file for --out/],
      [['mine', '--calibrate', 'photos', '--id', 'mine'], 2, /mine/],
      [['mine', '--calibrate', 'photos', '--ranges', 'widest'], 2, /ranges/],
      [['ink', '--calibrate', 'photos'], 2, /a style with a network of its own .*"ink"/],
      [['yunet', '--calibrate', 'photos'], 2, /a style with a network of its own .*"yunet"/],
      [['nothing', '--calibrate', 'photos'], 5, /nothing/],
      [['shallow.onnx', '--calibrate', 'photos'], 5, /between the first and the last one of shallow\.onnx/],
    ] as const) {
      const refused = await models('quantize', ...words);
      assert.equal(refused.exitCode, exitCode, `${words.join(' ')}: ${refused.stderr}`);
      assert.match(refused.stderr, sentence);
    }
  });
});
