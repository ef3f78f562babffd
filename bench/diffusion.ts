// How well diffusion draws the digits that it is asked for, and how well a LoRA teaches it a new look: digits dark on light,
// and digits that lean. A classifier of the workshop judges. About an hour on two cores. Run: npm run bench:diffusion FOLDER
// OUT [PART ...], FOLDER with MNIST's t10k files, OUT for all that is made.

import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openLabelledGenerator } from '../shared/generators/labelled.js';
import { readLora } from '../shared/models/lora/file.js';
import { readOnnx } from '../shared/models/onnx/file.js';
import { readModelFile } from '../shared/models/read-model-file.js';
import { openSession } from '../shared/models/session.js';
import { sizeOf, type Tensor, tensor } from '../shared/tensor.js';
import type { PartialSettings } from '../shared/train/settings.js';
import { openPictures } from '../shared/workshop/data/open.js';
import { type Pictures, split } from '../shared/workshop/data/pictures.js';
import { type Outcome, train } from '../shared/workshop/train.js';

const [folder, out, ...asked] = process.argv.slice(2);
const HELD_BACK = 1000;
const SIDE_PX = 48;
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

type Picture = Float32Array;
/** What a LoRA is to teach, and how it is told from what was there before. */
interface Look {
  change: (picture: Picture) => Picture;
  /** As the classifier knows digits. */
  back: (picture: Picture) => Picture;
  statistic: string;
  of: (picture: Picture) => number;
}

/** How far a row is moved against the one below it. */
const LEAN = 0.5;

const LOOKS: Record<string, Look> = {
  slanted: {
    change: (picture) => sheared(picture, LEAN),
    back: (picture) => sheared(picture, -LEAN),
    statistic: 'lean, columns a row',
    of: leanOf,
  },
  inverted: {
    change: (picture) => picture.map((value) => -value),
    back: (picture) => picture.map((value) => -value),
    statistic: 'mean level of the border, -1 dark to 1 light',
    of: (picture) => mean(picture.filter((_, at) => isBorder(at))),
  },
};

const PARTS: Record<string, () => Promise<void>> = {
  async classifier() {
    const { held } = await run('classifier', 'classifier', { size: SIDE_PX, holdBack: HELD_BACK });
    say('classifier', `${percent(held.accuracy)} of the digits held back`);
  },
  async diffusion() {
    await run('diffusion', 'diffusion', { holdBack: HELD_BACK });
    await judge('diffusion', 'DDIM, 50 steps', await draw(300, { sampler: 'ddim', steps: 50 }));
    await judge('diffusion', 'DDPM, 1000 steps', await draw(20, { sampler: 'ddpm', steps: 1000 }));
  },
  lora: async () => {
    for (const [name, look] of Object.entries(LOOKS)) await teach(name, look);
  },
};

async function teach(name: string, look: Look): Promise<void> {
  const data = path.join(out, `digits-${name}`);
  const [learned, held] = split(await openPictures(folder, { sizePx: SIDE_PX }), HELD_BACK);
  await writeDigits(learned, look, data);
  const from = path.join(out, 'diffusion', 'denoiser.onnx');
  await run('lora', name, { from });
  const file = path.join(out, name, 'lora.safetensors');
  say(
    name,
    `${percent((await numbersIn(file)) / (await parametersOf(from)))} of the parameters (to reach: below 3 %)`,
  );
  const sampling = { sampler: 'ddim', steps: 50 } as const;
  const [before, drawn] = [await draw(50, sampling), await draw(200, sampling, [{ file, strength: 1 }])];
  // Digits of people lean too, each in its own way: few would not tell.
  const wanted: Picture[] = [];
  for (let at = 0; at < held.count; at++) wanted.push(look.change(await held.read(at)));
  const values = [before, drawn, wanted].map((pictures) => mean(pictures.map(look.of)).toFixed(2));
  say(
    name,
    `${look.statistic}: ${values[0]} before, ${values[1]} with the LoRA, ${values[2]} in the pictures to learn from`,
  );
  await judge(name, 'with the LoRA', drawn.map(look.back));
  const beside = await draw(10, sampling, [{ file, strength: 1 }], true);
  const off = Math.max(
    ...beside.map((picture, at) =>
      Math.max(...picture.map((value, place) => Math.abs(value - drawn[at][place]))),
    ),
  );
  say(name, `largest difference of merged and beside: ${off.toExponential(1)} of 2`);
}

/** Digits in turn. */
async function draw(
  count: number,
  sampling: { sampler: 'ddim' | 'ddpm'; steps: number },
  loras: readonly { file: string; strength: number }[] = [],
  beside = false,
): Promise<Picture[]> {
  const generator = await openLabelledGenerator(path.join(out, 'diffusion', 'denoiser.onnx'), {
    loras,
    beside,
  });
  const pictures: Picture[] = [];
  for (let first = 0; first < count; first += DIGITS.length) {
    const seeds = DIGITS.map((digit) => first + digit);
    const [drawn] = await generator.draw({ ...sampling, labels: DIGITS, seeds, stages: 1 });
    for (const digit of DIGITS)
      pictures.push(drawn.data.slice(digit * SIDE_PX ** 2, (digit + 1) * SIDE_PX ** 2));
  }
  await generator.close();
  return pictures;
}

/** How many of the pictures, digits in turn, are what was asked for. */
async function judge(part: string, what: string, pictures: readonly Picture[]): Promise<void> {
  const file = path.join(out, 'classifier', 'classifier.onnx');
  const classifier = await openSession(await readModelFile(file), { name: file });
  const found = DIGITS.map(() => 0);
  for (const [at, picture] of pictures.entries()) {
    const pictureOf: Tensor = tensor([1, 1, SIDE_PX, SIDE_PX], picture);
    const [{ data }] = Object.values(await classifier.run({ pictures: pictureOf }));
    if (data.indexOf(Math.max(...data)) === at % 10) found[at % 10] += 10 / pictures.length;
  }
  await classifier.close();
  say(part, `${what}: ${percent(mean(found))} of ${pictures.length} are the digit that was asked for`);
  say(part, `each: ${found.map(percent).join(', ')}`);
}

/** Trains into a folder and says how long it took; what is there already is taken as it is. */
async function run(recipe: string, name: string, settings: PartialSettings): Promise<Outcome> {
  const into = path.join(out, name);
  const data = [recipe === 'lora' ? path.join(out, `digits-${name}`) : folder];
  const isThere = await stat(into).catch(() => undefined);
  const startMs = performance.now();
  const outcome = await train({ recipe, data, out: into, settings, resume: isThere !== undefined });
  const minutes = ((performance.now() - startMs) / 60_000).toFixed(1);
  say(name, isThere ? `${outcome.steps} steps, done before` : `${outcome.steps} steps in ${minutes} minutes`);
  return outcome;
}

/** Idx files of the digits in their new look. */
async function writeDigits(digits: Pictures, look: Look, into: string): Promise<void> {
  const header = (...dims: number[]) => {
    const bytes = Buffer.alloc(4 + 4 * dims.length);
    bytes.set([0, 0, 8, dims.length]);
    for (const [at, size] of dims.entries()) bytes.writeUInt32BE(size, 4 + 4 * at);
    return bytes;
  };
  const bytes: Buffer[] = [header(digits.count, SIDE_PX, SIDE_PX)];
  for (let at = 0; at < digits.count; at++)
    bytes.push(
      Buffer.from(look.change(await digits.read(at)).map((value) => Math.round((value + 1) * 127.5))),
    );
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  await writeFile(path.join(into, 'digits-images-idx3-ubyte'), Buffer.concat(bytes));
  const labels = Buffer.from((digits.labels as Uint8Array).subarray(0, digits.count));
  await writeFile(path.join(into, 'digits-labels-idx1-ubyte'), Buffer.concat([header(digits.count), labels]));
}

async function numbersIn(file: string): Promise<number> {
  const { networks } = await readLora(file);
  const factors = [...networks.unet.values()].flatMap(({ down, up }) => [down, up]);
  return factors.reduce((sum, factor) => sum + (factor?.data.length ?? 0), 0);
}

const parametersOf = async (file: string): Promise<number> =>
  readOnnx(await readModelFile(file), file)
    .graph.initializer.filter(({ dataType }) => dataType === 1)
    .reduce((sum, { dims }) => sum + sizeOf(dims), 0);

const isBorder = (at: number): boolean =>
  [at % SIDE_PX, Math.floor(at / SIDE_PX)].some((place) => place < 3 || place >= SIDE_PX - 3);

/** Each row moved to the right as far as it lies above the middle; between two pixels their mean. */
function sheared(picture: Picture, lean: number): Picture {
  return picture.map((_, at) => {
    const [x, y] = [at % SIDE_PX, Math.floor(at / SIDE_PX)];
    const from = x - lean * ((SIDE_PX - 1) / 2 - y);
    const [left, part] = [Math.floor(from), from - Math.floor(from)];
    const pixel = (column: number) => (column < 0 || column >= SIDE_PX ? -1 : picture[y * SIDE_PX + column]);
    return (1 - part) * pixel(left) + part * pixel(left + 1);
  });
}

/** How far the ink's columns go with its rows, upwards. */
function leanOf(picture: Picture): number {
  // The ground of drawings is not quite even, and large.
  const ink = picture.map((value) => Number(value > 0));
  const all = ink.reduce((sum, value) => sum + value, 0);
  const middle = (of: (at: number) => number) =>
    ink.reduce((sum, value, at) => sum + value * of(at), 0) / all;
  const [x, y] = [(at: number) => at % SIDE_PX, (at: number) => -Math.floor(at / SIDE_PX)];
  const [meanX, meanY] = [middle(x), middle(y)];
  return middle((at) => (x(at) - meanX) * (y(at) - meanY)) / middle((at) => (y(at) - meanY) ** 2);
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const say = (part: string, sentence: string): void => console.log(`${part.padEnd(12)} ${sentence}`);

if (out === undefined) throw new Error('Expected a folder with MNIST and a folder for what is made');
for (const [part, measure] of Object.entries(PARTS))
  if (asked.length === 0 || asked.includes(part)) await measure();
