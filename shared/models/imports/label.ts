// What an ONNX file of nigaoe says of itself: written into its metadata, and read from there when the file is used as a style.

import { NigaoeError } from '../../errors.js';
import { VERSION } from '../../version.js';
import type { GeneratorIo, Licence, Quantized, Side, StyleEntry } from '../entry.js';
import type { OnnxModel } from '../onnx/file.js';
import { isGeneratorIo, isLicence, isQuantized, isScope, isSide } from '../parse-entry.js';
import { isNonCommercial } from './licences.js';

/** Numbers that a network draws a picture from, and how they are spread. */
export interface Latent {
  /** Without the batch axis. */
  dims: readonly number[];
  /** `normal`: each number has a mean and a deviation, 0 and 1 where none are given; `uniform`: -1 to 1. */
  law: 'normal' | 'uniform';
  mean?: readonly number[] | undefined;
  deviation?: readonly number[] | undefined;
}

/** What a network takes the noise from: it is fed `sample [N,C,H,W]`, `timestep [N]` and `label [N]`. */
export interface DenoiserLabel {
  /** Channels, height, width. */
  dims: readonly number[];
  /** What pictures may show: labels are whole numbers below. */
  classes: number;
  /** The noise that it was trained on, as scheduler_config.json says it. */
  schedule: Readonly<Record<string, unknown>>;
}

export interface Label {
  /** Id of the architecture that the graph was made of. */
  architecture?: string | undefined;
  /** Which of its forms, in words, with what only the user could know: `32 channels, corners aligned`. */
  form?: string | undefined;
  /** Numbers that were read from the checkpoint. */
  parameters?: number | undefined;
  /** Format of the checkpoint. */
  format?: StyleFormat | undefined;
  io?: GeneratorIo | undefined;
  side?: Side | undefined;
  scope?: StyleEntry['scope'] | undefined;
  /** Given, the network draws pictures from such numbers, and takes no picture. */
  latent?: Latent | undefined;
  /** Given, the network draws by taking noise away. */
  denoiser?: DenoiserLabel | undefined;
  /** Given, its convolutions work on bytes. */
  quantized?: Quantized | undefined;
  licence?: Licence | undefined;
  title?: string | undefined;
  source?: string | undefined;
}

const STYLE_FORMATS = [
  'onnx',
  'pytorch',
  'pytorch-legacy',
  'safetensors',
  'mindspore',
  'raw-folder',
] as const;
/** The format of a file that a style was read from. */
export type StyleFormat = (typeof STYLE_FORMATS)[number];
const isStyleFormat = (value: unknown): value is StyleFormat => STYLE_FORMATS.includes(value as StyleFormat);

/** A stranger's file may say anything: sizes that no network has would only fill the memory. */
const MOST_LATENTS = 2 ** 20;
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isFinite);
function isLatent(value: unknown): value is Latent {
  const { dims, law, mean, deviation } = (value ?? {}) as Partial<Record<keyof Latent, unknown>>;
  if (!isNumbers(dims) || !dims.every(isCount) || (law !== 'normal' && law !== 'uniform')) return false;
  const count = dims.reduce((product, size) => product * size, 1);
  const fits = (list: unknown) => list === undefined || (isNumbers(list) && list.length === count);
  return dims.length > 0 && count <= MOST_LATENTS && fits(mean) && fits(deviation);
}

function isDenoiser(value: unknown): value is DenoiserLabel {
  const { dims, classes, schedule } = (value ?? {}) as Partial<Record<keyof DenoiserLabel, unknown>>;
  const isShape = isNumbers(dims) && dims.length === 3 && dims.every((size) => isCount(size) && size <= 4096);
  const isTable = typeof schedule === 'object' && schedule !== null && !Array.isArray(schedule);
  return isShape && isCount(classes) && isTable;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** Metadata by key. */
type Metadata = Readonly<Record<string, string>>;

/** The label in the metadata of a file; what is not there, or is not what it should be, is left out. */
export function labelOf(metadata: Metadata): Label {
  const licence = checked(metadata['nigaoe.licence'], isLicence);
  const cleaned = licence && {
    name: oneLine(licence.name),
    // A file that says both is not believed to be free.
    commercial: licence.commercial && !isNonCommercial(licence.name),
    notice: oneLine(licence.notice),
  };
  const label = {
    architecture: lineOf(metadata['nigaoe.architecture']),
    form: lineOf(metadata['nigaoe.form']),
    parameters: checked(metadata['nigaoe.parameters'], isCount),
    format: checked(metadata['nigaoe.format'], isStyleFormat),
    io: checked(metadata['nigaoe.io'], isGeneratorIo),
    side: checked(metadata['nigaoe.side'], isSide),
    scope: checked(metadata['nigaoe.scope'], isScope),
    latent: checked(metadata['nigaoe.latent'], isLatent),
    denoiser: checked(metadata['nigaoe.denoiser'], isDenoiser),
    quantized: cleanQuantized(checked(metadata['nigaoe.quantized'], isQuantized)),
    licence: isLicence(cleaned) ? cleaned : undefined,
    title: lineOf(metadata.title),
    source: lineOf(metadata.source),
  };
  return Object.fromEntries(Object.entries(label).filter(([, value]) => value)) as Label;
}

const cleanQuantized = (quantized: Quantized | undefined): Quantized | undefined =>
  quantized && { ...quantized, measuredOn: oneLine(quantized.measuredOn) };

/** A stranger's words as one line of some length: what a terminal would take for a command is left out. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS);
const lineOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : oneLine(text);
const MOST_CHARACTERS = 500;

/** The model with this label beside what else its metadata says, and nigaoe as its producer. */
export function labelled(model: OnnxModel, label: Label): OnnxModel {
  const metadata = { ...metadataOf(model), ...propsOf(label) };
  const metadataProps = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const producer = { producerName: 'nigaoe', producerVersion: VERSION };
  return { ...model, ...producer, metadataProps };
}

/** What a network that takes noise away says of itself. Throws `model-unsupported` for any other; `file` is its name. */
export function denoiserIn(model: OnnxModel, file: string): DenoiserLabel {
  const { denoiser } = labelOf(metadataOf(model));
  if (denoiser !== undefined) return denoiser;
  const message = `Expected a network that takes noise away in ${file} but it does not say so`;
  throw new NigaoeError('model-unsupported', message, {
    hint: 'Such files come from `nigaoe train diffusion`.',
  });
}

/** The metadata of a model by key. */
export const metadataOf = ({ metadataProps }: OnnxModel): Metadata =>
  Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));

/** Names without a dot are for people, and for programs that know nothing of nigaoe. */
function propsOf(label: Label): Record<string, string> {
  const { title, source, licence, architecture, form, parameters, format, scope, io, side } = label;
  const { latent, denoiser, quantized } = label;
  const props = {
    title,
    source,
    licence: licence?.name,
    licence_notice: licence?.notice,
    'nigaoe.architecture': architecture,
    'nigaoe.form': form,
    'nigaoe.parameters': parameters && String(parameters),
    'nigaoe.format': format && JSON.stringify(format),
    'nigaoe.scope': scope && JSON.stringify(scope),
    'nigaoe.io': io && JSON.stringify(io),
    'nigaoe.side': side && JSON.stringify(side),
    'nigaoe.latent': latent && JSON.stringify(latent),
    'nigaoe.denoiser': denoiser && JSON.stringify(denoiser),
    'nigaoe.quantized': quantized && JSON.stringify(quantized),
    'nigaoe.licence': licence && JSON.stringify(licence),
  };
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value)) as Record<string, string>;
}

function checked<Value>(
  text: string | undefined,
  fits: (value: unknown) => value is Value,
): Value | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as unknown;
    return fits(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
