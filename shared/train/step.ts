// A training step: what a graph reports and what it renews, as one ONNX model that is run again and again.

import type { OnnxModel } from '../models/onnx/file.js';
import { openSession, type SessionOptions } from '../models/session.js';
import { sizeOf, type Tensor, tensor } from '../tensor.js';
import { inOrder } from './graph.js';
import { emit } from './onnx.js';
import type { Node, Turn } from './ops.js';
import type { State, Weights } from './weights.js';

/** What a step is told beside the state: batches, by the names of the graph's inputs. */
export type Feeds = Readonly<Record<string, Tensor>>;
/** What it says: losses `[]`, drawings, by the names that the graph gives them. */
export type Reports = Record<string, Tensor>;

/** A graph that is ready to run. */
export interface Step {
  readonly model: OnnxModel;
  readonly inputs: readonly Node<'input'>[];
  /** Names of the state that it renews. */
  readonly renews: readonly string[];
}

// An output may not have the name of an input.
const NOW = 'now ';
const NEXT = 'next ';

/** Puts what is reported and what the weights were renewed to into one model. */
export function step(weights: Weights, reports: Readonly<Record<string, Node>>): Step {
  const outputs = Object.fromEntries([
    ...Object.entries(reports).map(([name, value]) => [NOW + name, value] as const),
    ...[...weights.updates].map(([name, next]) => [NEXT + name, next] as const),
  ]);
  const inputs = inOrder(Object.values(outputs)).filter(
    (node): node is Node<'input'> => node.kind === 'input',
  );
  const names = new Set(inputs.map(({ attributes }) => attributes.name));
  if (names.size < inputs.length) throw new Error('internal: two inputs of a step have one name');
  return { model: emit(outputs), inputs, renews: [...weights.updates.keys()] };
}

/** A step on its device. */
export interface Machine {
  readonly device: string;
  readonly deviceReason: string;
  /** Runs the step once and renews the state. Throws `internal` for a feed that is missing. */
  run(state: State, turn: Turn, feeds?: Feeds): Promise<Reports>;
  close(): Promise<void>;
}

export async function openMachine(
  { model, inputs, renews }: Step,
  options: Pick<SessionOptions, 'name' | 'hint' | 'device' | 'requireDevice'>,
): Promise<Machine> {
  const session = await openSession(model, options);
  return {
    ...{ device: session.device, deviceReason: session.deviceReason },
    async run(state, turn, feeds = {}) {
      const given = inputs.map(
        (input) => [input.attributes.name, feed(input, { state, turn, feeds })] as const,
      );
      const results = await session.run(Object.fromEntries(given));
      for (const name of renews) state.set(name, results[NEXT + name]);
      const reports = Object.entries(results).filter(([name]) => name.startsWith(NOW));
      return Object.fromEntries(reports.map(([name, value]) => [name.slice(NOW.length), value]));
    },
    close: () => session.close(),
  };
}

function feed(
  { attributes: { name, dims, fill } }: Node<'input'>,
  { state, turn, feeds }: { state: State; turn: Turn; feeds: Feeds },
): Tensor {
  const value = feeds[name] ?? (fill ? tensor(dims, fill(turn)) : state.get(name));
  if (value === undefined || value.data.length !== sizeOf(dims))
    throw new Error(`internal: expected numbers [${dims.join(', ')}] for the input ${name} of a step`);
  return tensor(dims, value.data);
}
