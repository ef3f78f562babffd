// `nigaoe models`.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../../shared/models/catalogue.js';
import { CliWorld } from './cli-world.js';

const MIRROR = process.env.NIGAOE_MIRROR ?? '';
const hasMirror = MIRROR !== '' && existsSync(path.join(MIRROR, 'yunet_n_dynamic.onnx'));

describe('nigaoe models', () => {
  const world = CliWorld.inSuite();

  it('lists every model of the catalogue with its state', async () => {
    const { exitCode, json } = await world.run(['models', 'list', '--json']);
    assert.equal(exitCode, 0);
    assert.deepEqual(
      json.map(({ id }) => id),
      CATALOGUE.map(({ id }) => id),
    );
    const states = Object.fromEntries(json.map(({ id, state }) => [id, state]));
    assert.deepEqual([states.ink, states.yunet], ['embedded', 'not pulled']);
    const { lines } = await world.run(['models', 'list']);
    assert.equal(lines.length, CATALOGUE.length + 1);
  });

  it('shows the licence before it fetches what is not free for commercial use', async () => {
    const { exitCode, stderr, json } = await world.run(['models', 'pull', 'hayao', 'ink', '--json']);
    assert.equal(exitCode, 5);
    assert.match(stderr, /non-commercial.*\n.*--accept-licence/);
    assert.deepEqual(
      json.map(({ id, status }) => [id, status]),
      [
        ['hayao', 'failed'],
        ['ink', 'embedded'],
      ],
    );
  });

  it('says that a model cannot be had offline', async () => {
    const { exitCode, stderr } = await world.run(['models', 'pull', 'yunet']);
    assert.equal(exitCode, 5);
    assert.match(stderr, /NIGAOE_OFFLINE/);
  });

  it('asks for ids or --all, and knows its ids', async () => {
    assert.equal((await world.run(['models', 'pull'])).exitCode, 2);
    assert.equal((await world.run(['models', 'pull', 'ink', '--all'])).exitCode, 2);
    const { exitCode, stderr } = await world.run(['models', 'rm', 'yunett']);
    assert.equal(exitCode, 5);
    assert.match(stderr, /Did you mean yunet\?/);
  });

  it('looks into an embedded model, an algorithm and a file', async () => {
    const { exitCode, json } = await world.run(['models', 'inspect', 'embedded-detector', 'ink', '--json']);
    assert.equal(exitCode, 0);
    assert.deepEqual(json[0].inputs, [{ name: 'pixels', type: 'float32', dims: [1, 3, 'height', 'width'] }]);
    assert.ok(Number(json[0].parameters) > 100_000 && 'Conv' in (json[0].operators as object));
    assert.equal(json[1].kind, 'procedural');
    const embedded = new URL('../../shared/models/embedded/embedded-landmarks.onnx', import.meta.url);
    const { lines } = await world.run(['models', 'inspect', fileURLToPath(embedded)]);
    assert.ok(
      lines.some((line) => /sha256 +[0-9a-f]{64}$/.test(line)),
      lines.join('\n'),
    );
  });

  it('says that a file is no model', async () => {
    await world.file('bad.onnx', 'text');
    const { exitCode, stderr } = await world.run(['models', 'inspect', 'bad.onnx']);
    assert.equal(exitCode, 5);
    assert.match(stderr, /Expected an ONNX model in bad\.onnx/);
    assert.equal((await world.run(['models', 'inspect', 'gone.onnx'])).exitCode, 5);
  });

  it('verifies nothing where nothing is', async () => {
    const { exitCode, stderr } = await world.run(['models', 'verify']);
    assert.deepEqual([exitCode, /No model is in/.test(stderr)], [0, true]);
    assert.equal((await world.run(['models', 'verify', 'yunet'])).exitCode, 5);
  });

  it('pulls, verifies, inspects and deletes a model', async function () {
    if (!hasMirror) {
      this.test!.title += ' (skipped: no mirror)';
      this.skip();
    }
    const env = { NIGAOE_MIRROR: MIRROR };
    const pulled = await world.run(['models', 'pull', 'yunet', '--json'], { env });
    assert.deepEqual([pulled.exitCode, pulled.json[0].status], [0, 'pulled'], pulled.stderr);
    assert.deepEqual((await world.run(['models', 'verify', '--json'])).json[0].status, 'good');
    assert.match(
      (await world.run(['models', 'inspect', 'yunet'])).stdout.toString(),
      /state +present[\s\S]*Conv/,
    );
    await appendFile(String(pulled.json[0].path), 'x');
    assert.equal((await world.run(['models', 'verify'])).exitCode, 5);
    assert.equal((await world.run(['models', 'rm', 'yunet', '--json'])).json[0].status, 'removed');
    assert.equal((await world.run(['models', 'rm', 'yunet', '--json'])).json[0].status, 'absent');
  });
});
