// A float32 style as one whose convolutions work on bytes: calibrated on pictures, and measured against the original.

import { NigaoeError, throwIfCancelled } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { type Node, type OnnxModel, readOnnx, writeOnnx } from '../onnx/file.js';
import { hasFloat16, widenToFloat32 } from '../onnx/float32.js';
import { raiseOpset } from '../onnx/raise-opset.js';
import { openSession, type Session } from '../session.js';
import { foldAffines } from './fold.js';
import type { Histogram } from './histogram.js';
import { drawWith, psnrDb, squaredError, timesAsFast } from './judge.js';
import { type Layers, layersOf } from './layers.js';
import { observe } from './observe.js';
import { RANGE_CHOICES, type RangeChoice, rangeOf } from './ranges.js';
import { withoutSensitive } from './sensitive.js';
import { type Form, type Step, stepFor } from './steps.js';
import { dropIdleFactors } from './tidy.js';
import { hasBytes, withBytes } from './write.js';

/** Pictures as the network takes them. */
export interface Pictures {
  /** For the ranges of the maps: small ones, at least one. */
  calibration: readonly Tensor[];
  /** Held back, for the measurement: of the size that is drawn at, at least one. */
  measured: readonly Tensor[];
}

export interface QuantizeOptions {
  /** For messages. */
  name: string;
  pictures: Pictures;
  /** Values of black and white. */
  range: readonly [number, number];
  /** What the sides of pictures are multiples of: both networks are opened with this promise. */
  multipleOf: number;
  form: Form;
  /** How ranges are chosen; default: the way that draws best. */
  ranges?: RangeChoice | undefined;
  /** Layers are left float32 until the drawing is as near, in dB. */
  leastDb: number;
  /** Which of all convolutions may work on bytes; default: `withoutEnds`. */
  candidates?: ((all: readonly Node[]) => readonly Node[]) | undefined;
  /** Drawings by which the speed is measured, each of both networks in turn; default 9. */
  rounds?: number | undefined;
  signal?: AbortSignal | undefined;
  onNotice?: ((sentence: string) => void) | undefined;
}

/** A network on bytes, and what was measured of it. */
export interface QuantizedNetwork {
  model: OnnxModel;
  psnrDb: number;
  timesAsFast: number;
  ranges: RangeChoice;
  /** Convolutions that work on bytes, and all. */
  layers: number;
  allLayers: number;
}

/** Pictures that choices are made by; all of them would take long, and those that are measured must not be asked. */
const FEW = 4;
/** What is reached on small pictures is not quite what is reached on others. */
const MARGIN_DB = 1;

/**
 * Quantizes a network of a style; the model that is handed over is changed. Throws `model-unsupported` for one that works on
 * bytes already, that has nothing to quantize, or whose operators are unknown; and what running it throws.
 */
export async function quantizeNetwork(model: OnnxModel, options: QuantizeOptions): Promise<QuantizedNetwork> {
  const { name, pictures, signal, onNotice, candidates = withoutEnds } = options;
  const original = prepare(model, name);
  const layers = layersOf(model.graph);
  const all = candidates(layers.convolutions);
  if (all.length === 0) throw nothingTo(name);
  const values = steppedValues(layers, all);
  onNotice?.(`Looking at ${values.length} feature maps of ${pictures.calibration.length} pictures`);
  const seen = await observe(model, values, { name, pictures: pictures.calibration, signal });
  const steps = stepsOf(seen, options.form);
  const bench = await openBench(original, options);
  try {
    const write = (convolutions: readonly Node[], ranges: RangeChoice) =>
      withBytes(model, { layers, convolutions, form: options.form, stepOf: steps(ranges) });
    const ranges =
      options.ranges ?? (await bestRanges((choice) => bench.trial(write(all, choice)), onNotice));
    const chosen = await withoutSensitive(all, (some) => bench.trial(write(some, ranges)), {
      leastDb: options.leastDb + MARGIN_DB,
      onTried: onNotice,
    });
    const result = write(chosen, ranges);
    const measured = await bench.measure(result);
    return {
      model: result,
      ...measured,
      ranges,
      layers: chosen.length,
      allLayers: layers.convolutions.length,
    };
  } finally {
    await bench.close();
  }
}

/** Brings the model into the form that is quantized; returns the file of what it was, in float32. */
function prepare(model: OnnxModel, name: string): Uint8Array {
  checkNumbers(model, name);
  if (hasFloat16(model)) widenToFloat32(model);
  const original = writeOnnx(model);
  const obstacle = raiseOpset(model);
  if (obstacle !== undefined) throw unknownOperator(name, obstacle);
  dropIdleFactors(model.graph);
  foldAffines(model.graph);
  return original;
}

/**
 * All but the first and the last: of three channels in or out, bytes are no faster, and what is lost there is seen.
 */
const withoutEnds = (all: readonly Node[]): readonly Node[] => all.slice(1, -1);

/** The values whose bytes need a step. */
function steppedValues(layers: Layers, convolutions: readonly Node[]): string[] {
  const working = layers.nodesWith(convolutions);
  const read = [...working].flatMap((node) => [...layers.mapsOf(node), node.output[0]]);
  return [...new Set(read.map((value) => layers.rootOf(value)))];
}

/** The step of every value that was seen, by the way its range is chosen. */
function stepsOf(seen: ReadonlyMap<string, Histogram>, { maps }: Form) {
  const known = new Map<RangeChoice, ReadonlyMap<string, Step>>();
  return (choice: RangeChoice) => {
    const steps =
      known.get(choice) ??
      new Map([...seen].map(([value, histogram]) => [value, stepFor(rangeOf(histogram, choice), maps)]));
    known.set(choice, steps);
    return (value: string): Step => steps.get(value)!;
  };
}

async function bestRanges(
  trial: (choice: RangeChoice) => Promise<number>,
  onNotice: QuantizeOptions['onNotice'],
): Promise<RangeChoice> {
  const tried: { choice: RangeChoice; db: number }[] = [];
  for (const choice of RANGE_CHOICES) tried.push({ choice, db: await trial(choice) });
  onNotice?.(`Ranges: ${tried.map(({ choice, db }) => `${choice} ${db.toFixed(1)} dB`).join(', ')}`);
  return tried.reduce((best, other) => (other.db > best.db ? other : best)).choice;
}

/** The original, opened once, and what it draws of the few pictures that choices are made by. */
async function openBench(original: Uint8Array, options: QuantizeOptions) {
  const { name, pictures, range, multipleOf, signal } = options;
  const open = (model: OnnxModel) =>
    openSession(writeOnnx(model), { name, device: 'cpu', sidesMultipleOf: multipleOf });
  const truth = await open(readOnnx(original, name));
  const few = pictures.calibration.slice(0, FEW);
  const right: Tensor[] = [];
  for (const picture of few) right.push(await drawWith(truth, picture));
  const errorsOf = async (session: Session) => {
    const errors: number[] = [];
    for (const [at, picture] of few.entries()) {
      throwIfCancelled(signal);
      errors.push(squaredError(right[at], await drawWith(session, picture), range));
    }
    return psnrDb(errors);
  };
  return {
    trial: async (model: OnnxModel) => closing(await open(model), errorsOf),
    measure: async (model: OnnxModel) =>
      closing(await open(model), (session) => measure([truth, session], options)),
    close: () => truth.close(),
  };
}

/** Distance and speed on the pictures that were held back. */
async function measure(
  [truth, session]: readonly [Session, Session],
  { pictures: { measured }, range, rounds = 9, signal }: QuantizeOptions,
): Promise<Pick<QuantizedNetwork, 'psnrDb' | 'timesAsFast'>> {
  const errors: number[] = [];
  for (const picture of measured) {
    throwIfCancelled(signal);
    errors.push(squaredError(await drawWith(truth, picture), await drawWith(session, picture), range));
  }
  return { psnrDb: psnrDb(errors), timesAsFast: await timesAsFast([truth, session], measured[0], rounds) };
}

async function closing<Result>(
  session: Session,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Throws `model-unsupported` for a model that works on bytes already. */
export function checkNumbers(model: OnnxModel, name: string): void {
  if (!hasBytes(model)) return;
  const message = `Expected a style in float32 or float16 in ${name} but it is quantized already`;
  throw new NigaoeError('model-unsupported', message, { hint: 'Quantize the style that it was made of.' });
}

const nothingTo = (name: string): NigaoeError =>
  new NigaoeError(
    'model-unsupported',
    `Expected convolutions with constant weights between the first and the last one of ${name} but there are none`,
    { hint: 'Nothing else of a style is worth quantizing.' },
  );

const unknownOperator = (name: string, obstacle: string): NigaoeError =>
  new NigaoeError(
    'model-unsupported',
    `Expected operators that are known in operator set 13 in ${name} but it has ${obstacle}`,
    { hint: 'Export the network anew, with opset 17 for example.' },
  );
