// How large every value of a network is, whatever the picture: asked of onnxruntime at four small sizes.
//
// A picture of m * s rows and m * t columns (m is what its sides are multiples of) gives values whose axes have
// a + b s + c t + d s t elements: rows and columns of feature maps, both in one where a map was flattened, neither for what
// was measured over the whole of it.

import { tensor } from '../../tensor.js';
import { freeDimsOf, inputsOf } from '../imports/ports.js';
import { ATTRIBUTE_TYPE, DATA_TYPE, type Graph, type Node, type OnnxModel } from '../onnx/file.js';
import { openSession } from '../session.js';

/** a + b s + c t + d s t elements. */
export interface Extent {
  still: number;
  rows: number;
  columns: number;
  both: number;
}

/** Height and width in pixels. */
export interface Size {
  height: number;
  width: number;
}

/** The shapes of a network's values. */
export interface Planes {
  multipleOf: number;
  /** Axes of a value; undefined for what the network does not have. */
  extents(value: string): readonly Extent[] | undefined;
  /** Dims of a value for a picture of that size, whose sides are multiples of `multipleOf`. */
  dims(value: string, size: Size): number[];
}

/** Whether an axis grows with the picture. */
export const isSpread = ({ rows, columns, both }: Extent): boolean =>
  rows !== 0 || columns !== 0 || both !== 0;

/** Whether a value has an element for every place of the picture. */
export const isPlane = (planes: Planes, value: string): boolean =>
  planes.extents(value)?.some(isSpread) ?? false;

/** Sides of the smallest picture that is tried; networks that mirror borders take none much smaller. */
const SMALLEST_PX = 64;

/**
 * Runs the network at four sizes. Undefined where it does not take pictures of any size, or where its values do not grow evenly
 * with them.
 */
export async function tracePlanes(
  model: OnnxModel,
  { multipleOf, minPx }: { multipleOf: number; minPx: number },
): Promise<Planes | undefined> {
  const dimsAt = dimsOfPicture(model);
  if (dimsAt === undefined) return undefined;
  const values = [...new Set(model.graph.node.flatMap(({ output }) => output.filter((name) => name !== '')))];
  // Sequences and the like have no shape: such a network does not open.
  const session = await openSession(asking(model, values), { name: 'shapes', device: 'cpu' }).catch(
    () => undefined,
  );
  if (session === undefined) return undefined;
  const [input] = session.inputs;
  const shapesAt = async (size: Size) => {
    const shapes = await session.run({ [input.name]: tensor(dimsAt(size)) });
    return new Map<string, readonly number[]>([
      [input.name, dimsAt(size)],
      ...values.map((value, at) => [value, [...shapes[shapeName(at)].data]] as const),
    ]);
  };
  try {
    for (const startPx of new Set([SMALLEST_PX, Math.max(SMALLEST_PX, minPx)])) {
      const planes = await tracedFrom(shapesAt, Math.ceil(startPx / multipleOf), multipleOf).catch(
        () => undefined,
      );
      if (planes !== undefined) return planes;
    }
    return undefined;
  } finally {
    await session.close();
  }
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Different numbers of rows and columns tell them apart. */
async function tracedFrom(
  shapesAt: (size: Size) => Promise<Shapes>,
  start: number,
  multipleOf: number,
): Promise<Planes | undefined> {
  const [s, t] = [start, start + 2];
  const at = (rows: number, columns: number) =>
    shapesAt({ height: rows * multipleOf, width: columns * multipleOf });
  const corners = [await at(s, t), await at(s + 1, t), await at(s, t + 1), await at(s + 1, t + 1)];
  const extents = new Map<string, Extent[]>();
  for (const [value, dims] of corners[0]) {
    const others = corners.map((shapes) => shapes.get(value)!);
    if (others.some(({ length }) => length !== dims.length)) return undefined;
    extents.set(
      value,
      dims.map((_, axis) =>
        extentOf(
          others.map((each) => each[axis]),
          s,
          t,
        ),
      ),
    );
  }
  // Two steps further on, everything must be as large as it was foretold.
  const far = await at(s + 3, t + 2);
  for (const [value, dims] of far)
    if (extents.get(value)!.some((extent, axis) => elementsOf(extent, s + 3, t + 2) !== dims[axis]))
      return undefined;
  return {
    multipleOf,
    extents: (value) => extents.get(value),
    dims: (value, { height, width }) =>
      extents.get(value)!.map((extent) => elementsOf(extent, height / multipleOf, width / multipleOf)),
  };
}

/** From the numbers of elements at (s, t), (s + 1, t), (s, t + 1) and (s + 1, t + 1). */
function extentOf([here, below, right, across]: readonly number[], s: number, t: number): Extent {
  const both = across - below - right + here;
  const rows = below - here - both * t;
  const columns = right - here - both * s;
  return { both, rows, columns, still: here - rows * s - columns * t - both * s * t };
}

const elementsOf = ({ still, rows, columns, both }: Extent, s: number, t: number): number =>
  still + rows * s + columns * t + both * s * t;

/** Dims of the only input, a picture of free height and width. */
function dimsOfPicture({ graph }: OnnxModel): ((size: Size) => number[]) | undefined {
  const [input, ...others] = inputsOf(graph);
  const dims = input && freeDimsOf(input);
  if (dims?.length !== 4 || others.length > 0 || graph.output.length !== 1) return undefined;
  const isPlanar = dims[1] === 3 || (dims[1] === undefined && dims[3] !== 3);
  const sides = isPlanar ? dims.slice(2) : dims.slice(1, 3);
  if (sides.some((side) => side !== undefined)) return undefined;
  return ({ height, width }) => (isPlanar ? [1, 3, height, width] : [1, height, width, 3]);
}

const shapeName = (at: number): string => `nigaoe.shape/${at}`;

/** A copy of the model whose outputs are the shapes of these values, as float32. */
function asking({ graph, ...model }: OnnxModel, values: readonly string[]): OnnxModel {
  const asked: Graph = {
    ...graph,
    node: [...graph.node, ...values.flatMap(shapeNodes)],
    output: values.map((_, at) => ({
      name: shapeName(at),
      type: { tensorType: { elemType: DATA_TYPE.float32, shape: { dim: [{}] } } },
    })),
    valueInfo: [],
  };
  return { ...model, graph: asked };
}

function shapeNodes(value: string, at: number): Node[] {
  const whole = `${shapeName(at)}/int64`;
  const to = { name: 'to', type: ATTRIBUTE_TYPE.int, i: DATA_TYPE.float32 };
  return [
    { opType: 'Shape', input: [value], output: [whole], attribute: [] },
    { opType: 'Cast', input: [whole], output: [shapeName(at)], attribute: [to] },
  ];
}
