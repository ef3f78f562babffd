// The globals that a checkpoint of torch may ask for, all of them as data. What is not in this table is refused.

import { Builder, Bystander, type Caller, PickleTuple } from './pickle/values.js';
import { TENSOR_BUILDERS } from './tensor.js';
import { TORCH_TYPES } from './types.js';

/** Called or not, nothing that nigaoe reads is made of them: they stand beside the weights in checkpoints of a training. */
const BYSTANDERS: readonly string[] = [
  '_codecs.encode',
  'argparse.Namespace',
  'types.SimpleNamespace',
  'pathlib.Path',
  'pathlib.PosixPath',
  'pathlib.PurePosixPath',
  'pathlib.PureWindowsPath',
  'pathlib.WindowsPath',
  ...['bool', 'bytearray', 'bytes', 'complex', 'dict', 'float', 'frozenset', 'int'].map(builtin),
  ...['list', 'object', 'range', 'set', 'slice', 'str', 'tuple'].map(builtin),
  'numpy.dtype',
  'numpy.ndarray',
  // NumPy 2 has moved them.
  ...['numpy.core', 'numpy._core'].flatMap((core) => [
    `${core}.multiarray.scalar`,
    `${core}.multiarray._reconstruct`,
    `${core}.numeric._frombuffer`,
  ]),
  'torch.device',
  // Named as the class of a tensor, not called.
  'torch.Tensor',
  'torch.nn.parameter.Buffer',
  'torch.nn.parameter.Parameter',
];

const BUILDERS: readonly Builder[] = [
  ...TENSOR_BUILDERS,
  ...BYSTANDERS.map((name) => new Builder(name, () => new Bystander(name))),
  new Builder('torch.Size', ([sizes]) => (sizes instanceof PickleTuple ? sizes : new PickleTuple([]))),
  new Builder('collections.OrderedDict', dictFrom),
  new Builder('collections.Counter', dictFrom),
  new Builder('collections.defaultdict', ([, ...rest], caller) => dictFrom(rest, caller)),
];

/** What the globals stand for, by their names. */
export const TORCH_GLOBALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...TORCH_TYPES,
  ...BUILDERS.map((builder): [string, unknown] => [builder.name, builder]),
]);

/** A dict of nothing, of another dict, or of a list of pairs as Python 2 wrote it. */
function dictFrom([given]: readonly unknown[], caller: Caller): Map<unknown, unknown> {
  if (given === undefined) return new Map();
  if (given instanceof Map || Array.isArray(given)) {
    caller.charge(given instanceof Map ? given.size : given.length);
    return new Map(given instanceof Map ? given : given.map((pair) => pairFrom(pair, caller)));
  }
  throw caller.fault('a dict is made of what is none');
}

function pairFrom(pair: unknown, caller: Caller): [unknown, unknown] {
  const items: unknown = pair instanceof PickleTuple ? pair.items : pair;
  if (!Array.isArray(items) || items.length !== 2) throw caller.fault('a dict is made of what are no pairs');
  return [items[0], items[1]];
}

function builtin(name: string): string {
  return `builtins.${name}`;
}
