// What an ONNX model is made of: ports, parameters, operators.

import { inputsOf } from '../../models/imports/ports.js';
import {
  DATA_TYPE,
  graphsOf,
  type OnnxModel,
  type TensorProto,
  type ValueInfo,
} from '../../models/onnx/file.js';
import { grouped } from './figures.js';
import { rowLines } from './rows.js';

/** An input or output; a dim is a number, or a name where it is free. */
interface PortShape {
  name: string;
  type: string;
  dims: (number | string)[];
}

interface Anatomy {
  inputs: PortShape[];
  outputs: PortShape[];
  /** Floating-point numbers in the weights: the shapes and indices beside them are none of it. */
  parameters: number;
  /** The same by element type. */
  parametersByType: Record<string, number>;
  /** Nodes per operator, most frequent first. */
  operators: Record<string, number>;
  opset: number | undefined;
  producer: string | undefined;
}

/** TensorProto.DataType of bfloat16, of which nigaoe knows no more than the number. */
const BFLOAT16 = 16;

/** Takes a model apart; graphs inside of operators count too. */
export function anatomyOf(model: OnnxModel): Anatomy {
  const { graph, opsetImport, producerName } = model;
  const graphs = [...graphsOf(graph)];
  const weights = graphs.flatMap(({ initializer, node }) => [...initializer, ...constantsOf(node)]);
  const floats = weights.filter(({ dataType }) => FLOATS.includes(dataType));
  const parametersByType = tally(floats.map((weight) => [typeName(weight.dataType), elements(weight)]));
  const operators = tally(
    graphs.flatMap(({ node }) => node.map(({ opType }): [string, number] => [opType, 1])),
  );
  return {
    inputs: inputsOf(graph).map(portOf),
    outputs: graph.output.map(portOf),
    parameters: Object.values(parametersByType).reduce((sum, number) => sum + number, 0),
    parametersByType,
    operators,
    opset: opsetImport.find(({ domain }) => domain === '' || domain === undefined)?.version,
    producer: producerName,
  };
}

/** The same for people. */
export function anatomyLines(anatomy: Anatomy): string[] {
  const { inputs, outputs, parameters, parametersByType, operators, opset, producer } = anatomy;
  const ports = (shapes: readonly PortShape[]) =>
    shapes.map(({ name, type, dims }) => `${name} ${type} ${dims.join('x')}`).join(', ');
  const types = Object.entries(parametersByType);
  const numbers = types.map(([type, number]) => `${grouped(types.length > 1 ? number : parameters)} ${type}`);
  const nodes = Object.entries(operators).map(([operator, times]) => `${operator} ${times}`);
  return rowLines([
    ['inputs', ports(inputs)],
    ['outputs', ports(outputs)],
    ['parameters', numbers.join(', ') || '0'],
    ['operators', nodes.join(', ')],
    ['opset', opset === undefined ? undefined : String(opset)],
    ['producer', producer],
  ]);
}

const FLOATS: readonly number[] = [DATA_TYPE.float32, DATA_TYPE.float16, DATA_TYPE.float64, BFLOAT16];

function constantsOf(nodes: OnnxModel['graph']['node']): TensorProto[] {
  const constants = nodes.filter(({ opType }) => opType === 'Constant');
  return constants.flatMap(({ attribute }) => attribute.flatMap(({ t }) => (t ? [t] : [])));
}

function elements({ dims }: TensorProto): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

function portOf({ name, type }: ValueInfo): PortShape {
  const tensor = type?.tensorType;
  const dims = (tensor?.shape?.dim ?? []).map(({ dimValue, dimParam }) => dimParam || (dimValue ?? '?'));
  return { name, type: typeName(tensor?.elemType ?? 0), dims };
}

function typeName(code: number): string {
  return Object.entries(DATA_TYPE).find(([, value]) => value === code)?.[0] ?? `type ${code}`;
}

function tally(counted: readonly (readonly [string, number])[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [name, number] of counted) sums.set(name, (sums.get(name) ?? 0) + number);
  return Object.fromEntries([...sums].sort((a, b) => b[1] - a[1]));
}
