// Looks at the feature maps of a network while it draws: which numbers come in them.

import { throwIfCancelled } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { DATA_TYPE, type OnnxModel } from '../onnx/file.js';
import { openSession } from '../session.js';
import { Histogram } from './histogram.js';

export interface Watch {
  name: string;
  /** Packed as the network takes them; small, for all watched maps of one picture are in memory at once. */
  pictures: readonly Tensor[];
  signal?: AbortSignal | undefined;
  /** Hears how many pictures are drawn. */
  onDrawn?: ((done: number) => void) | undefined;
}

/** Histograms of these values, inputs of the graph among them, over all pictures. */
export async function observe(
  model: OnnxModel,
  values: readonly string[],
  { name, pictures, signal, onDrawn }: Watch,
): Promise<ReadonlyMap<string, Histogram>> {
  const seen = new Map(values.map((value) => [value, new Histogram()] as const));
  const session = await openSession(showing(model, values), { name, device: 'cpu' });
  const [{ name: port }] = session.inputs;
  try {
    for (const [index, picture] of pictures.entries()) {
      throwIfCancelled(signal);
      const shown = { ...(await session.run({ [port]: picture })), [port]: picture };
      for (const [value, histogram] of seen) histogram.add(shown[value].data);
      onDrawn?.(index + 1);
    }
  } finally {
    await session.close();
  }
  return seen;
}

/** A copy of the model whose outputs are these values. */
function showing(model: OnnxModel, values: readonly string[]): OnnxModel {
  const inputs = new Set(model.graph.input.map(({ name }) => name));
  const type = { tensorType: { elemType: DATA_TYPE.float32 } };
  const output = values.filter((value) => !inputs.has(value)).map((value) => ({ name: value, type }));
  return { ...model, graph: { ...model.graph, output } };
}
