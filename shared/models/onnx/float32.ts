// Makes float16 models fit for feeding: float32 ports around a float16 inside, or float32 throughout.

import {
  ATTRIBUTE_TYPE,
  attributeOf,
  DATA_TYPE,
  type Graph,
  graphsOf,
  type Node,
  type OnnxModel,
  type TensorProto,
} from './file.js';
import { floatsOf, floatTensor } from './tensor-proto.js';

const { float16, float32 } = DATA_TYPE;

/** Whether any port, weight or attribute of the model is float16. */
export function hasFloat16(model: OnnxModel): boolean {
  return [...graphsOf(model.graph)].some(
    ({ initializer, node, input, output }) =>
      initializer.some(isHalf) ||
      [...input, ...output].some((port) => elemTypeOf(port) === float16) ||
      node.some(speaksHalf),
  );
}

/**
 * Widens the model to float32 throughout, in place: weights (exactly), ports, casts and typed attributes. Casts from
 * float32 to float32 that this leaves behind are removed by onnxruntime's own CastElimination.
 */
export function widenToFloat32(model: OnnxModel): void {
  for (const graph of graphsOf(model.graph)) widenGraph(graph);
}

/**
 * Gives the model float32 ports, in place, with casts behind them: the inside stays float16, which GPUs compute twice as
 * fast. onnxruntime-node cannot feed float16 on Node 24.
 */
export function castFloat16Ports({ graph }: OnnxModel): void {
  for (const port of graph.input.filter((candidate) => elemTypeOf(candidate) === float16)) {
    const inside = `${port.name}.float16`;
    for (const node of graph.node)
      node.input = node.input.map((name) => (name === port.name ? inside : name));
    graph.node.unshift(castNode(port.name, inside, float16));
    port.type!.tensorType!.elemType = float32;
  }
  for (const port of graph.output.filter((candidate) => elemTypeOf(candidate) === float16)) {
    const inside = `${port.name}.float16`;
    const rename = (name: string) => (name === port.name ? inside : name);
    for (const node of graph.node) {
      node.output = node.output.map(rename);
      node.input = node.input.map(rename);
    }
    graph.node.push(castNode(inside, port.name, float32));
    port.type!.tensorType!.elemType = float32;
  }
}

const castNode = (from: string, to: string, dataType: number): Node => ({
  opType: 'Cast',
  input: [from],
  output: [to],
  attribute: [{ name: 'to', type: ATTRIBUTE_TYPE.int, i: dataType }],
});

function widenGraph(graph: Graph): void {
  graph.initializer = graph.initializer.map(widenTensor);
  for (const { type } of [...graph.input, ...graph.output, ...graph.valueInfo])
    if (type?.tensorType?.elemType === float16) type.tensorType.elemType = float32;
  for (const node of graph.node) widenNode(node);
}

function widenNode(node: Node): void {
  for (const attribute of node.attribute) {
    if (attribute.t) attribute.t = widenTensor(attribute.t);
    if (namesType(attribute.name) && attribute.i === float16) attribute.i = float32;
  }
}

const widenTensor = (proto: TensorProto): TensorProto =>
  isHalf(proto) ? floatTensor(proto.dims, floatsOf(proto), proto.name) : proto;

const isHalf = ({ dataType }: TensorProto): boolean => dataType === float16;

const elemTypeOf = ({ type }: Graph['input'][number]): number | undefined => type?.tensorType?.elemType;

const speaksHalf = (node: Node): boolean =>
  node.attribute.some(({ t }) => t !== undefined && isHalf(t)) ||
  ['to', 'dtype'].some((name) => attributeOf(node, name)?.i === float16);

// Cast names its target `to`; RandomNormal, EyeLike and the like name it `dtype`.
const namesType = (name: string): boolean => name === 'to' || name === 'dtype';
