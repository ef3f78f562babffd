// A network that works on bytes, on floats again: for whoever changes numbers that the bytes' steps were not made for.

import { type Rule, rewriteGraph, type Surroundings } from '../cpu/rewrite.js';
import type { Value } from '../onnx/builder.js';
import { DATA_TYPE, type Graph, type Node, type TensorProto } from '../onnx/file.js';

/** Whose results are never below zero: to say so again is work for nothing. */
const POSITIVE: ReadonlySet<string> = new Set(['Relu', 'Sigmoid', 'HardSigmoid', 'Softplus', 'Exp', 'Abs']);

/**
 * Takes QuantizeLinear and DequantizeLinear away from between the operators, in place; weights stay as they are packed. Maps are
 * not rounded any more and not cut off where the bytes end, except at zero: there quantizers leave a Relu to the bytes.
 */
export function withoutBytes(graph: Graph, opset: number): void {
  rewriteGraph(graph, opset, (node, surroundings) => RULES[node.opType]?.(node, surroundings));
}

function quantized({ input: [x, , zero] }: Node, { builder, producerOf, weightOf }: Surroundings): Value {
  const beginsAtZero = isLeast(zero ? weightOf(zero) : NO_ZERO);
  const isPositive = POSITIVE.has(producerOf(x)?.opType ?? '');
  return builder.op(beginsAtZero && !isPositive ? 'Relu' : 'Identity', [x]);
}

/** Maps only: weights are packed by nobody, and made floats where the network is settled. */
function dequantized({ input: [packed] }: Node, { builder, producerOf }: Surroundings): Value | undefined {
  return producerOf(packed) === undefined ? undefined : builder.op('Identity', [packed]);
}

/** Borders of the byte that stands for zero are borders of zeros. */
function padded(node: Node, { builder, producerOf, weightOf }: Surroundings): Value | undefined {
  const [x, pads, value, ...axes] = node.input;
  const fill = value ? weightOf(value) : undefined;
  if (fill === undefined || !isByte(fill)) return undefined;
  let maker = producerOf(x);
  while (maker !== undefined && maker.opType !== 'QuantizeLinear') maker = producerOf(maker.input[0]);
  const zero = maker?.input[2] ? weightOf(maker.input[2]) : NO_ZERO;
  if (zero === undefined || byteOf(fill) !== byteOf(zero)) return undefined;
  return builder.copy('Pad', [x, pads, ...(axes.length > 0 ? ['', ...axes] : [])], node.attribute);
}

const RULES: Readonly<Record<string, Rule>> = {
  QuantizeLinear: quantized,
  DequantizeLinear: dequantized,
  Pad: padded,
};

/** What ONNX takes for a zero point that is left out. */
const NO_ZERO: TensorProto = { dims: [], dataType: DATA_TYPE.uint8, rawData: Uint8Array.of(0) };

const isByte = ({ dataType }: TensorProto): boolean =>
  dataType === DATA_TYPE.uint8 || dataType === DATA_TYPE.int8;

/** Of one byte, as it is stored. */
const byteOf = ({ rawData, int32Data }: TensorProto): number | undefined =>
  rawData?.length ? rawData[0] : int32Data?.length ? int32Data[0] & 0xff : undefined;

const isLeast = (zero: TensorProto | undefined): boolean =>
  zero !== undefined && byteOf(zero) === (zero.dataType === DATA_TYPE.int8 ? 0x80 : 0);
