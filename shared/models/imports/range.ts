// Guesses between which values a network paints black and white: by what bounds its output, the last step first.

import type { GeneratorIo } from '../entry.js';
import { attributeOf, DATA_TYPE, type Graph, type Node, type TensorProto } from '../onnx/file.js';
import { floatsOf } from '../onnx/tensor-proto.js';

type Range = GeneratorIo['range'];

interface RangeGuess {
  range: Range;
  /** How it is known: completes "-1 to 1, ". */
  reason: string;
}

/** Steps back that are looked at: what bounds a picture stands at its end. */
const MOST_STEPS = 32;
const SIGNED: Range = [-1, 1];
/** What networks are trained with. */
const USUAL: readonly Range[] = [SIGNED, [0, 1], [0, 255]];

/** The range of the graph's output; -1 to 1 where nothing bounds it. */
export function guessRange(graph: Graph): RangeGuess {
  const bounds = new Trail(graph).boundsOf(graph.output[0].name);
  const range = bounds && settle(bounds.range);
  if (!bounds || !range)
    return { range: SIGNED, reason: 'assumed: nothing in the network bounds its output' };
  return { range, reason: `as its last step is ${bounds.by}` };
}

/** An interval that a value cannot leave, and the operator that sees to it. */
interface Bounds {
  range: Range;
  by: string;
}

/** How an operator changes an interval; the second operand, where there is one, is a constant. */
type Step = (range: Range, operand: number) => Range;

const STEPS: Readonly<Record<string, { forth: Step; back?: Step }>> = {
  Add: { forth: ([low, high], c) => [low + c, high + c] },
  Sub: { forth: ([low, high], c) => [low - c, high - c], back: ([low, high], c) => [c - high, c - low] },
  Mul: { forth: ([low, high], c) => (c < 0 ? [high * c, low * c] : [low * c, high * c]) },
  Div: { forth: ([low, high], c) => (c < 0 ? [high / c, low / c] : [low / c, high / c]) },
};
const BOUNDED: Readonly<Record<string, Range>> = { Tanh: SIGNED, Sigmoid: [0, 1], HardSigmoid: [0, 1] };
/** They move numbers, and change none. */
const MOVERS = ['Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Slice', 'DepthToSpace'];

/** The way back from the output of a graph. */
class Trail {
  readonly #makers = new Map<string, Node>();
  readonly #constants = new Map<string, TensorProto>();
  #left = MOST_STEPS;

  constructor({ node, initializer }: Graph) {
    for (const each of node) for (const output of each.output) this.#makers.set(output, each);
    for (const tensor of initializer) this.#constants.set(tensor.name ?? '', tensor);
  }

  boundsOf(value: string): Bounds | undefined {
    const node = this.#makers.get(value);
    if (node === undefined || this.#left-- <= 0) return undefined;
    const { opType, input } = node;
    if (MOVERS.includes(opType)) return this.boundsOf(input[0]);
    if (Object.hasOwn(BOUNDED, opType)) return { range: BOUNDED[opType], by: opType };
    if (opType === 'Clip') return this.#clipped(node);
    return Object.hasOwn(STEPS, opType) ? this.#moved(node) : undefined;
  }

  #moved({ opType, input: [a, b] }: Node): Bounds | undefined {
    const { forth, back = opType === 'Div' ? undefined : forth } = STEPS[opType];
    const [first, second] = [this.#numberAt(a), this.#numberAt(b)];
    if (second !== undefined) return this.#apply(a, (range) => forth(range, second));
    return first === undefined || !back ? undefined : this.#apply(b, (range) => back(range, first));
  }

  #apply(value: string, step: (range: Range) => Range): Bounds | undefined {
    const bounds = this.boundsOf(value);
    return bounds && { ...bounds, range: step(bounds.range) };
  }

  /** What is clipped on one side only may be bounded on the other by an earlier step. */
  #clipped(node: Node): Bounds | undefined {
    const inner = this.boundsOf(node.input[0])?.range;
    const low = this.#limit(node, 'min', 1) ?? inner?.[0];
    const high = this.#limit(node, 'max', 2) ?? inner?.[1];
    return low === undefined || high === undefined ? undefined : { range: [low, high], by: 'Clip' };
  }

  /** An input since opset 11, an attribute before. */
  #limit(node: Node, name: string, index: number): number | undefined {
    const given = node.input[index];
    return given ? this.#numberAt(given) : attributeOf(node, name)?.f;
  }

  /** The number that a constant holds, once or in every place. */
  #numberAt(value: string | undefined): number | undefined {
    const tensor = value === undefined ? undefined : this.#constantAt(value);
    if (tensor === undefined || !FLOATS.includes(tensor.dataType)) return undefined;
    const numbers = floatsOf(tensor);
    return numbers.every((number) => number === numbers[0]) ? numbers[0] : undefined;
  }

  #constantAt(value: string): TensorProto | undefined {
    const stored = this.#constants.get(value);
    if (stored !== undefined || this.#left-- <= 0) return stored;
    const maker = this.#makers.get(value);
    if (maker?.opType === 'Identity' || maker?.opType === 'Cast') return this.#constantAt(maker.input[0]);
    return maker?.opType === 'Constant' ? constantOf(maker) : undefined;
  }
}

const FLOATS: readonly number[] = [DATA_TYPE.float32, DATA_TYPE.float16];

function constantOf(node: Node): TensorProto | undefined {
  const number = attributeOf(node, 'value_float')?.f;
  if (number === undefined) return attributeOf(node, 'value')?.t;
  return { dims: [], dataType: DATA_TYPE.float32, floatData: [number] };
}

/** A usual range where it is nearly one: a tanh is often stretched a little, so that its ends are reached. */
function settle(range: Range): Range | undefined {
  const [low, high] = range;
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) return undefined;
  return USUAL.find((usual) => isNear(range, usual)) ?? range;
}

function isNear([low, high]: Range, [usualLow, usualHigh]: Range): boolean {
  const width = usualHigh - usualLow;
  const stretch = (high - low) / width;
  const shift = Math.abs(low + high - usualLow - usualHigh) / 2 / width;
  return stretch > 0.9 && stretch < 1.25 && shift < 0.05;
}
