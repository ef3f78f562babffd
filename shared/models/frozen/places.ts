// Whether every value of a network keeps the places of the picture apart: rows and columns on axes of their own, or all places
// on one axis, row by row. Of windows, of rows without columns, of all places against all, a tile knows too little.

import { sizeOf } from '../../tensor.js';
import { attributeOf, type Node } from '../onnx/file.js';
import { type Extent, isSpread, type Planes, type Size } from './planes.js';

/** Where in a value the places lie. */
type Layout =
  /** Rows and columns on axes of their own: elements from one row to the next, and from one column to the next. */
  | ({ kind: 'apart'; rowStep: number; columnStep: number } & Size)
  /** All on one axis, counted from the last one: so many elements that are neighbours there are of the same place. */
  | ({ kind: 'flat'; axis: number; perPlace: number } & Size);

interface Source {
  planes: Planes;
  input: string;
  /** Nodes that are drawn with, in the order of the data. */
  nodes: readonly Node[];
  opset: number;
}

/** Numbers of multiples, of rows and of columns, that no network has among its other dims. */
const [ROWS, COLUMNS] = [37, 41];

/** Whether the places can be followed from the picture to the drawing. */
export function keepsPlaces({ planes, input, nodes, opset }: Source): boolean {
  const { multipleOf } = planes;
  const size = { height: ROWS * multipleOf, width: COLUMNS * multipleOf };
  const seen = (value: string): Seen => ({ extents: planes.extents(value)!, dims: planes.dims(value, size) });
  const layouts = new Map<string, Layout | undefined>([[input, apart(seen(input))]]);
  for (const node of nodes) {
    const read = node.input.filter((value) => layouts.has(value));
    const made = seen(node.output[0]);
    const layout = isAlongPlaces(node, made, opset)
      ? undefined
      : layoutAfter(
          node,
          read.map((value) => ({ layout: layouts.get(value)!, ...seen(value) })),
          made,
        );
    if (layout === undefined) return false;
    layouts.set(node.output[0], layout);
  }
  return layouts.get(input) !== undefined;
}

/** A value at the size that is looked at. */
interface Seen {
  extents: readonly Extent[];
  dims: readonly number[];
}

interface Known extends Seen {
  layout: Layout;
}

const OF_SHAPE: ReadonlySet<string> = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

function layoutAfter({ opType }: Node, [first, ...others]: readonly Known[], made: Seen): Layout | undefined {
  // Made of what is not of the plane, such as a grid of one size.
  if (first === undefined) return undefined;
  if (OF_SHAPE.has(opType)) return reshaped(first, made);
  if (!others.every((other) => isAlike(first.layout, other.layout))) return undefined;
  return first.layout.kind === 'apart' ? apart(made) : flat(first.layout, made);
}

function isAlike(a: Layout, b: Layout): boolean {
  if (a.kind === 'apart' || b.kind === 'apart') return a.kind === b.kind;
  return a.axis === b.axis && a.perPlace === b.perPlace;
}

/** The axes of a value that grow with the picture. */
const spreadAxes = ({ extents }: Seen): number[] =>
  extents.flatMap((extent, axis) => (isSpread(extent) ? [axis] : []));

/** Elements from one index of an axis to the next. */
const stepOf = ({ dims }: Seen, axis: number): number => sizeOf(dims.slice(axis + 1));

/** One axis of rows and one of columns, and no other that grows. */
function apart(value: Seen): Layout | undefined {
  const axes = spreadAxes(value);
  const ofRows = axes.filter((axis) => isOnly(value.extents[axis], 'rows'));
  const ofColumns = axes.filter((axis) => isOnly(value.extents[axis], 'columns'));
  if (axes.length !== 2 || ofRows.length !== 1 || ofColumns.length !== 1) return undefined;
  const [[row], [column]] = [ofRows, ofColumns];
  const [rowStep, columnStep] = [stepOf(value, row), stepOf(value, column)];
  return { kind: 'apart', rowStep, columnStep, height: value.dims[row], width: value.dims[column] };
}

const isOnly = ({ rows, columns, both }: Extent, side: 'rows' | 'columns'): boolean =>
  both === 0 && (side === 'rows' ? rows !== 0 && columns === 0 : columns !== 0 && rows === 0);

/** The axis of a value that holds rows and columns in one, if no other grows. */
function flatAxis(value: Seen): number | undefined {
  const axes = spreadAxes(value);
  return axes.length === 1 && value.extents[axes[0]].both !== 0 ? axes[0] : undefined;
}

/** Still on one axis, in the same order. */
function flat(from: Layout & { kind: 'flat' }, value: Seen): Layout | undefined {
  const axis = flatAxis(value);
  return axis === undefined ? undefined : { ...from, axis: value.dims.length - 1 - axis };
}

/** Elements keep their order: a place is where it was if the steps from one to the next are what they were. */
function reshaped(from: Known, made: Seen): Layout | undefined {
  const { height, width } = from.layout;
  const { rowStep, columnStep } = stepsOf(from);
  const to = apart(made);
  if (to?.kind === 'apart') {
    const isSame = to.rowStep === rowStep && to.columnStep === columnStep;
    return isSame && to.height === height && to.width === width ? to : undefined;
  }
  const axis = flatAxis(made);
  if (axis === undefined || rowStep !== columnStep * width) return undefined;
  const [step, places] = [stepOf(made, axis), columnStep * width * height];
  if (columnStep % step !== 0 || (step * made.dims[axis]) % places !== 0) return undefined;
  return { kind: 'flat', axis: made.dims.length - 1 - axis, perPlace: columnStep / step, height, width };
}

function stepsOf({ layout, ...value }: Known): { rowStep: number; columnStep: number } {
  if (layout.kind === 'apart') return layout;
  const columnStep = stepOf(value, value.dims.length - 1 - layout.axis) * layout.perPlace;
  return { rowStep: columnStep * layout.width, columnStep };
}

/** Softmaxes and norms over axes of places; sums over them leave none, or too few. */
function isAlongPlaces(node: Node, made: Seen, opset: number): boolean {
  const rank = made.dims.length;
  const axisOr = (otherwise: number) => ((attributeOf(node, 'axis')?.i ?? otherwise) + rank) % rank;
  const spread = spreadAxes(made);
  if (node.opType === 'LayerNormalization') return spread.some((axis) => axis >= axisOr(-1));
  if (node.opType !== 'Softmax' && node.opType !== 'LogSoftmax') return false;
  if (opset >= 13) return spread.includes(axisOr(-1));
  // Over all axes from there on, which is known only where the others have one element.
  return spread.some((axis) => axis >= axisOr(1)) || stepOf(made, axisOr(1)) > 1;
}
