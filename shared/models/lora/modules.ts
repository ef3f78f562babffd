// Which weights of an exported network belong to which of its modules: by their names, or by the names of the nodes that use them
// where the exporter took theirs away.

import type { Node, OnnxModel, TensorProto } from '../onnx/file.js';
import { flatModule } from './names.js';

/** The weight of a module in a graph. */
export interface ModuleWeight {
  weight: TensorProto;
  /** Whether it lies there as [in, out]: exporters turn the maps that become MatMul. */
  isTurned: boolean;
  /** Whether other modules use the same numbers, so that they cannot be changed for one. */
  isShared: boolean;
  /** What it is multiplied in. */
  node: Node;
}

type Found = Pick<ModuleWeight, 'weight' | 'isTurned'>;

/** Every Conv, Gemm and MatMul over constant weights, by its flat module path. */
export function modulesOf({ graph }: OnnxModel): Map<string, ModuleWeight> {
  const weights = new Map(graph.initializer.map((weight) => [weight.name ?? '', weight]));
  const origins = new Map(
    graph.node
      .filter((node) => node.opType === 'Identity' || isTurning(node))
      .map((node) => [node.output[0], node]),
  );
  const weightOf = (name: string, isTurned = false): Found | undefined => {
    const [weight, origin] = [weights.get(name), origins.get(name)];
    if (weight !== undefined) return { weight, isTurned };
    return origin && weightOf(origin.input[0], isTurned !== (origin.opType === 'Transpose'));
  };
  const modules = new Map<string, ModuleWeight>();
  const users = new Map<TensorProto, number>();
  for (const node of graph.node.filter(({ opType }) => KINDS.has(opType))) {
    const found = weightOf(node.input[1]);
    const path = found && modulePath(node, found.weight);
    if (found === undefined || path === undefined) continue;
    const { weight } = found;
    // One that lies as [out, in] and is turned on its way lies as it should.
    const isOther = isTurned(node) !== found.isTurned;
    users.set(weight, (users.get(weight) ?? 0) + 1);
    modules.set(flatModule(path), { weight, isTurned: isOther, isShared: false, node });
  }
  for (const module of modules.values()) module.isShared = (users.get(module.weight) ?? 0) > 1;
  return modules;
}

/** A map's weight, rows for columns. */
const isTurning = ({ opType, attribute }: Node): boolean =>
  opType === 'Transpose' && attribute.find(({ name }) => name === 'perm')?.ints?.join() === '1,0';

const KINDS = new Set(['Conv', 'Gemm', 'MatMul']);

/** Gemm says by an attribute whether its weight is [out, in]; MatMul always takes [in, out]. */
function isTurned({ opType, attribute }: Node): boolean {
  if (opType === 'Gemm') return attribute.find(({ name }) => name === 'transB')?.i !== 1;
  return opType === 'MatMul';
}

/** `down_blocks.0.attentions.0.proj_in` of the weight's own name, of the node's (TorchScript) or of its scopes (dynamo). */
function modulePath({ name = '', metadataProps }: Node, weight: TensorProto): string | undefined {
  const own = weight.name ?? '';
  if (own.endsWith('.weight')) return own.slice(0, -'.weight'.length);
  if (name.startsWith('/')) return name.slice(1).split('/').slice(0, -1).join('.');
  const scopes = metadataProps?.find(({ key }) => key === 'pkg.torch.onnx.name_scopes')?.value;
  // A list as Python writes it; the last entry is the operation itself.
  return scopes && [...scopes.matchAll(/'([^']*)'/g)].at(-2)?.[1];
}
