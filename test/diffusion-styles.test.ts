// The journey of a photo with Stable Diffusion as its style: what is redrawn, how far, and what is told of it.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Progress } from '../shared/job.js';
import type { PartialOptions } from '../shared/options.js';
import { decodePhoto } from '../shared/photo/decode.js';
import { encodePhoto } from '../shared/photo/encode.js';
import type { Photo } from '../shared/photo/photo.js';
import { openStylizer, type Stylizer } from '../shared/stylizer.js';
import { psnr, readSample } from './fixtures/photos.js';
import { writeTinyDiffusion } from './fixtures/tiny-diffusion.js';

describe('a photo drawn over by Stable Diffusion', () => {
  let home = '';
  let root = '';
  let stylizer: Stylizer;
  let people: Photo;
  let bytes: Uint8Array;
  before(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'nigaoe-redrawn-'));
    root = await writeTinyDiffusion(path.join(home, 'sd-tiny'));
    stylizer = await openStylizer({ store: { home, offline: true } });
    people = await readSample(1, 480);
    bytes = (await encodePhoto(people, { format: 'png' })).bytes;
  });
  after(async () => {
    await stylizer.close();
    await rm(home, { recursive: true, force: true });
  });

  const quick = (options: PartialOptions): PartialOptions => ({
    ...{ style: `sd:${root}`, device: 'cpu', size: 96, steps: 5, format: 'png' },
    ...{ detector: 'embedded', landmarker: 'embedded' },
    ...options,
  });
  const draw = (options: PartialOptions = {}) => stylizer.stylize(bytes, quick(options));
  const read = async (options: PartialOptions) => decodePhoto((await draw(options)).bytes);

  it('has its faces redrawn and all else left as it was, where nothing else is said', async () => {
    const { scope, model, faces, device, ...result } = await draw({ prompt: 'a cat' });
    assert.deepEqual([scope, model, faces.length, device], ['faces', 'sd-tiny', 3, 'cpu']);
    const drawn = await decodePhoto(result.bytes);
    assert.deepEqual(drawn.data.slice(0, 3 * 480), people.data.slice(0, 3 * 480), 'the uppermost row');
    const { x, y, width, height } = faces[0].box;
    const at = 3 * (Math.round(y + height / 2) * 480 + Math.round(x + width / 2));
    assert.notDeepEqual(drawn.data.slice(at, at + 3), people.data.slice(at, at + 3));
  });

  it('is the same to the last bit for the same seed, also in a new stylizer, and another one for another', async () => {
    const [first, again] = [await draw({ seed: 5 }), await draw({ seed: 5 })];
    const other = await openStylizer({ store: { home, offline: true } });
    const anew = await other.stylize(bytes, quick({ seed: 5 }));
    await other.close();
    assert.deepEqual(again.bytes, first.bytes);
    assert.deepEqual(anew.bytes, first.bytes);
    assert.notDeepEqual((await draw({ seed: 6 })).bytes, first.bytes);
  });

  it('is redrawn as far as the strength says, instead of being mixed with the drawing', async () => {
    const portrait = (strength?: number) => read({ scope: 'portrait', strength });
    const [weak, usual, strong] = [await portrait(0.2), await portrait(), await portrait(1)];
    assert.deepEqual(usual, await portrait(0.6));
    // The autoencoder of these networks keeps nothing of a photo: mixed by a fifth, four fifths of it would show.
    const photo = await decodePhoto(
      (await draw({ style: 'ink', scope: 'portrait', strength: 0, steps: undefined })).bytes,
    );
    assert.ok(psnr(weak.data, photo.data) < 12, `${psnr(weak.data, photo.data)} dB to the photo`);
    assert.notDeepEqual(weak.data, strong.data);
  });

  it('is drawn whole as well, and behind faces of another style', async () => {
    const whole = await draw({ scope: 'photo', maxSide: 64 });
    assert.deepEqual([whole.width, whole.height, whole.faces], [480, people.height, []]);
    assert.match(whole.notices.join(), /sd-tiny drew the photo at 64 x 43 and enlarged/);
    const both = await draw({
      scope: 'faces',
      style: 'ink',
      background: `sd:${root}`,
      maxSide: 64,
      prompt: 'a cat',
    });
    assert.deepEqual([both.model, both.scope], ['ink', 'faces']);
  });

  it('tells each step of each face', async () => {
    const told: Progress[] = [];
    const onProgress = (progress: Progress) => progress.stage === 'generate' && told.push(progress);
    await stylizer.stylize(bytes, quick({ strength: 0.4, sampler: 'ddim' }), { onProgress });
    assert.deepEqual(
      told.map(
        ({ done, total, step }) => `${done} of ${total}${step ? `, ${step.done} of ${step.total}` : ''}`,
      ),
      [0, 1, 2]
        .flatMap((face) => ['', ', 1 of 2', ', 2 of 2'].map((step) => `${face} of 3${step}`))
        .concat('3 of 3'),
    );
  });

  it('says once what of the prompt did not fit, however many faces there are', async () => {
    const { notices } = await draw({ prompt: `${'cat '.repeat(75)}a b` });
    assert.deepEqual(notices, ['The prompt is longer than 75 tokens; left out: a b']);
  });

  it('can be cancelled between steps', async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const job = stylizer.stylize(bytes, quick({ strength: 1, sampler: 'ddim' }), {
      signal: controller.signal,
      onProgress({ step }) {
        if (step) steps.push(step.done);
        if (step?.done === 2) controller.abort();
      },
    });
    await assert.rejects(job, { code: 'cancelled' });
    assert.deepEqual(steps, [1, 2]);
  });

  it('is labelled as made with a trained network', async () => {
    const text = Buffer.from((await draw({ format: 'jpeg' })).bytes).toString('latin1');
    assert.match(text, /compositeWithTrainedAlgorithmicMedia/);
    assert.ok(!text.includes(home), 'the path of the folder is nobody else’s business');
  });

  const REFUSALS: [what: string, PartialOptions, code: string, message: RegExp][] = [
    [
      'a prompt for a style that heeds none',
      { style: 'ink', prompt: 'a cat', steps: undefined },
      'options',
      /^Expected no --prompt for the style ink but received "a cat"$/,
    ],
    [
      'a LoRA for a style that has none',
      { style: 'ink', lora: ['a.safetensors:0.5'], steps: undefined },
      'options',
      /^Expected no --lora for the style ink but received "a\.safetensors:0\.5"$/,
    ],
    ['a strength that leaves no step', { strength: 0.1 }, 'options', /^Expected one step or more of --steps/],
  ];
  for (const [what, options, code, message] of REFUSALS)
    it(`is refused with ${what}`, () => assert.rejects(draw(options), { code, message }));

  it('is drawn in ink with all options at what they are by default', async () => {
    const defaults = {
      prompt: '',
      negative: '',
      steps: 25,
      guidance: 7.5,
      sampler: 'auto',
      lora: [],
      seed: 1,
    } as const;
    assert.equal((await draw({ style: 'ink', ...defaults })).model, 'ink');
  });
});
