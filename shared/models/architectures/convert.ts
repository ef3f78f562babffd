// Makes an ONNX model of a checkpoint whose network nigaoe knows.

import { NigaoeError } from '../../errors.js';
import { sizeOf } from '../../tensor.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import type { OnnxModel } from '../onnx/file.js';
import type { Architecture, Weights } from './architecture.js';
import { type Recognised, type RecogniseOptions, recognise } from './recognise.js';

/**
 * Numbers of one network: 1 GiB as float32. The largest published ones have a fifth; a file of some megabytes can name the
 * same numbers a thousand times.
 */
const MOST_PARAMETERS = 2 ** 28;

/** What came of a checkpoint. */
export interface Conversion extends Recognised {
  /** Numbers that the network reads from the file. */
  parameters: number;
  /** From `picture` to `drawing`; its metadata tells how it wants its pixels. */
  model: OnnxModel;
}

/**
 * Reads the weights of the network in a checkpoint, and only those, and writes them into an ONNX model.
 * @throws as `recognise`, `model-unsupported` for a network of too many weights, and `model-corrupt` where weights are not
 * numbers or the disk fails
 */
export async function convertCheckpoint(
  checkpoint: Checkpoint,
  options: RecogniseOptions = {},
): Promise<Conversion> {
  const shapes = new Map([...checkpoint.tensors].map(([key, { dims }]) => [key, dims]));
  const { name = 'the checkpoint' } = options;
  const recognised = recognise(shapes, options);
  const { architecture, plan } = recognised;
  const parameters = [...plan.tensors.values()].reduce((sum, dims) => sum + sizeOf(dims), 0);
  if (parameters > MOST_PARAMETERS) throw tooLarge(parameters, name);
  const model = plan.emit(await readWeights(checkpoint, recognised, name));
  model.metadataProps.push(...metadataOf(architecture));
  return { ...recognised, parameters, model };
}

async function readWeights(
  { tensors }: Checkpoint,
  { plan, part }: Recognised,
  name: string,
): Promise<Weights> {
  const weights = new Map<string, Float32Array>();
  for (const key of plan.tensors.keys()) {
    const numbers = await tensors.get(part + key)!.read();
    if (!numbers.every(Number.isFinite)) throw notFinite(part + key, name);
    weights.set(key, numbers);
  }
  return (key) => weights.get(key)!;
}

function tooLarge(parameters: number, name: string): NigaoeError {
  const message = `Expected a network of at most ${MOST_PARAMETERS} weights in ${name} but it has ${parameters}`;
  return new NigaoeError('model-unsupported', message, { hint: 'No style that nigaoe knows is as large.' });
}

function notFinite(key: string, name: string): NigaoeError {
  return new NigaoeError(
    'model-corrupt',
    `Expected finite weights in ${name} but ${key} holds NaN or infinity`,
    {
      hint: 'The training diverged, or the file is damaged: import an earlier checkpoint.',
    },
  );
}

/** What an exported file says of itself, so that it can be imported again without being told. */
const metadataOf = ({ id, io, side }: Architecture): { key: string; value: string }[] => [
  { key: 'nigaoe.architecture', value: id },
  { key: 'nigaoe.io', value: JSON.stringify(io) },
  { key: 'nigaoe.side', value: JSON.stringify(side) },
];
