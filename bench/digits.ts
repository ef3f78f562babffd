// How well the recipes learn handwritten digits: a classifier, redrawing, drawing from noise, and CycleGAN between dark digits on
// light paper and light ones on a coloured ground. The classifier judges what the others draw. All in about 40 minutes on
// two cores. Run: npm run bench:digits FOLDER OUT [PART ...], FOLDER with MNIST's t10k files, OUT for all that is made.

import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { latentOf, openLatentGenerator } from '../shared/generators/latent.js';
import { openSession, type Session } from '../shared/models/session.js';
import { type Tensor, tensor } from '../shared/tensor.js';
import type { PartialSettings } from '../shared/train/settings.js';
import { openPictures } from '../shared/workshop/data/open.js';
import { type Pictures, split } from '../shared/workshop/data/pictures.js';
import { type Outcome, train } from '../shared/workshop/train.js';

const [folder, out, ...asked] = process.argv.slice(2);
const HELD_BACK = 1000;
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

type Colour = readonly [red: number, green: number, blue: number];
/** Colours of a digit and of what it stands on, in -1..1. */
interface Look {
  ink: Colour;
  ground: Colour;
}
const PAPER: Look = { ink: [-0.8, -0.8, -0.8], ground: [0.8, 0.8, 0.8] };
const TEAL: Look = { ink: [0.9, 0.9, 0.75], ground: [-0.8, -0.15, 0.1] };
/** How far a channel of the ground may be off, of 2. */
const SAME = 0.1;

const PARTS = {
  async classifier() {
    const { held } = await run('classifier', { holdBack: HELD_BACK });
    say('classifier', `${percent(held.accuracy)} of the digits held back (to reach: 97 %)`);
  },
  async autoencoder() {
    const { held } = await run('autoencoder', { holdBack: HELD_BACK, epochs: 40 });
    say('autoencoder', `error ${held.error.toFixed(4)} after 40 epochs (PyTorch: see test/oracles/mnist.py)`);
  },
  async vae() {
    const { held } = await run('vae', { holdBack: HELD_BACK, epochs: 40 });
    say('vae', `error ${held.error.toFixed(4)} after 40 epochs (PyTorch: see test/oracles/mnist.py)`);
  },
  async dcgan() {
    await run('dcgan', { holdBack: HELD_BACK });
    await judgeDrawn(path.join(out, 'dcgan', 'generator.onnx'), 2000);
  },
  async cyclegan() {
    const digits = await openPictures(folder);
    const [learned, held] = split(digits, HELD_BACK);
    const half = learned.count / 2;
    const data = [path.join(out, 'dark-on-light'), path.join(out, 'light-on-teal')];
    await paint(learned, { from: 0, to: half }, PAPER, data[0]);
    await paint(learned, { from: half, to: learned.count }, TEAL, data[1]);
    await run('cyclegan', { size: 28, width: 16, blocks: 6, batch: 4, steps: 3000, sampleEvery: 500 }, data);
    await judgeCarried('a-to-b.onnx', held, { from: PAPER, to: TEAL });
    await judgeCarried('b-to-a.onnx', held, { from: TEAL, to: PAPER });
  },
};

/** Trains into a folder of the recipe's name and says how long it took. */
async function run(recipe: string, settings: PartialSettings, data = [folder]): Promise<Outcome> {
  const startMs = performance.now();
  const into = path.join(out, recipe);
  await rm(into, { recursive: true, force: true });
  const outcome = await train({ recipe, data, out: into, settings });
  say(recipe, `${outcome.steps} steps in ${((performance.now() - startMs) / 60_000).toFixed(1)} minutes`);
  return outcome;
}

/** What the classifier takes a digit for, light on dark in -1..1, and how sure it is. */
async function recognise(classifier: Session, digit: Tensor): Promise<{ digit: number; confidence: number }> {
  const [{ data }] = Object.values(await classifier.run({ pictures: digit }));
  const most = Math.max(...data);
  const sum = data.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  return { digit: data.indexOf(most), confidence: 1 / sum };
}

const openProduct = async (recipe: string, name: string): Promise<Session> =>
  openSession(await readFile(path.join(out, recipe, name)), { name });
const openClassifier = (): Promise<Session> => openProduct('classifier', 'classifier.onnx');

async function judgeDrawn(file: string, count: number): Promise<void> {
  const [classifier, generator] = [await openClassifier(), await openLatentGenerator(file)];
  const found = DIGITS.map(() => 0);
  let sure = 0;
  for (let at = 0; at < count; at++) {
    const drawn = await generator.draw(latentOf(generator.latent, 1, at));
    const { digit, confidence } = await recognise(classifier, drawn);
    found[digit] += 1 / count;
    sure += confidence / count;
  }
  say('dcgan', `mean confidence ${sure.toFixed(3)} (to reach: 0.85)`);
  say('dcgan', `share of each digit: ${found.map(percent).join(', ')} (to reach: 3 % each)`);
}

/** How many digits are themselves after they were carried to the other look, on ground of the right colour. */
async function judgeCarried(
  name: string,
  digits: Pictures,
  { from, to }: { from: Look; to: Look },
): Promise<void> {
  const classifier = await openClassifier();
  const generator = await openProduct('cyclegan', name);
  let [same, ground] = [0, 0];
  for (let at = 0; at < digits.count; at++) {
    const given = coloured(await digits.read(at), from);
    const [carried] = Object.values(
      await generator.run({ [generator.inputs[0].name]: tensor([1, ...digits.dims.with(0, 3)], given) }),
    );
    const { digit } = await recognise(classifier, tensor([1, ...digits.dims], bare(carried.data, to)));
    if (digit === digits.labels?.[at]) same += 1 / digits.count;
    if (isGround(carried, to.ground)) ground += 1 / digits.count;
  }
  say(
    'cyclegan',
    `${name}: ${percent(same)} recognised (to reach: 90 %), ${percent(ground)} on the right ground`,
  );
}

/** A digit, light on dark in -1..1, in the colours of a look: `[3, H, W]`. */
function coloured(digit: Float32Array, { ink, ground }: Look): Float32Array {
  const mixed = (channel: number) =>
    digit.map((value) => ground[channel] + ((value + 1) / 2) * (ink[channel] - ground[channel]));
  return Float32Array.from([0, 1, 2].flatMap((channel) => [...mixed(channel)]));
}

/** Back again: where each pixel lies between ground (-1) and ink (1). */
function bare(picture: Float32Array, { ink, ground }: Look): Float32Array {
  const area = picture.length / 3;
  const way = ink.map((value, channel) => value - ground[channel]);
  const length = way.reduce((sum, part) => sum + part * part, 0);
  return Float32Array.from({ length: area }, (_, at) => {
    const along = way.reduce(
      (sum, part, channel) => sum + part * (picture[channel * area + at] - ground[channel]),
      0,
    );
    return 2 * Math.min(1, Math.max(0, along / length)) - 1;
  });
}

/** Whether the corners, where no digit reaches, have the colour. */
function isGround({ data, dims: [, , height, width] }: Tensor, colour: Colour): boolean {
  const corners = [0, width - 1, (height - 1) * width, height * width - 1];
  return colour.every((value, channel) =>
    corners.every((corner) => Math.abs(data[channel * height * width + corner] - value) <= SAME),
  );
}

async function paint(
  digits: Pictures,
  { from, to }: { from: number; to: number },
  look: Look,
  into: string,
): Promise<void> {
  const [, height, width] = digits.dims;
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  for (let at = from; at < to; at++) {
    const planes = coloured(await digits.read(at), look);
    const pixels = Buffer.alloc(planes.length);
    planes.forEach((value, index) => {
      const [channel, pixel] = [Math.floor(index / (height * width)), index % (height * width)];
      pixels[pixel * 3 + channel] = Math.round((value + 1) * 127.5);
    });
    await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(path.join(into, `${at}.png`));
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const say = (part: string, sentence: string): void => console.log(`${part.padEnd(12)} ${sentence}`);

if (out === undefined) throw new Error('Expected a folder with MNIST and a folder for what is made');
for (const [part, judge] of Object.entries(PARTS))
  if (asked.length === 0 || asked.includes(part)) await judge();
