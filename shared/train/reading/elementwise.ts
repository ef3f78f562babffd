// Ops that work number by number: on known numbers at once, on values of the graph by what the graph has words for.

import { DATA_TYPE } from '../../models/onnx/file.js';
import { sizeOf } from '../../tensor.js';
import * as a from '../arithmetic.js';
import type { Node } from '../ops.js';
import { expand, spread, together } from './layout.js';
import { changed, isWholeType, type Known, known } from './numbers.js';
import { type Call, isKnown, nodeOf, type Rule, type Rules, type Value } from './values.js';

/** One number from some. */
type Numeric = (...numbers: number[]) => number;
interface Form {
  /** On known numbers; `areWhole`: all of them are. */
  numbers?: (areWhole: boolean, call: Call) => Numeric;
  /** On values of the graph. */
  nodes?: (call: Call, ...inputs: Node[]) => Node;
  /** Whether the result is whole, whatever went in: of comparisons. */
  isWhole?: boolean;
}

const rule =
  ({ numbers, nodes, isWhole }: Form): Rule =>
  (call) => {
    const values = call.values.map((_, at) => call.value(at));
    if (values.every(isKnown) && numbers)
      return folded(values, (areWhole) => numbers(areWhole, call), isWhole);
    if (nodes === undefined) throw call.unread('on numbers that depend on the picture');
    return nodes(call, ...values.map(nodeOf));
  };

/** Known numbers, spread to one shape; as exact as a run would compute them, so that sizes are rounded alike. */
function folded(
  values: readonly Known[],
  form: (areWhole: boolean) => Numeric,
  isWhole = values.every((value) => value.isWhole),
): Known {
  const dims = values.reduce((shape: readonly number[], value) => together(shape, value.dims), []);
  const all = values.map((value) => spread(value, dims).numbers);
  const numeric = form(values.every((value) => value.isWhole));
  const made = Array.from({ length: sizeOf(dims) }, (_, at) => numeric(...all.map((numbers) => numbers[at])));
  return known(dims, isWhole ? made : Float32Array.from(made), isWhole);
}

const unary = (numeric: Numeric, make: (x: Node) => Node): Form => ({
  numbers: () => numeric,
  nodes: (_, x) => make(x),
});
const binary = (numeric: Numeric, make: (x: Node, y: Node) => Node): Form => ({
  numbers: () => numeric,
  nodes: (_, x, y) => thinly(make, x, y),
});
/** What is one number all over stays one: exporters add such matrices, as large as all scores of an attention. */
function thinly(make: (x: Node, y: Node) => Node, x: Node, y: Node): Node {
  const [one, other] = [x, y].map((value) => (value.kind === 'expand' ? value.inputs[0] : value));
  const isThin = sizeOf(one.dims) * sizeOf(other.dims) === 1 && sizeOf(x.dims) * sizeOf(y.dims) > 1;
  return isThin ? a.expand(make(one, other), together(x.dims, y.dims)) : make(x, y);
}
const compared = (numeric: (x: number, y: number) => boolean, make?: (x: Node, y: Node) => Node): Form => ({
  numbers: () => (x, y) => Number(numeric(x, y)),
  isWhole: true,
  ...(make && { nodes: (_: Call, x: Node, y: Node) => make(x, y) }),
});

const roundHalfToEven = (x: number): number =>
  Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);

const not = (x: Node): Node => a.subtract(1, x);
const minimum = (x: Node, y: Node): Node => a.negate(a.maximum(a.negate(x), a.negate(y)));
const most = (values: readonly Node[]): Node => values.reduce((x, y) => a.maximum(x, y));
const least = (values: readonly Node[]): Node => values.reduce(minimum);
/** log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which never overflows. */
const softplus = (x: Node): Node => a.add(a.relu(x), a.log(a.add(1, a.exp(a.negate(a.abs(x))))));
/** Positive numbers as they are, the others by another form. */
const belowZero = (x: Node, form: (negative: Node) => Node): Node =>
  a.add(a.relu(x), form(a.negate(a.relu(a.negate(x)))));

function power(call: Call, x: Node, exponent: Node): Node {
  const given = call.value(1);
  const [only, ...others] = isKnown(given) ? new Set(given.numbers) : [];
  if (only === undefined || others.length > 0) return raised(x, exponent);
  const y = powerOf(x, only) ?? raised(x, exponent);
  return nodeOf(expand(y, together(x.dims, exponent.dims)));
}
function powerOf(x: Node, exponent: number): Node | undefined {
  if (exponent < 0) {
    const divisor = powerOf(x, -exponent);
    return divisor && a.divide(1, divisor);
  }
  if (exponent === 0) return a.full(x.dims, 1);
  if (exponent === 0.5) return a.sqrt(x);
  return Number.isInteger(exponent) ? product(x, exponent) : undefined;
}
/** As many of them, by way of squares. */
function product(x: Node, count: number): Node {
  if (count === 1) return x;
  return count % 2 === 0 ? a.square(product(x, count / 2)) : a.multiply(x, product(x, count - 1));
}
/** Of positive numbers; zero has no logarithm, but a slope that is no number would spoil all others. */
const raised = (x: Node, exponent: Node): Node => a.exp(a.multiply(exponent, a.log(a.maximum(x, 1e-30))));

/** Bounds by attributes, as old opsets have them, or by inputs. */
function clip(call: Call): Value {
  const bound = (name: string, at: number, none: number) =>
    call.has(at) ? (call.known(at).numbers[0] ?? none) : call.float(name, none);
  const [low, high] = [bound('min', 1, -Infinity), bound('max', 2, Infinity)];
  const x = call.value(0);
  if (isKnown(x))
    return changed(
      x,
      x.numbers.map((value) => Math.min(high, Math.max(low, value))),
    );
  const above = low > -Infinity ? a.maximum(x, low) : x;
  return high < Infinity ? a.negate(a.maximum(a.negate(above), -high)) : above;
}

function where(call: Call): Value {
  const [condition, x, y] = [0, 1, 2].map((at) => call.value(at));
  if (isKnown(condition) && isKnown(x) && isKnown(y))
    return folded([condition, x, y], () => (which, one, other) => (which ? one : other), x.isWhole);
  // What is not chosen must not be infinite: a product with zero would be no number.
  const chosen = (value: Value): Node => (isKnown(value) ? nodeOf(bounded(value)) : value);
  const which = nodeOf(condition);
  return a.add(a.multiply(which, chosen(x)), a.multiply(not(which), chosen(y)));
}
const bounded = (value: Known): Known =>
  changed(
    value,
    value.numbers.map((each) => Math.min(1e9, Math.max(-1e9, each))),
  );

/**
 * Values of the graph are float32 whatever they are called: what becomes whole must be so already, as labels are that
 * are fed.
 */
function cast(call: Call): Value {
  const x = call.value(0);
  const to = call.int('to', DATA_TYPE.float32);
  const isTruth = to === DATA_TYPE.bool;
  if (isKnown(x)) return castKnown(x, isWholeType(to), isTruth);
  if (isTruth) return a.greater(a.abs(x), 0);
  if (isWholeType(to) && !call.isWhole(0) && !call.isFed(0))
    throw call.unread('on numbers that depend on the picture');
  return x;
}
function castKnown(x: Known, isWhole: boolean, isTruth: boolean): Known {
  if (!isWhole) return { ...x, isWhole };
  return changed(x, x.numbers.map(isTruth ? (value) => Number(value !== 0) : Math.trunc), true);
}

/** Along one axis, which the graph's own op wants last; up to opset 12 along all from there on. */
const alongAxis =
  (make: (x: Node) => Node): Rule =>
  (call) => {
    const x = call.node(0);
    const rank = x.dims.length;
    const axis = call.axis(call.int('axis', call.opset < 13 ? 1 : -1), rank);
    if (call.opset < 13 && axis < rank - 1)
      return a.reshape(make(a.reshape(x, [...x.dims.slice(0, axis), sizeOf(x.dims.slice(axis))])), x.dims);
    const order = x.dims.map((_, at) => (at === axis ? rank - 1 : at === rank - 1 ? axis : at));
    return axis === rank - 1 ? make(x) : a.transpose(make(a.transpose(x, order)), order);
  };

/** Of Gauss: x times the chance that a normal number is smaller; `tanh` is how it was written before there was erf. */
function gelu(call: Call): Node {
  const x = call.node(0);
  if (call.text('approximate', 'none') === 'none')
    return a.multiply(a.multiply(x, 0.5), a.add(1, a.erf(a.multiply(x, Math.SQRT1_2))));
  const inner = a.multiply(
    a.add(x, a.multiply(a.multiply(a.square(x), x), 0.044715)),
    Math.sqrt(2 / Math.PI),
  );
  return a.multiply(a.multiply(x, 0.5), a.add(1, a.tanh(inner)));
}

const FORMS: Readonly<Record<string, Form>> = {
  Add: binary((x, y) => x + y, a.add),
  Sub: binary((x, y) => x - y, a.subtract),
  Mul: binary((x, y) => x * y, a.multiply),
  Div: {
    numbers: (areWhole) => (x, y) => (areWhole ? Math.trunc(x / y) : x / y),
    nodes(call, x, y) {
      if (call.isWhole(0)) throw call.unread('on whole numbers that depend on the picture');
      return a.divide(x, y);
    },
  },
  Mod: {
    numbers: (_, call) => (call.int('fmod', 0) === 1 ? (x, y) => x % y : (x, y) => ((x % y) + y) % y),
  },
  Pow: { numbers: () => (x, y) => x ** y, nodes: power },
  Neg: unary((x) => -x, a.negate),
  Abs: unary(Math.abs, a.abs),
  Exp: unary(Math.exp, a.exp),
  Log: unary(Math.log, a.log),
  Sqrt: unary(Math.sqrt, a.sqrt),
  Reciprocal: unary(
    (x) => 1 / x,
    (x) => a.divide(1, x),
  ),
  Sin: unary(Math.sin, a.sin),
  Cos: unary(Math.cos, a.cos),
  Tanh: unary(Math.tanh, a.tanh),
  Floor: { numbers: () => Math.floor },
  Ceil: { numbers: () => Math.ceil },
  Round: { numbers: () => roundHalfToEven },
  Max: { numbers: () => Math.max, nodes: (_, ...values) => most(values) },
  Min: { numbers: () => Math.min, nodes: (_, ...values) => least(values) },
  Sum: {
    numbers:
      () =>
      (...all) =>
        all.reduce((x, y) => x + y),
    nodes: (_, ...values) => values.reduce((x, y) => a.add(x, y)),
  },
  Equal: compared(
    (x, y) => x === y,
    (x, y) => not(a.add(a.greater(x, y), a.greater(y, x))),
  ),
  Greater: compared((x, y) => x > y, a.greater),
  Less: compared(
    (x, y) => x < y,
    (x, y) => a.greater(y, x),
  ),
  GreaterOrEqual: compared(
    (x, y) => x >= y,
    (x, y) => not(a.greater(y, x)),
  ),
  LessOrEqual: compared(
    (x, y) => x <= y,
    (x, y) => not(a.greater(x, y)),
  ),
  And: compared((x, y) => Boolean(x && y), a.multiply),
  Or: compared((x, y) => Boolean(x || y), a.maximum),
  Not: { numbers: () => (x) => Number(!x), isWhole: true, nodes: (_, x) => not(x) },
};

const ON_NODES: Readonly<Record<string, (call: Call, x: Node) => Node>> = {
  Sigmoid: (_, x) => a.sigmoid(x),
  Erf: (_, x) => a.erf(x),
  Relu: (_, x) => a.relu(x),
  LeakyRelu: (call, x) => a.leakyRelu(x, call.float('alpha', 0.01)),
  PRelu: (call, x) => belowZero(x, (negative) => a.multiply(negative, call.node(1))),
  Elu: (call, x) =>
    belowZero(x, (negative) => a.multiply(a.subtract(a.exp(negative), 1), call.float('alpha', 1))),
  Selu(call, x) {
    const [alpha, gamma] = [call.float('alpha', 1.673_263_2), call.float('gamma', 1.050_701)];
    return a.multiply(
      belowZero(x, (negative) => a.multiply(a.subtract(a.exp(negative), 1), alpha)),
      gamma,
    );
  },
  Softplus: (_, x) => softplus(x),
  Mish: (_, x) => a.multiply(x, a.tanh(softplus(x))),
  HardSigmoid: (call, x) => hardSigmoid(x, call.float('alpha', 0.2), call.float('beta', 0.5)),
  HardSwish: (_, x) => a.multiply(x, hardSigmoid(x, 1 / 6, 0.5)),
  Swish: (call, x) => a.multiply(x, a.sigmoid(a.multiply(x, call.float('alpha', 1)))),
  QuickGelu: (call, x) => a.multiply(x, a.sigmoid(a.multiply(x, call.float('alpha', 1.702)))),
  Gelu: gelu,
};
const hardSigmoid = (x: Node, slope: number, middle: number): Node =>
  minimum(a.relu(a.add(a.multiply(x, slope), middle)), a.full([], 1));

export const ELEMENTWISE: Rules = {
  ...Object.fromEntries(Object.entries(FORMS).map(([name, form]) => [name, rule(form)])),
  ...Object.fromEntries(
    Object.entries(ON_NODES).map(([name, make]): [string, Rule] => [
      name,
      (call) => make(call, call.node(0)),
    ]),
  ),
  Clip: clip,
  Where: where,
  Cast: cast,
  CastLike(call) {
    const [x, like] = [call.value(0), call.value(1)];
    return isKnown(x) && isKnown(like) ? castKnown(x, like.isWhole, false) : x;
  },
  Softmax: alongAxis(a.softmax),
  LogSoftmax: alongAxis(a.logSoftmax),
};
