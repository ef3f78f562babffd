// LoRAs on a network in memory: merged into its weights, or kept beside them (Hu et al. 2022, section 4.1: both draw the same).

import type { Tensor } from '../../tensor.js';
import { isExternal } from '../onnx/external.js';
import { DATA_TYPE, type Node, type OnnxModel, type TensorProto } from '../onnx/file.js';
import { float32ToFloat16, floatsOf, floatTensor } from '../onnx/tensor-proto.js';
import type { LoraModule } from './delta.js';
import { fitLoras, type LoraUse } from './fit.js';
import { changedBy, checkFloat, type MergeReport } from './merge.js';
import type { ModuleWeight } from './modules.js';

/** Adds the changes to the weights, in place; `source` names the network. Throws what `fitLoras` throws. */
export function mergeInside(model: OnnxModel, uses: readonly LoraUse[], source: string): MergeReport {
  const { changed, unmatched } = fitLoras(model, uses, source);
  for (const [name, module] of changed) mergeOne(name, module, uses);
  return { merged: changed.length, unmatched };
}

function mergeOne(name: string, module: ModuleWeight, uses: readonly LoraUse[]): void {
  const { weight } = module;
  if (isExternal(weight)) throw new Error(`internal: the weight of ${name} lies in another file`);
  checkFloat(weight);
  const after = changedBy(floatsOf(weight), { name, module, uses });
  const isHalf = weight.dataType === DATA_TYPE.float16;
  const numbers = isHalf ? float32ToFloat16(after) : after;
  weight.rawData = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  weight.floatData = [];
}

/**
 * Adds the changes to what the maps make, in place: their weights stay as they are. What is no product of two matrices, or
 * lies beside float16 weights, is merged. Throws what `fitLoras` throws.
 */
export function keepBeside(model: OnnxModel, uses: readonly LoraUse[], source: string): MergeReport {
  const { changed, unmatched } = fitLoras(model, uses, source);
  for (const [name, module] of changed) {
    const own = uses.filter(({ modules }) => modules.has(name));
    const others = own.filter((use) => !isThin(use.modules.get(name), module));
    if (others.length > 0) mergeOne(name, module, others);
    for (const use of own.filter((each) => !others.includes(each))) putBeside(model, name, { module, use });
  }
  return { merged: changed.length, unmatched };
}

const isThin = (change: LoraModule | undefined, { weight }: ModuleWeight): boolean =>
  change?.down !== undefined && change.mid === undefined && weight.dataType === DATA_TYPE.float32;

/** y becomes y + up (down x): two ops of the map's own kind, and a sum under the name that the others know. */
function putBeside(
  { graph }: OnnxModel,
  name: string,
  { module, use }: { module: ModuleWeight; use: LoraUse },
): void {
  const { node } = module;
  const { down, up, alpha } = use.modules.get(name) as Required<LoraModule>;
  const [output] = node.output;
  const part = (of: string) => `${output} ${use.name} ${of}`;
  const factor = (use.strength * (alpha?.data[0] ?? down.dims[0])) / down.dims[0];
  const scaled = { dims: up.dims, data: up.data.map((value) => value * factor) };
  const isConv = node.opType === 'Conv';
  graph.initializer.push(
    ...(isConv
      ? [
          weightOf(part('kernel'), down),
          weightOf(part('channels'), { ...scaled, dims: [...scaled.dims.slice(0, 2), 1, 1] }),
        ]
      : [turned(part('kernel'), down), turned(part('channels'), scaled)]),
  );
  const opType = isConv ? 'Conv' : 'MatMul';
  const op = (kind: string, input: string[], made: string, attribute: Node['attribute'] = []): Node => ({
    ...{ name: made, opType: kind, input, output: [made], attribute },
  });
  node.output = [part('alone'), ...node.output.slice(1)];
  graph.node.splice(
    ...([graph.node.indexOf(node) + 1, 0] as const),
    op(opType, [node.input[0], part('kernel')], part('down'), isConv ? node.attribute : []),
    op(opType, [part('down'), part('channels')], part('up')),
    { ...op('Add', [part('alone'), part('up')], output), name: part('sum') },
  );
}

const weightOf = (name: string, { dims, data }: Tensor): TensorProto => floatTensor(dims, data, name);

/** [rows, columns] as [columns, rows], which MatMul takes. */
function turned(name: string, { dims: [rows], data }: Tensor): TensorProto {
  const columns = data.length / rows;
  const numbers = Float32Array.from(data, (_, at) => data[(at % rows) * columns + Math.floor(at / rows)]);
  return floatTensor([columns, rows], numbers, name);
}
