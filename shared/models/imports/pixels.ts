// How an ONNX network takes and gives pictures: its two ports, their layout, and the sides that it takes.

import { expected, NigaoeError } from '../../errors.js';
import type { GeneratorIo, Side } from '../entry.js';
import type { Graph, OnnxModel, ValueInfo } from '../onnx/file.js';
import { isSide } from '../parse-entry.js';
import type { Label } from './label.js';
import { type Dims, freeDimsOf, inputsOf, isFloat, portText } from './ports.js';
import { guessRange } from './range.js';

/** What the user knows better. */
export type IoWishes = { [Part in keyof GeneratorIo]?: GeneratorIo[Part] | undefined };

export interface PixelGuess {
  io: GeneratorIo;
  side: Side;
  /** How the range is known. */
  reason: string;
  /** Whether nobody said which sides it takes. */
  isSideAssumed: boolean;
}

/** What most networks of this kind take. */
const ASSUMED_SIDE: Side = { multipleOf: 32, minPx: 64, maxPx: 1280 };

/**
 * How the network wants its pixels: by the user's wish, by what the file says of itself, by its shapes and its last steps.
 * Throws `model-unsupported` where it does not take one picture and return one.
 */
export function guessPixels(model: OnnxModel, name: string, label: Label, wishes: IoWishes): PixelGuess {
  const { graph } = model;
  checkOneFile(graph, name);
  const layout = layoutOf(graph, name, wishes.layout ?? label.io?.layout);
  const { range, reason } = rangeOf(graph, label, wishes);
  const channels = wishes.channels ?? label.io?.channels ?? 'rgb';
  const fixed = fixedSide(inputsOf(graph)[0], name, layout);
  const side = fixed ?? label.side ?? ASSUMED_SIDE;
  return { io: { layout, channels, range }, side, reason, isSideAssumed: !fixed && !label.side };
}

function rangeOf(graph: Graph, label: Label, { range }: IoWishes) {
  if (range !== undefined) return { range, reason: 'as you say' };
  if (label.io !== undefined) return { range: label.io.range, reason: 'as the file says' };
  return guessRange(graph);
}

function layoutOf(
  graph: Graph,
  name: string,
  wish: GeneratorIo['layout'] | undefined,
): GeneratorIo['layout'] {
  const inputs = inputsOf(graph);
  const dims = inputs.length === 1 ? pictureDims(inputs[0]) : undefined;
  if (dims === undefined) throw noPicture('input', 'takes', inputs, name);
  const shown = layoutOfDims(dims);
  if (wish !== undefined && (shown ?? wish) !== wish)
    throw expected(
      `the layout of the input ${portText(inputs[0])}`,
      '--layout',
      wish,
      `Leave it out: the shape of the input says that the layout is ${shown}.`,
    );
  const layout = wish ?? shown;
  if (layout === undefined && dims[1] === undefined && dims[3] === undefined) throw layoutless(name, inputs);
  if (layout === undefined || !fitsLayout(dims, layout)) throw noPicture('input', 'takes', inputs, name);
  const drawn = graph.output.length === 1 ? outputDims(graph.output[0]) : undefined;
  if (drawn === undefined || !fitsLayout(drawn, layout))
    throw noPicture('output', 'gives', graph.output, name);
  return layout;
}

function layoutOfDims(dims: Dims): GeneratorIo['layout'] | undefined {
  if (dims[3] === 3) return 'nhwc';
  return dims[1] === 3 ? 'nchw' : undefined;
}

function fitsLayout(dims: Dims, layout: GeneratorIo['layout']): boolean {
  return (dims[0] ?? 1) === 1 && (dims[layout === 'nhwc' ? 3 : 1] ?? 3) === 3;
}

/** The four dims of a port that may carry a picture; those that are free are undefined. */
function pictureDims(port: ValueInfo): Dims | undefined {
  const dims = freeDimsOf(port);
  return isFloat(port) && dims?.length === 4 ? dims : undefined;
}

/** Exporters often leave the shape of an output out. */
function outputDims(port: ValueInfo): Dims | undefined {
  return isFloat(port) && !freeDimsOf(port)?.length ? [] : pictureDims(port);
}

/** A network of fixed sides takes nothing else. */
function fixedSide(input: ValueInfo, name: string, layout: GeneratorIo['layout']): Side | undefined {
  const dims = pictureDims(input) ?? [];
  const [height, width] = layout === 'nhwc' ? dims.slice(1, 3) : dims.slice(2, 4);
  if (height === undefined || width === undefined) return undefined;
  const side = { multipleOf: height, minPx: height, maxPx: height };
  if (height === width && isSide(side)) return side;
  throw new NigaoeError(
    'model-unsupported',
    `Expected a square picture input in ${name} but it takes ${width} x ${height} only`,
    { hint: 'Export the model with free sides, or with a square of some hundred pixels.' },
  );
}

function checkOneFile({ initializer }: Graph, name: string): void {
  const outside = initializer.find(({ dataLocation }) => dataLocation === 1);
  if (outside === undefined) return;
  const place = outside.externalData?.find(({ key }) => key === 'location')?.value ?? 'another file';
  throw new NigaoeError(
    'model-unsupported',
    `Expected a model of one file in ${name} but its weights lie in ${place}`,
    { hint: 'Save it as one file: onnx.save_model(model, path, save_as_external_data=False).' },
  );
}

function noPicture(port: 'input' | 'output', verb: string, ports: readonly ValueInfo[], name: string) {
  const shapes = ports.map(portText).join(', ') || 'nothing';
  return new NigaoeError(
    'model-unsupported',
    `Expected one picture ${port} (1x3xHxW or 1xHxWx3) in ${name} but it ${verb} ${shapes}`,
    { hint: 'Only picture-to-picture models are styles.' },
  );
}

function layoutless(name: string, ports: readonly ValueInfo[]): NigaoeError {
  const shapes = ports.map(portText).join(', ');
  return new NigaoeError(
    'model-unsupported',
    `Expected a picture input with three channels in ${name} but its shape does not tell where they are: ${shapes}`,
    {
      hint: 'Import it with --layout nchw (colour planes, as PyTorch has them) or --layout nhwc (as TensorFlow).',
    },
  );
}
