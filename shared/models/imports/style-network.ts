// A style's network read from a file of any known kind: an ONNX model as it is, a checkpoint as the graph that it becomes.

import { NigaoeError } from '../../errors.js';
import type { Architecture, ArchitectureOptions } from '../architectures/architecture.js';
import { convertCheckpoint } from '../architectures/convert.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { openCheckpoint } from '../checkpoints/open.js';
import type { ModelEntry } from '../entry.js';
import { type OnnxModel, readOnnx } from '../onnx/file.js';
import { isOnnxPath, readModelFile } from '../read-model-file.js';
import { type Label, labelOf, metadataOf, oneLine, type StyleFormat } from './label.js';
import { licenceNamed } from './licences.js';
import { guessPixels, type IoWishes, type PixelGuess } from './pixels.js';

/** What the user knows of a checkpoint that its keys and shapes do not tell. */
export interface CheckpointWishes extends ArchitectureOptions {
  /** Prefix of the network's keys, where one file holds several networks. */
  part?: string | undefined;
}

/** A network that draws, and how it wants its pixels. */
export interface StyleNetwork extends PixelGuess {
  format: StyleFormat;
  model: OnnxModel;
  /** The bytes of an ONNX file. */
  file?: Uint8Array;
  label: Label;
  /** What a checkpoint was recognised as. */
  origin?: { architecture: Architecture; summary: string; parameters: number };
}

/**
 * Reads the network in an ONNX file or a checkpoint. Throws `model-missing`, `model-corrupt`, and `model-unsupported` for what
 * is no picture-to-picture network that nigaoe knows.
 */
export function readStyleNetwork(
  path: string,
  wishes: IoWishes & CheckpointWishes = {},
): Promise<StyleNetwork> {
  return isOnnxPath(path) ? readOnnxStyle(path, wishes) : readCheckpointStyle(path, wishes);
}

async function readOnnxStyle(path: string, wishes: IoWishes): Promise<StyleNetwork> {
  const file = await readModelFile(path);
  const model = readOnnx(file, path);
  const label = labelOf(metadataOf(model));
  return { format: 'onnx', model, file, label, ...guessPixels(model, path, label, wishes) };
}

async function readCheckpointStyle(path: string, wishes: CheckpointWishes): Promise<StyleNetwork> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await convertStyle(checkpoint, path, wishes);
  } finally {
    await checkpoint.close();
  }
}

/** The network in an open checkpoint; throws as `readStyleNetwork`. */
export async function convertStyle(
  checkpoint: Checkpoint,
  name: string,
  { alignCorners, blocks, part }: CheckpointWishes = {},
): Promise<StyleNetwork> {
  const options = { name, alignCorners, blocks: blocks ?? trainedBlocks(checkpoint), part };
  const { architecture, plan, parameters, model } = await convertCheckpoint(checkpoint, options);
  const { io, side, scope, id } = architecture;
  const { format, metadata } = checkpoint;
  const facts = { architecture: id, form: plan.summary, parameters, format };
  const licence = licenceIn(metadata);
  const label: Label = { ...facts, io, side, scope, ...(licence && { licence }) };
  const origin = { architecture, summary: plan.summary, parameters };
  const reason = 'as this architecture has it';
  return { format, model, label, origin, io, side, reason, isSideAssumed: false };
}

/** Under this key a checkpoint of a training keeps what it was told. */
export const TRAINING_KEY = 'nigaoe.training';

/** The residual blocks that a training here was told, which its shared weights do not tell. */
function trainedBlocks({ metadata }: Checkpoint): number | undefined {
  try {
    const { settings } = JSON.parse(metadata[TRAINING_KEY] ?? '{}') as { settings?: Record<string, unknown> };
    return settings?.flavour === 'mindspore' ? (settings.blocks as number) : undefined;
  } catch {
    return undefined;
  }
}

/** What some .safetensors files say in their metadata. */
function licenceIn({ license, licence = license }: Readonly<Record<string, string>>) {
  const name = oneLine(licence ?? '');
  return name === '' ? undefined : licenceNamed(name);
}

/**
 * The network of an entry whose file at `path` is a checkpoint; undefined for all others. Throws `model-corrupt` where the file
 * holds another network than the entry says.
 */
export async function readCheckpointOf(entry: ModelEntry, path: string): Promise<StyleNetwork | undefined> {
  if (entry.kind !== 'gan' || entry.checkpoint === undefined) return undefined;
  const { architecture, ...wishes } = entry.checkpoint;
  const network = await readStyleNetwork(path, wishes).catch((error: unknown) => {
    // What the entry says does not go with the network: its name is told below.
    if (!(error instanceof NigaoeError) || error.code !== 'options') throw error;
    return readStyleNetwork(path, { part: wishes.part });
  });
  const found = network.origin?.architecture.id ?? network.format;
  if (found === architecture) return network;
  const message = `Expected a checkpoint of ${architecture} for the model ${entry.id} but ${path} holds ${found}`;
  throw new NigaoeError('model-corrupt', message, { hint: 'Correct the catalogue entry, or report it.' });
}

/** An architecture's title without what stands in brackets: where it was published. */
export const shortTitle = ({ title }: { title: string }): string => title.split(' (')[0];
