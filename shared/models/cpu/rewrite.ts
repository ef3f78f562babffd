// Rewriting a graph node by node: what a rule replaces is built anew, what nobody reads any more is left out.

import { GraphBuilder, type Value } from '../onnx/builder.js';
import type { Graph, Node, TensorProto } from '../onnx/file.js';

/** What a rule sees of the graph. */
export interface Surroundings {
  /** Where the replacement is built. */
  builder: GraphBuilder;
  /** Version of the operator set, which says how some operators take their axes. */
  opset: number;
  /** The node that makes a value; undefined for inputs and weights. */
  producerOf(value: Value): Node | undefined;
  /** The weight of that name; undefined for what is computed. */
  weightOf(value: Value): TensorProto | undefined;
}

/** The value that replaces the node's first output, or undefined where the rule does not apply. */
export type Rule = (node: Node, surroundings: Surroundings) => Value | undefined;

/** A mean, a maximum or the like over axes, which are an input from opset 18 on and an attribute before. */
export function reduced(
  { builder, opset }: Pick<Surroundings, 'builder' | 'opset'>,
  opType: 'ReduceMean' | 'ReduceMax',
  value: Value,
  { axes, keepdims }: { axes: readonly number[]; keepdims: 0 | 1 },
): Value {
  return opset >= 18
    ? builder.op(opType, [value, builder.ints(axes)], { keepdims })
    : builder.op(opType, [value], { axes, keepdims });
}

/** Applies the rule to every node of the graph, in place, and says how often; the names of inputs and outputs stay. */
export function rewriteGraph(graph: Graph, opset: number, rule: Rule): number {
  const producers = producersOf(graph);
  const weights = new Map(graph.initializer.map((weight) => [weight.name ?? '', weight] as const));
  const builder = new GraphBuilder(graph);
  const old = graph.node;
  graph.node = [];
  const surroundings: Surroundings = {
    builder,
    opset,
    producerOf: (value) => producers.get(value),
    weightOf: (value) => weights.get(value),
  };
  let replaced = 0;
  for (const node of old) {
    const replacement = rule(node, surroundings);
    graph.node.push(replacement === undefined ? node : renamed(replacement, node));
    if (replacement !== undefined) replaced++;
  }
  prune(graph);
  return replaced;
}

const renamed = (value: Value, { output }: Node): Node => ({
  opType: 'Identity',
  input: [value],
  output: [output[0]],
  attribute: [],
});

/** Leaves out the nodes and weights that lead to no output: onnxruntime would still compute them. */
export function prune(graph: Graph): void {
  const makers = producersOf(graph);
  // Walked from the outputs, because published files do not always list their nodes in the order of the data.
  const wanted = new Set(graph.output.map(({ name }) => name));
  for (const value of wanted) {
    const node = makers.get(value);
    for (const read of node ? [...node.input, ...capturedBy(node)] : []) wanted.add(read);
  }
  graph.node = graph.node.filter(({ output }) => output.some((value) => wanted.has(value)));
  const dropped = new Set(
    graph.initializer.map(({ name }) => name).filter((name) => !wanted.has(name ?? '')),
  );
  graph.initializer = graph.initializer.filter(({ name }) => !dropped.has(name));
  // Old exporters list the weights among the inputs: without its weight, such an input would have to be fed.
  graph.input = graph.input.filter(({ name }) => !dropped.has(name));
}

const producersOf = ({ node }: Graph): Map<Value, Node> =>
  new Map(node.flatMap((maker) => maker.output.map((value) => [value, maker] as const)));

/** Values of the outer graph that the bodies of If, Loop and Scan read. */
export function capturedBy({ attribute }: Node): Value[] {
  const bodies = attribute.flatMap(({ g, graphs = [] }) => (g ? [g] : graphs));
  return bodies.flatMap(({ node, output }) => [
    ...output.map(({ name }) => name),
    ...node.flatMap((inner) => [...inner.input, ...capturedBy(inner)]),
  ]);
}
