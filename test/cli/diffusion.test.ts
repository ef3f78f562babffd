// `nigaoe stylize` with Stable Diffusion, by tiny networks: what it draws, refuses, and leaves behind.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { tinyLora, writeTinyDiffusion } from '../fixtures/tiny-diffusion.js';
import { CliWorld } from './cli-world.js';

describe('nigaoe stylize with Stable Diffusion', () => {
  const world = CliWorld.inSuite();

  before(async () => {
    await writeTinyDiffusion(world.path('sd'));
    await writeTinyDiffusion(world.path('one-way'), { encoder: 'none' });
    await world.file('look.safetensors', tinyLora());
    await world.faces('team.jpg');
    await world.photo('a.png');
  });

  const stylize = (...args: string[]) => world.run(['stylize', ...args, '--device', 'cpu']);
  const quick = ['--style', 'sd:sd', '--size', '64', '--steps', '4'];

  it('redraws the faces of a photo, the same with the same seed', async () => {
    const args = ['team.jpg', ...quick, '--prompt', 'a cat', '--strength', '0.6', '--scope', 'faces'];
    const { exitCode, stderr, json } = await stylize(...args, '-o', 'one/', '--json');
    assert.equal(exitCode, 0, stderr);
    const { outputs, model, scope, faces } = json[0];
    assert.deepEqual([outputs, model, scope], [['one/team-sd.jpg'], 'sd', 'faces']);
    assert.equal((faces as object[]).length, 3);
    await stylize(...args, '-o', 'two/');
    await stylize(...args, '--seed', '2', '-o', 'three/');
    const [one, two, three] = await Promise.all(
      ['one', 'two', 'three'].map((folder) => readFile(world.path(`${folder}/team-sd.jpg`))),
    );
    assert.ok(one.equals(two) && !one.equals(three));
  });

  it('draws with LoRAs, which take nothing of the photos’ place', async () => {
    const loras = ['--lora', 'look.safetensors:0.5', '--lora', 'look.safetensors'];
    const whole = [...quick, '--scope', 'photo', '--prompt', 'a cat'];
    const { exitCode, stderr } = await stylize(...whole, ...loras, 'a.png', '-o', 'lora.png');
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /1 modules of unet changed/);
    await stylize(...whole, 'a.png', '-o', 'plain.png');
    assert.ok(!(await readFile(world.path('lora.png'))).equals(await readFile(world.path('plain.png'))));
  });

  const REFUSALS: [what: string, args: string[], exitCode: number, message: RegExp][] = [
    [
      'a folder that cannot draw over pictures',
      ['--style', 'sd:one-way'],
      5,
      /^nigaoe: Expected vae_encoder\/model\.onnx in one-way, which drawing over a picture takes\n/,
    ],
    [
      'such a folder without sd: before it',
      ['--style', './sd'],
      5,
      /Expected a model file at \.\/sd but it is Stable Diffusion\n {2}Write sd:\.\/sd to draw with it/,
    ],
    ['its bare name', ['--style', 'sd'], 5, /write sd:sd to draw with it/],
    [
      'a folder that is none',
      ['--style', 'sd:'],
      5,
      /Expected a Stable Diffusion folder in ONNX at .* but it is none/,
    ],
    [
      'a LoRA that is not there',
      [...quick, '--lora', 'no.safetensors'],
      5,
      /at no\.safetensors but there is none/,
    ],
    ['a LoRA without a name', [...quick, '--lora', ''], 2, /Expected FILE or FILE:STRENGTH for --lora/],
    ['a strength that leaves no step', [...quick, '--strength', '0.2'], 2, /one step or more of --steps/],
    [
      'a sampler that does not exist',
      [...quick, '--sampler', 'eular'],
      2,
      /Expected one of auto, ddim, .* for --sampler but received "eular"\n {2}Did you mean euler\?/,
    ],
    [
      'a prompt for a style that heeds none',
      ['--prompt', 'a cat'],
      2,
      /^nigaoe: Expected no --prompt for the style ink but received "a cat"\n {2}It makes no difference there\./,
    ],
    ['steps for it, as many as there are anyway', ['--steps', '25'], 2, /no --steps for the style ink/],
    ['a LoRA for it', ['--lora', 'a', '--lora', 'b'], 2, /no --lora for the style ink but received "a b"/],
  ];
  for (const [what, args, exitCode, message] of REFUSALS)
    it(`refuses ${what} before a photo is read`, async () => {
      // A photo that is no photo would be told otherwise.
      const finished = await stylize('look.safetensors', 'a.png', ...args, '-o', 'refused/');
      assert.equal(finished.exitCode, exitCode, finished.stderr);
      assert.match(finished.stderr, message);
      await assert.rejects(world.list('refused'));
    });

  it('ends with 6 and leaves nothing behind when Ctrl-C comes between steps', async function () {
    if (process.platform === 'win32') this.skip();
    let sent = false;
    const slow = ['--style', 'sd:sd', '--size', '512', '--steps', '900', '--strength', '1'];
    const { exitCode, stderr } = await world.run(['stylize', 'team.jpg', 'a.png', '-o', 'cut/', ...slow], {
      onStderr: (_, kill) => {
        if (!sent) setTimeout(() => kill('SIGINT'), 1500);
        sent = true;
      },
    });
    assert.equal(exitCode, 6, stderr);
    await assert.rejects(world.list('cut'));
  });

  it('tells in its help what only such styles are told', async () => {
    const { stdout } = await world.run(['stylize', '--help']);
    assert.match(stdout.toString(), /With Stable Diffusion \(sd: styles\):\n( {2}.*\n)* {2}--prompt/);
    assert.match(stdout.toString(), /--style sd:sd-1\.5/);
  });
});
