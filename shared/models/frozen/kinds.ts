// What every value of a network is of: its weights, the size of the picture, the whole picture, or a place of it.

import { capturedBy } from '../cpu/rewrite.js';
import { inputsOf } from '../imports/ports.js';
import type { Graph, Node } from '../onnx/file.js';
import { isPlane, type Planes } from './planes.js';

/**
 * still: computed from weights alone. sized: from the size of the picture. measured: from its pixels, and not larger for larger
 * ones: a mean, a deviation. placed: an element for every place.
 */
export type Kind = 'still' | 'sized' | 'measured' | 'placed';

export type Kinds = ReadonlyMap<string, Kind>;

/** Operators that look at the size of their input only. */
const OF_SIZE: ReadonlySet<string> = new Set(['Shape', 'Size']);

/** The kinds of all computed values and of the input; weights are not among them. The nodes must lie in the order of the data. */
export function kindsOf(graph: Graph, planes: Planes): Kinds {
  const kinds = new Map<string, Kind>(inputsOf(graph).map(({ name }) => [name, 'placed']));
  for (const node of graph.node)
    for (const value of node.output) if (value !== '') kinds.set(value, kindOf(node, value, kinds, planes));
  return kinds;
}

function kindOf(node: Node, value: string, kinds: Kinds, planes: Planes): Kind {
  // The bodies of If, Loop and Scan read what they are not handed.
  const read = [...node.input, ...capturedBy(node)].map((input) => kinds.get(input) ?? 'still');
  if (OF_SIZE.has(node.opType)) return isPlane(planes, node.input[0]) ? 'sized' : 'still';
  if (read.includes('placed') || read.includes('measured'))
    return isPlane(planes, value) ? 'placed' : 'measured';
  return read.includes('sized') ? 'sized' : 'still';
}
