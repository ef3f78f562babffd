// Graphs: values that know how they come about. Nothing is computed here.

import type { Node, OpAttributes, OpKind } from './ops.js';
import { type Shapeless, shapeRules } from './shapes.js';

/** Makes a node; throws where its inputs do not fit. */
export function node<Kind extends OpKind>(
  kind: Kind,
  inputs: readonly Node[],
  attributes: OpAttributes[Kind],
): Node<Kind> {
  const shapeless: Shapeless<Kind> = { kind, inputs, attributes };
  return { ...shapeless, dims: shapeRules[kind](shapeless) };
}

/** All nodes that these need, each once and after its inputs. Deep graphs are walked without recursion. */
export function inOrder(ends: readonly Node[]): Node[] {
  const order = new Set<Node>();
  const open = [...ends].reverse();
  while (open.length > 0) {
    const next = open[open.length - 1];
    const missing = order.has(next) ? [] : next.inputs.filter((input) => !order.has(input));
    if (missing.length > 0) open.push(...missing);
    else order.add(open.pop() as Node);
  }
  return [...order];
}
