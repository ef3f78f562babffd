// Trainings from order to products, on figures that the tests draw themselves.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { NigaoeError } from '../../shared/errors.js';
import type { PartialSettings } from '../../shared/train/settings.js';
import { checkpointsIn, readCheckpoint } from '../../shared/workshop/checkpoint.js';
import { type Outcome, type TrainingProgress, train } from '../../shared/workshop/train.js';
import { writeFigures } from './digits.js';

interface Wishes extends PartialSettings {
  recipe?: string;
  data?: string[];
  resume?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: TrainingProgress) => void;
  onNotice?: (sentence: string) => void;
}

describe('a training', () => {
  let folder = '';
  let figures = '';
  let count = 0;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-train-'));
    figures = await writeFigures(path.join(folder, 'figures'), 60);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const newOut = () => path.join(folder, `out-${++count}`);
  function run(out: string, wishes: Wishes = {}): Promise<Outcome> {
    const {
      recipe = 'dcgan',
      data = [figures],
      resume = false,
      signal,
      onProgress,
      onNotice,
      ...rest
    } = wishes;
    const settings: PartialSettings = { batch: 8, device: 'cpu', ...rest };
    return train({ recipe, data, out, resume, signal, onProgress, onNotice, settings });
  }
  const entriesOf = async (out: string) =>
    (await readFile(path.join(out, 'log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  /** All numbers of the newest checkpoint. */
  const numbersIn = async (out: string) => {
    const { state } = await readCheckpoint((await checkpointsIn(out)).at(-1) as string);
    return [...state].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('hex')]);
  };

  it('leaves networks, checkpoints, samples, a log and a plot', async () => {
    const out = newOut();
    const progress: TrainingProgress[] = [];
    const outcome = await run(out, {
      steps: 4,
      sampleEvery: 2,
      saveEvery: 2,
      onProgress: (each) => progress.push(each),
    });
    const files = (await readdir(out, { recursive: true })).sort();
    assert.deepEqual(
      files.filter((file) => file.includes('.')),
      [
        'checkpoints/step-0000002.safetensors',
        'checkpoints/step-0000004.safetensors',
        'generator.onnx',
        'log.jsonl',
        'losses.png',
        'losses.svg',
        'samples/step-0000000.png',
        'samples/step-0000002.png',
        'samples/step-0000004.png',
      ],
    );
    assert.deepEqual(outcome.products, [path.join(out, 'generator.onnx')]);
    assert.deepEqual(Object.keys(outcome.losses), ['generator', 'discriminator']);
    assert.deepEqual(
      progress.map(({ step, steps }) => [step, steps]),
      [
        [1, 4],
        [2, 4],
        [3, 4],
        [4, 4],
      ],
    );
    assert.deepEqual(
      (await entriesOf(out)).map(({ step }) => step),
      [1, 2, 3, 4],
    );
    // 64 pictures of 28 px, twice as large, in rows of eight.
    assert.equal((await sharp(path.join(out, 'samples/step-0000004.png')).metadata()).width, 8 * 60 + 4);
  });

  for (const recipe of ['dcgan', 'cyclegan'])
    it(`of ${recipe} that is resumed ends as if it had never stopped, bit for bit`, async () => {
      const data = recipe === 'cyclegan' ? await twoFolders(folder) : [figures];
      const size = recipe === 'cyclegan' ? 24 : 28;
      const same = {
        recipe,
        data,
        size,
        ...(recipe === 'cyclegan' ? { width: 4, blocks: 1, batch: 2 } : { batch: 8 }),
        average: 0.9,
      };
      const [straight, halted] = [newOut(), newOut()];
      await run(straight, { ...same, steps: 4 });
      await run(halted, { ...same, steps: 4, saveEvery: 2 });
      await rm((await checkpointsIn(halted)).at(-1) as string);
      await run(halted, { steps: 4, resume: true, recipe, data, batch: undefined });
      assert.deepEqual(await numbersIn(halted), await numbersIn(straight));
      const [one, other] = await Promise.all([halted, straight].map(entriesOf));
      assert.deepEqual(
        one.map(({ losses }) => losses),
        other.map(({ losses }) => losses),
      );
    });

  it('is the same again for the same seed, and another one for another seed', async () => {
    const outs = [newOut(), newOut(), newOut()];
    for (const [at, out] of outs.entries()) await run(out, { steps: 2, seed: at < 2 ? 7 : 8 });
    const [one, same, other] = await Promise.all(outs.map(numbersIn));
    assert.deepEqual(same, one);
    assert.notDeepEqual(other, one);
  });

  it('that is interrupted ends after the step, with a checkpoint to go on from', async () => {
    const out = newOut();
    const controller = new AbortController();
    const notices: string[] = [];
    const interrupted = run(out, {
      steps: 1000,
      signal: controller.signal,
      onNotice: (sentence) => notices.push(sentence),
      onProgress: ({ step }) => step === 3 && controller.abort(),
    });
    await assert.rejects(interrupted, { code: 'cancelled' });
    assert.deepEqual(notices, [
      'Learning from 60 pictures, 28 px, grey',
      'Saved at step 3, with generator.onnx; --resume goes on from there.',
    ]);
    const outcome = await run(out, { steps: 5, resume: true });
    assert.equal(outcome.steps, 5);
  });

  it('whose loss is no number any more says so, and keeps the last good checkpoint', async () => {
    const out = newOut();
    await run(out, { recipe: 'vae', steps: 2, rate: 1, saveEvery: 1 }).catch(() => undefined);
    const failed = run(newOut(), { recipe: 'vae', steps: 200, rate: 1, saveEvery: 1 });
    await assert.rejects(failed, (error: NigaoeError) => {
      assert.match(error.message, /(became (NaN|Infinity)|holds what is no number) at step \d+$/);
      assert.match(String(error.hint), /smaller --rate/);
      return true;
    });
  });

  it('goes on from an older checkpoint where the newest was cut off', async () => {
    const out = newOut();
    const notices: string[] = [];
    await run(out, { steps: 2, saveEvery: 1 });
    await truncate((await checkpointsIn(out)).at(-1) as string, 1000);
    const outcome = await run(out, {
      steps: 3,
      resume: true,
      onNotice: (sentence) => notices.push(sentence),
    });
    assert.equal(outcome.steps, 3);
    assert.match(notices[0], /an older one is taken$/);
    assert.deepEqual(
      (await entriesOf(out)).map(({ step }) => step),
      [1, 2, 3],
    );
  });

  it('goes on from an older checkpoint where numbers of the newest were damaged', async () => {
    const out = newOut();
    const notices: string[] = [];
    await run(out, { steps: 2, saveEvery: 1 });
    const newest = (await checkpointsIn(out)).at(-1) as string;
    const bytes = await readFile(newest);
    bytes[bytes.length - 7] ^= 0x55;
    await writeFile(newest, bytes);
    await run(out, { steps: 3, resume: true, onNotice: (sentence) => notices.push(sentence) });
    assert.match(notices[0], /numbers are damaged; an older one is taken$/);
  });

  it('has its folder for itself', async () => {
    const out = newOut();
    const controller = new AbortController();
    const first = run(out, {
      steps: 1000,
      signal: controller.signal,
      onProgress: ({ step }) => step === 4 && controller.abort(),
      saveEvery: 1,
    });
    while ((await checkpointsIn(out)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await assert.rejects(
      run(out, { steps: 5, resume: true }),
      /Expected a folder that no other training writes to for --out/,
    );
    await assert.rejects(first, { code: 'cancelled' });
    await run(out, { steps: 5, resume: true });
  });

  it('keeps as many checkpoints as it is told', async () => {
    const out = newOut();
    await run(out, { steps: 5, saveEvery: 1, keep: 2 });
    assert.deepEqual(
      (await checkpointsIn(out)).map((file) => path.basename(file)),
      ['step-0000004.safetensors', 'step-0000005.safetensors'],
    );
  });

  it('measures what it was not shown', async () => {
    const out = newOut();
    const { held } = await run(out, { recipe: 'classifier', epochs: 60, holdBack: 20, batch: 10 });
    assert.ok(held.accuracy >= 0.9, `${held.accuracy} of the figures are told apart`);
    assert.ok(
      (await entriesOf(out)).every(
        ({ step, held: measured }) => (step % 100 === 0 || step === 240) === (measured !== undefined),
      ),
    );
  });

  const refusals: Record<string, { wishes: Wishes; message: RegExp }> = {
    'a setting that makes no difference to the recipe': {
      wishes: { recipe: 'vae', width: 32 },
      message: /^Expected no --width for the recipe vae but received 32$/,
    },
    'grey pictures for cyclegan': {
      wishes: { recipe: 'cyclegan', data: ['a', 'b'], channels: '1' },
      message: /^Expected 3 for --channels of cyclegan but received "1"$/,
    },
    'a batch of one where batches are normalised': {
      wishes: { recipe: 'dcgan', batch: 1 },
      message: /^Expected at least 2 pictures a step \(--batch\) for a batch norm but received 1$/,
    },
    'pictures too large for dense layers': {
      wishes: { recipe: 'gan', size: 512 },
      message: /^Expected from 8 to 128 px for --size of gan but received 512$/,
    },
    'a recipe that does not exist': {
      wishes: { recipe: 'dcgann' },
      message: /^Expected one of autoencoder, .* received "dcgann"$/,
    },
    'one folder for cyclegan': { wishes: { recipe: 'cyclegan' }, message: /^Expected 2 folders for --data/ },
    'a size that the networks do not take': {
      wishes: { size: 30 },
      message: /^Expected a multiple of 4 from 16 to 128 px for --size of dcgan but received 30$/,
    },
    'a setting out of its range': {
      wishes: { rate: 2 },
      message: /^Expected a number from 0 to 1 for --rate but received 2$/,
    },
    'a folder that is not there': { wishes: { data: ['nowhere'] }, message: /nowhere/ },
    'more held back than there are': {
      wishes: { recipe: 'vae', holdBack: 60 },
      message: /^Expected a whole number from 0 to 59/,
    },
    'a resume of nothing': {
      wishes: { resume: true },
      message: /^Expected a training with a checkpoint for --resume/,
    },
  };
  for (const [what, { wishes, message }] of Object.entries(refusals))
    it(`refuses ${what} in one sentence`, () =>
      assert.rejects(run(newOut(), { steps: 1, ...wishes }), (error: unknown) => {
        assert.ok(error instanceof NigaoeError, String(error));
        assert.match(error.message, message);
        return true;
      }));

  it('refuses to begin over another one, or to go on as something else', async () => {
    const out = newOut();
    await run(out, { steps: 1 });
    await assert.rejects(run(out, { steps: 1 }), /Expected a folder without a training for --out/);
    await assert.rejects(
      run(out, { steps: 2, resume: true, recipe: 'gan' }),
      /Expected the recipe dcgan for --resume/,
    );
    await assert.rejects(
      run(out, { steps: 2, resume: true, batch: 4 }),
      /^NigaoeError: Expected 8, as it was begun, for --batch but received 4$/,
    );
    const turned = await writeFigures(path.join(folder, 'turned'), 60, 1);
    await assert.rejects(
      run(out, { steps: 2, resume: true, data: [turned] }),
      /Expected the pictures that it was begun with for --data but received "others"/,
    );
    const more = await writeFigures(path.join(folder, 'more'), 61);
    await assert.rejects(
      run(out, { steps: 2, resume: true, data: [more] }),
      /Expected 60 pictures to learn from, as it was begun, for --resume but received 61/,
    );
    await Promise.all((await checkpointsIn(out)).map((file) => rm(file)));
    await assert.rejects(run(out, { steps: 1 }), /Expected a folder without a training for --out/);
  });

  it('may begin anew where an earlier one left nothing', async () => {
    const out = newOut();
    await run(out, { steps: 1 });
    for (const file of [...(await checkpointsIn(out)), path.join(out, 'generator.onnx')]) await rm(file);
    await assert.rejects(run(out, { steps: 1, resume: true }), /Expected a training with a checkpoint/);
    await run(out, { steps: 2 });
    assert.deepEqual(
      (await entriesOf(out)).map(({ step }) => step),
      [1, 2],
    );
  });

  it('may go on with another rate or seed, and says that it is not what was begun', async () => {
    const out = newOut();
    await run(out, { steps: 1 });
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    await run(out, { steps: 2, resume: true, batch: undefined, rate: 0.01, onNotice });
    assert.equal(notices[0], 'Goes on with --rate 0.01, no longer as it was begun with 0.001');
  });

  it('never throws its good checkpoint away for a damaged one that is newer', async () => {
    const out = newOut();
    await run(out, { steps: 3, saveEvery: 1 });
    const [, second, third] = await checkpointsIn(out);
    await truncate(third, 1000);
    await rm(second);
    await run(out, { steps: 2, resume: true, keep: 1 });
    assert.deepEqual(
      (await checkpointsIn(out)).map((file) => path.basename(file)),
      ['step-0000002.safetensors', 'step-0000003.safetensors'],
    );
    assert.equal((await readCheckpoint(second)).place.step, 2);
  });

  it('does not begin its log anew where it cannot be read', async () => {
    const out = newOut();
    await run(out, { steps: 1 });
    await rm(path.join(out, 'log.jsonl'));
    await mkdir(path.join(out, 'log.jsonl'));
    await assert.rejects(run(out, { steps: 2, resume: true }), { code: 'output-unwritable' });
  });
});

/** Dark squares on light ground, and light ones on coloured ground. */
async function twoFolders(folder: string): Promise<string[]> {
  const domains = [
    { name: 'dark', ground: { r: 230, g: 230, b: 230 }, ink: { r: 20, g: 20, b: 20 } },
    { name: 'light', ground: { r: 30, g: 60, b: 160 }, ink: { r: 240, g: 240, b: 240 } },
  ];
  for (const { name, ground, ink } of domains) {
    await mkdir(path.join(folder, name), { recursive: true });
    for (let index = 0; index < 6; index++) {
      const square = await sharp({ create: { width: 10, height: 10, channels: 3, background: ink } })
        .png()
        .toBuffer();
      await sharp({ create: { width: 40, height: 40, channels: 3, background: ground } })
        .composite([{ input: square, left: 4 * index, top: 20 - 3 * index }])
        .png()
        .toFile(path.join(folder, name, `${index}.png`));
    }
  }
  return domains.map(({ name }) => path.join(folder, name));
}
