// A training from its order to its products: step after step, with what is written down on the way.

import { appendFile, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { NigaoeError, throwIfCancelled } from '../errors.js';
import { drawStages } from '../generators/diffusion/stages.js';
import { writeOnnx } from '../models/onnx/file.js';
import { unwritable } from '../outputs/unwritable.js';
import { writeSheets } from '../outputs/write.js';
import { encodePhoto } from '../photo/encode.js';
import { drawSvg } from '../photo/svg.js';
import { randomFor } from '../random.js';
import { type Tensor, tensor } from '../tensor.js';
import type { Denoising } from '../train/recipes/recipe.js';
import { type Feeds, type Machine, openMachine, type Reports, type Step } from '../train/step.js';
import { begin, type Training } from './begin.js';
import { checkpointBytes, checkpointPath, checkpointsIn } from './checkpoint.js';
import { withFolder } from './claim.js';
import { batch, batchIndices, type Pictures } from './data/pictures.js';
import { curvesOf, type Entry, earlierEntries, LOG, remember } from './journal.js';
import type { Order } from './order.js';
import { codePlot } from './pictures/code-plot.js';
import { grid, stageGrid } from './pictures/grid.js';
import { lossPlot } from './pictures/plot.js';

/** Where a training stands. */
export interface TrainingProgress extends Entry {
  steps: number;
  leftMs: number;
  /** Whether a checkpoint was written after this step. */
  isSaved: boolean;
}

export interface TrainOptions extends Order {
  onProgress?: ((progress: TrainingProgress) => void) | undefined;
}

/** What came of a training. */
export interface Outcome {
  device: string;
  steps: number;
  /** The losses of the last step, and means over what was held back. */
  losses: Readonly<Record<string, number>>;
  held: Readonly<Record<string, number>>;
  /** Files of networks for use. */
  products: readonly string[];
}

/** An epoch of a few pictures would be samples and checkpoints more than steps. */
const FEW_STEPS = 100;

/** What a run works with. */
interface Run extends Training {
  options: TrainOptions;
  entries: Entry[];
  machine: Machine;
  /** Opens each of the other graphs when it is first needed. */
  machineFor(step: Step): Promise<Machine>;
}

/**
 * Trains until all steps are done. Ctrl-C, by `signal`, ends it after the step with a checkpoint. Throws `options`, what
 * pictures and checkpoints throw, `cancelled`, and `internal` where a loss is no number any more.
 */
export async function train(options: TrainOptions): Promise<Outcome> {
  const training = await begin(options);
  const { out } = options;
  await mkdir(out, { recursive: true }).catch(asUnwritable(out));
  return withFolder(out, () => runIn(out, training, options));
}

async function runIn(out: string, training: Training, options: TrainOptions): Promise<Outcome> {
  const entries = await earlierEntries(path.join(out, LOG), training.place.step);
  const machines = new Map<Step, Promise<Machine>>();
  const machineFor = (step: Step) => {
    const known =
      machines.get(step) ?? openMachine(step, { name: 'the training', hint: SMALLER, ...training.setting });
    machines.set(step, known);
    return known;
  };
  try {
    const machine = await machineFor(training.plan.train);
    const { device, requireDevice } = training.setting;
    if (device !== 'auto' && machine.device !== device && !requireDevice)
      options.onNotice?.(machine.deviceReason);
    if (training.place.step >= training.steps)
      options.onNotice?.(`All ${training.steps} steps were done before; --steps goes further.`);
    return await stepByStep({ ...training, options, entries, machine, machineFor });
  } finally {
    for (const machine of machines.values())
      await machine.then(({ close }) => close()).catch(() => undefined);
  }
}

const SMALLER = 'Train smaller, with --batch, --size or --width.';
const asUnwritable = (file: string) => (error: unknown) => {
  throw unwritable(file, error);
};
/** Whole or not at all. */
const write = (file: string, bytes: Uint8Array): Promise<void> => writeSheets([{ path: file, bytes }]);

async function stepByStep(run: Run): Promise<Outcome> {
  const { setting, steps, perEpoch, place } = run;
  const some = perEpoch * Math.ceil(FEW_STEPS / perEpoch);
  const isTime = (every: number) => place.step % (every || some) === 0 || place.step === steps;
  if (place.step === 0) await drawSample(run);
  while (place.step < steps) {
    const entry = await oneStep(run);
    const isSaved = isTime(setting.saveEvery);
    if (place.step % some === 0 || place.step === steps) entry.held = await measure(run);
    const log = path.join(run.options.out, LOG);
    await appendFile(log, `${JSON.stringify(entry)}\n`).catch(asUnwritable(log));
    if (isTime(setting.sampleEvery)) await drawSample(run);
    if (isSaved) await save(run);
    tell(run, entry, isSaved);
    if (run.options.signal?.aborted) await stop(run, isSaved);
  }
  return finish(run);
}

async function oneStep(run: Run): Promise<Entry> {
  const { place, perEpoch, setting, machine, state } = run;
  const startMs = performance.now();
  const turn = { seed: setting.seed, step: place.step + 1 };
  const reports = await machine.run(state, turn, await feedsOf(run, turn.step));
  place.step = turn.step;
  const losses = numbersOf(reports);
  await checkFinite(run, losses);
  const ms = Math.round((performance.now() - startMs) * 10) / 10;
  const entry: Entry = { step: turn.step, epoch: Math.ceil(turn.step / perEpoch), ms, losses };
  remember(run.entries, entry);
  return entry;
}

/** The batch of each input, and the labels where the recipe wants them. */
async function feedsOf(run: Run, step: number): Promise<Feeds> {
  const { recipe, learned, setting } = run;
  const { seed, batch: size } = setting;
  const feeds: Record<string, Tensor> = {};
  for (const [at, name] of recipe.inputs.entries()) {
    // What belongs together comes together, cut and mirrored alike.
    const [own, crop] = recipe.pairs?.(setting) ? [0, recipe.inputs[0]] : [at, name];
    const indices = batchIndices(learned[at].count, size, { seed: seed + own, step });
    feeds[name] = await batch(learned[at], indices, (place) => randomFor(seed, 'crop', crop, step, place));
    Object.assign(feeds, toldOf(run, learned[at], indices));
  }
  return feeds;
}

/** What the pictures show, as labels or as words, where the recipe wants to know. */
function toldOf({ recipe }: Run, pictures: Pictures, indices: readonly number[]): Feeds {
  if (pictures.words) return { words: wordsOf(pictures.words, indices) };
  return recipe.takesLabels ? { labels: labelsOf(pictures, indices) } : {};
}

function wordsOf(words: (index: number) => Float32Array, indices: readonly number[]): Tensor {
  const rows = indices.map(words);
  const all = new Float32Array(rows.length * rows[0].length);
  for (const [at, row] of rows.entries()) all.set(row, at * row.length);
  return tensor([rows.length, rows[0].length], all);
}

const labelsOf = ({ labels }: Pictures, indices: readonly number[]): Tensor =>
  tensor(
    [indices.length],
    Float32Array.from(indices, (index) => labels?.[index] ?? 0),
  );

const numbersOf = (reports: Reports): Record<string, number> =>
  Object.fromEntries(
    Object.entries(reports).flatMap(([name, { data }]) => (data.length === 1 ? [[name, data[0]]] : [])),
  );

async function checkFinite({ options, place }: Run, losses: Readonly<Record<string, number>>): Promise<void> {
  const lost = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (lost === undefined) return;
  const [name, value] = lost;
  throw await diverged(
    `${name === 'loss' ? 'The loss' : `The loss ${name}`} became ${value}`,
    place.step,
    options.out,
  );
}

async function diverged(what: string, step: number, out: string): Promise<NigaoeError> {
  const hasSome = (await checkpointsIn(out, step)).length > 0;
  const way = 'another --seed, a smaller --rate or --clip 1';
  return new NigaoeError('internal', `${what} at step ${step}`, {
    hint: hasSome
      ? `The checkpoints in ${out} are good: go on with --resume and ${way}.`
      : `Nothing was saved yet: begin again with ${way}.`,
  });
}

/** Means of what the recipe measures, over whole batches of what was held back. */
async function measure(run: Run): Promise<Record<string, number> | undefined> {
  const { plan, held, setting, recipe, state, machineFor } = run;
  const batches = Math.floor(held[0].count / setting.heldBatch);
  if (plan.measure === undefined || batches === 0) return undefined;
  const machine = await machineFor(plan.measure);
  const sums: Record<string, number> = {};
  for (let at = 0; at < batches; at++) {
    const indices = Array.from({ length: setting.heldBatch }, (_, index) => at * setting.heldBatch + index);
    const feeds = {
      [recipe.inputs[0]]: await batch(held[0], indices),
      ...toldOf(run, held[0], indices),
    };
    // Chance of its own for each batch, the same at each measurement.
    const turn = { seed: setting.seed, step: at + 1 };
    const reports = numbersOf(await machine.run(state, turn, feeds));
    for (const [name, value] of Object.entries(reports)) sums[name] = (sums[name] ?? 0) + value / batches;
  }
  return sums;
}

/** Draws the same samples each time, so that they can be compared. */
async function drawSample(run: Run): Promise<void> {
  const photo = run.plan.denoise ? await drawStepwise(run, run.plan.denoise) : await drawAtOnce(run);
  if (photo === undefined) return;
  const name = `step-${String(run.place.step).padStart(7, '0')}.png`;
  const { bytes } = await encodePhoto(photo, { format: 'png' });
  await write(path.join(run.options.out, 'samples', name), bytes);
}

async function drawAtOnce({ plan, learned, held, recipe, setting, state, machineFor }: Run) {
  if (plan.sample === undefined) return undefined;
  const machine = await machineFor(plan.sample);
  const feeds: Record<string, Tensor> = {};
  for (const { attributes } of plan.sample.inputs) {
    const at = recipe.inputs.indexOf(attributes.name);
    if (at < 0) continue;
    const from = held[at].count > 0 ? held[at] : learned[at];
    feeds[attributes.name] = await batch(
      from,
      Array.from({ length: attributes.dims[0] }, (_, index) => index % from.count),
    );
  }
  const rows = Object.values(await machine.run(state, { seed: setting.seed, step: 0 }, feeds));
  return grid(rows, plan.columns ?? rows[0].dims[0]);
}

/** A row for each label, from noise to picture. */
async function drawStepwise(
  { state, setting, place, machineFor }: Run,
  { step, labels, schedule }: Denoising,
) {
  const machine = await machineFor(step);
  const turn = { seed: setting.seed, step: 0 };
  const stages = await drawStages(async (feeds) => (await machine.run(state, turn, feeds)).answer, {
    ...{ dims: place.picture, labels, schedule, seeds: labels.map((label) => setting.seed + label) },
    ...{ sampler: 'ddim', steps: 50, stages: STAGES },
  });
  return stageGrid(stages);
}
/** Columns of a sample that is drawn step by step. */
const STAGES = 20;

/** A checkpoint and the plot of the losses; weights that are no numbers any more are not saved over good ones. */
async function save({ state, place, setting, entries, options }: Run): Promise<void> {
  const { out } = options;
  const bad = [...state].find(([, { data }]) => !data.every(Number.isFinite));
  if (bad !== undefined) throw await diverged(`${bad[0]} holds what is no number`, place.step, out);
  await write(checkpointPath(out, place.step), checkpointBytes(state, place));
  for (const old of (await checkpointsIn(out, place.step)).slice(0, -setting.keep))
    await rm(old, { force: true });
  const svg = lossPlot(curvesOf(entries), place.recipe);
  await write(path.join(out, 'losses.svg'), Buffer.from(svg));
  await write(path.join(out, 'losses.png'), await drawSvg(svg));
}

/** What is there already is for use as well. */
async function stop(run: Run, isSaved: boolean): Promise<void> {
  if (!isSaved) await save(run);
  const products = await writeProducts(run);
  const names = products.map((file) => path.basename(file)).join(' and ');
  run.options.onNotice?.(`Saved at step ${run.place.step}, with ${names}; --resume goes on from there.`);
  throwIfCancelled(run.options.signal);
}

function tell({ entries, steps, options }: Run, entry: Entry, isSaved: boolean): void {
  // The middle of the last steps: samples and checkpoints would make a mean jump.
  const recent = entries.slice(-50).map(({ ms }) => ms);
  const middle = recent.sort((one, other) => one - other)[recent.length >> 1];
  options.onProgress?.({ ...entry, steps, leftMs: (steps - entry.step) * middle, isSaved });
}

async function finish(run: Run): Promise<Outcome> {
  const { machine, entries, place } = run;
  return {
    device: machine.device,
    steps: place.step,
    losses: entries.at(-1)?.losses ?? {},
    // The last step was measured; one that was resumed at its end may have no entry.
    held: entries.at(-1)?.held ?? (await measure(run)) ?? {},
    products: await writeProducts(run),
  };
}

/** The networks for use, as they are now; returns their paths. */
async function writeProducts(run: Run): Promise<string[]> {
  const products = Object.entries(run.plan.products(run.state, await encodeAll(run)));
  const paths = products.map(([name]) => path.join(run.options.out, name));
  for (const [at, [, made]] of products.entries())
    await write(paths[at], made instanceof Uint8Array ? made : writeOnnx(made));
  return paths;
}

/** The codes of up to a thousand pictures; three numbers with a label become a plot. */
async function encodeAll(run: Run): Promise<Float32Array[] | undefined> {
  const { plan, learned, held, setting, state, recipe, options, machineFor } = run;
  if (plan.encode === undefined) return undefined;
  const machine = await machineFor(plan.encode);
  const from = held[0].count >= setting.heldBatch ? held[0] : learned[0];
  const codes: Float32Array[] = [];
  for (
    let start = 0;
    start + setting.heldBatch <= Math.min(from.count, 1000 + setting.heldBatch);
    start += setting.heldBatch
  ) {
    const indices = Array.from({ length: setting.heldBatch }, (_, at) => start + at);
    const feeds = { [recipe.inputs[0]]: await batch(from, indices) };
    const { code } = await machine.run(state, { seed: setting.seed, step: 0 }, feeds);
    const size = code.data.length / setting.heldBatch;
    for (const at of indices.keys()) codes.push(code.data.slice(at * size, (at + 1) * size));
  }
  if (codes[0]?.length === 3 && from.labels) {
    const svg = codePlot(
      codes.map(([x, y, z]) => [x, y, z]),
      from.labels.subarray(0, codes.length),
    );
    await write(path.join(options.out, 'codes.svg'), Buffer.from(svg));
    await write(path.join(options.out, 'codes.png'), await drawSvg(svg));
  }
  return codes;
}
