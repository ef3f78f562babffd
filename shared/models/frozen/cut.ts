// Cuts a network at what it measures of the whole picture: one part measures, the other draws any part of the picture with what
// was measured.
//
// Norms, poolings and sums over the plane make every pixel depend on all others, so that large pictures can neither be drawn in
// parts nor without all feature maps at once. With their results given as numbers, every pixel is a function of its
// neighbourhood, norms are factors and offsets that go into the convolutions before them, and whatever was only there to be
// measured is left out.

import { isDeepStrictEqual } from 'node:util';
import { sizeOf, type Tensor, tensor } from '../../tensor.js';
import { inputsOf } from '../imports/ports.js';
import type { Value } from '../onnx/builder.js';
import {
  attributeOf,
  DATA_TYPE,
  type Graph,
  type Node,
  type OnnxModel,
  type TensorProto,
} from '../onnx/file.js';
import { hasFloat16, widenToFloat32 } from '../onnx/float32.js';
import { opsetOf } from '../onnx/raise-opset.js';
import { floatsOf, intsOf } from '../onnx/tensor-proto.js';
import { withoutBytes } from '../quantize/without-bytes.js';
import { Emission } from './emission.js';
import { type Kinds, kindsOf } from './kinds.js';
import { OPERATORS } from './operators.js';
import { keepsPlaces } from './places.js';
import { isSpread, type Planes, type Size, tracePlanes } from './planes.js';
import { type Halo, haloOf } from './reach.js';
import { settle } from './settled.js';
import { spellNorms, spellSoftmaxes } from './spelled.js';
import { sumsOver } from './sums.js';
import { tidied } from './tidy.js';
import { plainView, reordered, type Shape, type View } from './view.js';
import { Windows } from './windows.js';

export type { Halo, Size };

/** What was measured of a picture, by the name of its value. */
export type Measures = ReadonlyMap<string, Tensor>;

/** A network that was cut at what it measures. */
export interface Cut {
  /** A model that takes a picture of any size and tells what the other part wants to know of it; a copy for every call. */
  study(): OnnxModel;
  /** How many values the study tells; a network that asks for none is its own frozen form. */
  asks: number;
  /** Bytes of feature maps that are alive at the same time, for every pixel of a tile. */
  bytesPerPixel: number;
  /** Pixels at the borders of a tile that are not those of the whole. */
  halo(tile: Size): Halo;
  /** The network for parts of `tile` pixels of a picture of `whole` pixels; where the part lies is fed, see `windows`. */
  freeze(measures: Measures, options: FreezeOptions): Frozen;
}

/** A network at one size that knows the whole. */
export interface Frozen {
  model: OnnxModel;
  /** Names of the inputs that tell where a part lies, with what is fed to them. */
  windows(at: { top: number; left: number }): Record<string, Tensor>;
}

interface CutOptions {
  multipleOf: number;
  minPx: number;
}

/**
 * Cuts a network that makes a picture of a picture, in floats whatever it computes with; the given model stays as it is. Undefined where that cannot be done
 * exactly: pictures of one size only, operators whose places cannot be followed, positions that are told from the size,
 * sums that are told from a part.
 */
export async function cutNetwork(
  given: OnnxModel,
  { multipleOf, minPx }: CutOptions,
): Promise<Cut | undefined> {
  const opset = opsetOf(given);
  const model = { ...given, graph: tidied(given.graph) };
  if (hasFloat16(model)) widenToFloat32(model);
  const { graph } = model;
  // Factors that go into the weights need other steps than the bytes were made with.
  withoutBytes(graph, opset);
  spellNorms(graph, opset);
  await settle(model);
  const first = await tracePlanes(model, { multipleOf, minPx });
  const counts = first && spellSoftmaxes(graph, opset, first);
  const planes = counts?.size === 0 ? first : await tracePlanes(model, { multipleOf, minPx });
  if (planes === undefined || counts === undefined) return undefined;
  return cutAt({ model, planes, opset, counts });
}

interface Traced {
  model: OnnxModel;
  planes: Planes;
  opset: number;
  /** Values that are numbers of places, each with the map whose last axis it counts. */
  counts: ReadonlyMap<Value, Value>;
}

function cutAt(traced: Traced): Cut | undefined {
  const { model, planes, opset, counts } = traced;
  const { graph } = model;
  const kinds = kindsOf(graph, planes);
  const nodes = drawingNodes(graph, kinds);
  const wanted = new Set(nodes.flatMap((node) => numbersRead(node, kinds)));
  const sized = [...wanted].filter((value) => kinds.get(value) === 'sized' && !counts.has(value));
  if (sized.length > 0 || !nodes.every((node) => isKnown(node, kinds))) return undefined;
  const [{ name: input }] = inputsOf(graph);
  if (!isSameSize(planes, input, graph.output[0].name)) return undefined;
  if (!keepsPlaces({ planes, input, nodes, opset })) return undefined;
  const asked = [...wanted].filter((value) => kinds.has(value) && !counts.has(value));
  const sums = sumsOver(graph, kinds);
  if (asked.some((value) => sums.has(value))) return undefined;
  const weights = new Map(graph.initializer.map((weight) => [weight.name ?? '', weight] as const));
  const numbersOf = (value: string) => numbersIn(weights.get(value));
  const halo = (tile: Size) => haloOf({ graph, planes, nodes, numbersOf }, tile);
  const side = Math.ceil(1024 / planes.multipleOf) * planes.multipleOf;
  const square = { height: side, width: side };
  if (halo(square) === undefined) return undefined;
  return {
    bytesPerPixel: mostBytes({ nodes, planes, weights }, square) / side ** 2,
    study: () => asking(model, asked),
    asks: asked.length,
    halo: (tile) => halo(tile)!,
    freeze: (measures, options) => freeze(traced, { nodes, kinds, weights }, measures, options),
  };
}

/** Whether the drawing is as large as the picture, however large that is. */
function isSameSize(planes: Planes, picture: string, drawing: string): boolean {
  return isDeepStrictEqual(planes.extents(picture), planes.extents(drawing));
}

function bytesOf(value: string, planes: Planes, size: Size): number {
  return planes.extents(value) === undefined ? 0 : 4 * sizeOf(planes.dims(value, size));
}

interface Living extends Pick<Parts, 'nodes' | 'weights'> {
  planes: Planes;
}

/** The most that is alive at a time: values from where they are made to where they are read last, and what is worked in. */
function mostBytes({ nodes, planes, weights }: Living, size: Size): number {
  const last = new Map(nodes.flatMap(({ input }, at) => input.map((value) => [value, at] as const)));
  let [alive, most] = [0, 0];
  for (const [at, { opType, input, output }] of nodes.entries()) {
    alive += bytesOf(output[0], planes, size);
    const kernel = opType === 'ConvTranspose' ? weights.get(input[1])?.dims : undefined;
    most = Math.max(most, alive + (kernel ? productBytes(kernel, planes.dims(input[0], size)) : 0));
    for (const value of new Set(input)) if (last.get(value) === at) alive -= bytesOf(value, planes, size);
  }
  return most;
}

/** A transposed convolution writes all its products side by side before it adds them up. */
const productBytes = ([, ...each]: readonly number[], [, , ...places]: readonly number[]): number =>
  4 * sizeOf(each) * sizeOf(places);

/** The nodes that make what every place has of its own, on the way to the drawing. */
function drawingNodes(graph: Graph, kinds: Kinds): Node[] {
  const wanted = new Set([graph.output[0].name]);
  const drawing = graph.node.toReversed().filter(({ input, output }) => {
    const isWanted = output.some((value) => wanted.has(value) && kinds.get(value) === 'placed');
    if (isWanted) for (const value of input) wanted.add(value);
    return isWanted;
  });
  return drawing.reverse();
}

/** Inputs that only tell a shape, which is known. */
const TELLS_SHAPE: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Resize: [1, 2, 3],
  Upsample: [1],
  Squeeze: [1],
  Unsqueeze: [1],
  Dropout: [1, 2],
  Slice: [2],
};

/** The inputs of a drawing node whose numbers it is written with. */
function numbersRead({ opType, input }: Node, kinds: Kinds): string[] {
  return input.filter(
    (value, at) => value !== '' && kinds.get(value) !== 'placed' && !TELLS_SHAPE[opType]?.includes(at),
  );
}

/** Operators of several maps; of all others only the first input may be one. */
const OF_MAPS: ReadonlySet<string> = new Set('Add Sub Mul Div Max Min Pow PRelu Concat MatMul'.split(' '));

/** Whether a node can be written anew: one output, an operator of ONNX's own, floats throughout. */
function isKnown(node: Node, kinds: Kinds): boolean {
  const { opType, domain = '', input, output } = node;
  if (!OF_MAPS.has(opType) && input.slice(1).some((value) => kinds.get(value) === 'placed')) return false;
  const isOwn = domain === '' || domain === 'ai.onnx';
  const isFloat = opType !== 'Cast' || attributeOf(node, 'to')?.i === DATA_TYPE.float32;
  const others = output.slice(1).filter((value) => value !== '');
  return isOwn && isFloat && others.length === 0 && Object.hasOwn(OPERATORS, opType);
}

function numbersIn(weight: TensorProto | undefined): number[] | undefined {
  if (weight?.dataType === DATA_TYPE.int64) return intsOf(weight);
  return weight?.dataType === DATA_TYPE.float32 ? [...floatsOf(weight)] : undefined;
}

/** A copy with other outputs: opening a model changes its nodes. */
function asking({ graph, ...model }: OnnxModel, values: readonly string[]): OnnxModel {
  const output = values.map((name) => ({ name }));
  const node = graph.node.map(({ input, output: made, attribute, ...kind }) => ({
    ...kind,
    input: [...input],
    output: [...made],
    attribute: structuredClone(attribute),
  }));
  const copy = { ...graph, node, initializer: [...graph.initializer], input: [...graph.input], output };
  return { ...model, opsetImport: structuredClone(model.opsetImport), graph: copy };
}

interface Parts {
  nodes: readonly Node[];
  kinds: Kinds;
  weights: ReadonlyMap<string, TensorProto>;
}

/** What a frozen network is made for. */
export interface FreezeOptions {
  /** Size of the parts that it draws. */
  tile: Size;
  /** Size of the picture that they are parts of. */
  whole: Size;
  /**
   * Whether all borders of all parts are thrown away, those at the picture's edge too: feature maps are then not mirrored there,
   * which is a fifth of the work.
   */
  isOpen: boolean;
}

/** The first round finds out which convolutions can take the factors behind them. */
function freeze(traced: Traced, parts: Parts, measures: Measures, options: FreezeOptions): Frozen {
  const first = new Emission();
  write(first, traced, parts, measures, options);
  return write(new Emission(first.uses), traced, parts, measures, options);
}

function write(
  emission: Emission,
  { model: { graph }, planes, opset, counts }: Traced,
  { nodes, weights }: Parts,
  measures: Measures,
  { tile, whole, isOpen }: FreezeOptions,
): Frozen {
  const views = new Map<string, View>();
  const windows = new Windows(emission, planes, { tile, whole });
  const [{ name: input }] = inputsOf(graph);
  const shapeAt = (value: string): Shape => ({
    dims: planes.dims(value, tile),
    spread: planes.extents(value)!.map(isSpread),
  });
  views.set(
    input,
    planar(emission, plainView(emission.builder.input(input, planes.dims(input, tile)), shapeAt(input))),
  );
  const numbers = (value: string): Tensor => {
    const counted = counts.get(value);
    if (counted !== undefined) return tensor([], Float32Array.of(planes.dims(counted, whole).at(-1)!));
    const known = measures.get(value) ?? tensorIn(weights.get(value));
    if (known === undefined) throw new Error(`internal: ${value} is not known`);
    return known;
  };
  for (const node of nodes) {
    const shape = shapeAt(node.output[0]);
    const view = (value: string) => views.get(value);
    const windowFor = (x: View) => windows.input(node, x);
    views.set(
      node.output[0],
      OPERATORS[node.opType]({ node, shape, emission, view, numbers, windowFor, opset, isOpen }),
    );
  }
  const [{ name: output }] = graph.output;
  return { model: emission.model(output, views.get(output)!, opset), windows: (at) => windows.at(at) };
}

/** Pictures whose channels come last are turned once, at the door. */
function planar(emission: Emission, view: View): View {
  const { dims, spread } = view.shape;
  if (!spread[1]) return view;
  const value = emission.value(reordered(view, [0, 3, 1, 2]));
  const shape = {
    dims: [dims[0], dims[3], dims[1], dims[2]],
    spread: [spread[0], spread[3], spread[1], spread[2]],
  };
  return reordered(plainView(value, shape), [0, 2, 3, 1]);
}

function tensorIn(weight: TensorProto | undefined): Tensor | undefined {
  const numbers = numbersIn(weight);
  return numbers && tensor(weight!.dims, Float32Array.from(numbers));
}
