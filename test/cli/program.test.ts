// The program around the commands: help, version, doctor, and where it cannot run.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { whyUnsupported } from '../../shared/cli/supported.js';
import { flagOf, OPTION_NAMES, OPTIONS } from '../../shared/options.js';
import { VERSION } from '../../shared/version.js';
import { CliWorld } from './cli-world.js';

describe('the command nigaoe', () => {
  const world = CliWorld.inSuite();

  it('names every option of the table in the help of stylize, with its range', async () => {
    const { exitCode, stdout } = await world.run(['stylize', '--help']);
    const help = stdout.toString().replace(/\s+/g, ' ');
    assert.equal(exitCode, 0);
    for (const name of OPTION_NAMES) {
      const spec = OPTIONS[name];
      const isOn = spec.type === 'boolean' && spec.default;
      assert.ok(help.includes(isOn ? flagOf(name).replace('--', '--no-') : flagOf(name)), name);
      assert.ok(help.includes(spec.help), name);
      if ('min' in spec)
        assert.ok(help.includes(`${spec.min} to ${spec.max}, default: ${spec.default}`), name);
    }
  });

  it('says in the help what switching something off means', async () => {
    const { stdout } = await world.run(['stylize', '--help']);
    const help = stdout.toString().replace(/\s+/g, ' ');
    assert.match(help, /--no-pad do not cover the black where/);
    assert.match(help, /--no-rotations do not look for faces turned/);
  });

  it('gives examples for every command', async () => {
    for (const words of [
      ['stylize'],
      ['faces'],
      ['models'],
      ['models', 'pull'],
      ['queue'],
      ['queue', 'drain'],
      ['doctor'],
    ]) {
      const { exitCode, stdout } = await world.run([...words, '--help']);
      assert.deepEqual([exitCode, stdout.includes('Examples:')], [0, true], words.join(' '));
    }
  });

  it('tells its version, shows its help when asked for nothing, and knows its commands', async () => {
    assert.deepEqual((await world.run(['--version'])).lines, [VERSION]);
    const nothing = await world.run([]);
    assert.deepEqual([nothing.exitCode, /Usage: nigaoe/.test(nothing.stderr)], [2, true]);
    const typo = await world.run(['stylise']);
    assert.deepEqual([typo.exitCode, /Did you mean stylize\?/.test(typo.stderr)], [2, true]);
  });

  it('loads nothing heavy before a command needs it', () => {
    const loaded = staticImports(new URL('../../shared/cli/main.js', import.meta.url)).concat(
      staticImports(new URL('../../shared/cli/program.js', import.meta.url)),
    );
    assert.ok(loaded.includes('commander'));
    for (const heavy of ['sharp', 'onnxruntime-node', 'cli-progress', 'protobufjs'])
      assert.ok(!loaded.includes(heavy), heavy);
  });

  it('says where it cannot run', () => {
    assert.equal(whyUnsupported(), undefined);
    assert.equal(whyUnsupported({ node: '20.19.0', musl: false }), undefined);
    assert.equal(whyUnsupported({ node: '25.1.0', musl: false }), undefined);
    for (const node of ['18.20.4', '20.18.9'])
      assert.match(String(whyUnsupported({ node, musl: false })), /Node\.js 20\.19\.0 or newer/);
    assert.match(String(whyUnsupported({ node: '22.0.0', musl: true })), /glibc.*musl/);
  });
});

describe('nigaoe doctor', () => {
  const world = CliWorld.inSuite();

  it('tries the devices and says what to do next', async () => {
    const { exitCode, json, stderr } = await world.run(['doctor', '--json']);
    assert.equal(exitCode, 0, stderr);
    const [found] = json;
    const devices = found.devices as { device: string; works: boolean; reason?: string }[];
    assert.ok(devices.some(({ device, works }) => device === 'cpu' && works));
    assert.ok(devices.every(({ works, reason }) => works || reason));
    assert.deepEqual(found.faces, { detector: 'embedded-detector', landmarker: 'embedded-landmarks' });
    for (const field of [
      'version',
      'node',
      'platform',
      'cpu',
      'memory',
      'onnxruntime',
      'sharp',
      'store',
      'advice',
    ])
      assert.ok(found[field], field);
  });

  it('says whether there is an ffmpeg for films', async () => {
    const env = { NIGAOE_FFMPEG: world.path('no-ffmpeg') };
    const { exitCode, stdout } = await world.run(['doctor'], { env });
    assert.equal(exitCode, 0);
    assert.match(String(stdout), /ffmpeg +not found: nigaoe video needs it/);
  });

  it('finds a store that cannot be written, and settings that cannot be read', async () => {
    await world.file('text.txt', 'text');
    const blocked = await world.run(['doctor'], { env: { NIGAOE_HOME: world.path('text.txt') } });
    assert.equal(blocked.exitCode, 0);
    assert.match(blocked.stdout.toString(), /not writable: .*text\.txt is a file[\s\S]*set NIGAOE_HOME/);
    const unread = await world.run(['doctor', '--json'], { env: { NIGAOE_OFFLINE: 'perhaps' } });
    assert.match(String((unread.json[0].store as { reason: string }).reason), /NIGAOE_OFFLINE/);
  });
});

/** Names of everything that a compiled file imports before it runs, directly or not. */
function staticImports(file: URL, seen = new Set<string>()): string[] {
  if (seen.has(file.href)) return [];
  seen.add(file.href);
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(/^(?:import|export)\b[^;]*?['"]([^'"\n]+)['"]/gm)].map((match) => match[1]);
  return names.flatMap((name) => (name.startsWith('.') ? staticImports(new URL(name, file), seen) : [name]));
}
