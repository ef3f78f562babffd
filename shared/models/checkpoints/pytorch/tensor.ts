// Tensors as a pickle of torch describes them: a view of a storage, whose bytes lie elsewhere in the file.

import { MOST_AXES } from '../numbers.js';
import { Builder, type Caller, PickleTuple } from './pickle/values.js';
import { TorchType } from './types.js';

/** A storage as a persistent id names it. */
export class StorageRef {
  constructor(
    readonly key: string,
    readonly type: TorchType,
    /** Elements of the whole storage. */
    readonly elements: number,
    /** Where the part begins that tensors of this id see, in elements: the older format has such parts. */
    readonly first: number,
  ) {}
}

/** A tensor as it is described; nothing of it has been checked against the file. */
export class PickledTensor {
  constructor(
    readonly storage: StorageRef,
    readonly type: TorchType,
    /** In elements of `type`, from the beginning of the storage. */
    readonly offset: number,
    readonly dims: readonly number[],
    /** Elements from one place of an axis to the next. */
    readonly strides: readonly number[],
  ) {}
}

/** What a persistent id names: ('storage', type, key, device, elements[, part]); undefined where it is none. */
export function storageFrom(id: unknown): StorageRef | undefined {
  const [kind, type, key, , elements, part] = id instanceof PickleTuple ? id.items : [];
  // A part is (key, first element, elements).
  const first = part instanceof PickleTuple ? part.items[1] : 0;
  const isNamed = kind === 'storage' && type instanceof TorchType && typeof key === 'string';
  return isNamed && isCount(elements) && isCount(first)
    ? new StorageRef(key, type, elements, first)
    : undefined;
}

/** (storage, offset, dims, strides[, needs gradient, hooks, flags]) */
function rebuildTensor(args: readonly unknown[], caller: Caller): PickledTensor {
  const [storage, offset, dims, strides, , , flags] = args;
  if (!(storage instanceof StorageRef) || !isCount(offset)) throw caller.fault('a tensor has no storage');
  // Numbers to be negated when they are read: torch writes no other flag for real numbers.
  if (flags instanceof Map && flags.size > 0) throw caller.refuse('a tensor with flags');
  const [sizes, steps] = [axesFrom(dims, caller), axesFrom(strides, caller)];
  return new PickledTensor(storage, storage.type, storage.first + offset, sizes, steps);
}

/** (storage of bytes, offset, dims, strides, needs gradient, hooks, dtype[, flags]) */
function rebuildTyped(args: readonly unknown[], caller: Caller): PickledTensor {
  const [type, flags] = args.slice(6);
  const tensor = rebuildTensor([...args.slice(0, 6), flags], caller);
  if (!(type instanceof TorchType)) throw caller.fault('a tensor has no type');
  return new PickledTensor(tensor.storage, type, tensor.offset, tensor.dims, tensor.strides);
}

/** (tensor, ...) */
function rebuildParameter([tensor]: readonly unknown[], caller: Caller): PickledTensor {
  if (!(tensor instanceof PickledTensor)) throw caller.fault('a parameter has no tensor');
  return tensor;
}

const OF_PLAIN_CLASS: readonly Builder[] = [
  new Builder('torch._utils._rebuild_tensor', rebuildTensor),
  new Builder('torch._utils._rebuild_tensor_v2', rebuildTensor),
  new Builder('torch._utils._rebuild_tensor_v3', rebuildTyped),
  new Builder('torch._utils._rebuild_parameter', rebuildParameter),
  new Builder('torch._utils._rebuild_parameter_with_state', rebuildParameter),
];

/** (function, class, arguments, attributes): a tensor that Python gave attributes, which are left out. */
function rebuildOfClass([builder, , args]: readonly unknown[], caller: Caller): unknown {
  // Not this function itself: nested calls of it could be as deep as the file is long.
  const known = OF_PLAIN_CLASS.find((each) => each === builder);
  if (known === undefined || !(args instanceof PickleTuple)) throw caller.fault('a tensor has no function');
  return known.build(args.items, caller);
}

/** The functions of torch that make a tensor. */
export const TENSOR_BUILDERS: readonly Builder[] = [
  ...OF_PLAIN_CLASS,
  new Builder('torch._tensor._rebuild_from_type_v2', rebuildOfClass),
  new Builder('torch._tensor._rebuild_from_type', rebuildOfClass),
  new Builder('torch.tensor._rebuild_from_type', rebuildOfClass),
];

function axesFrom(value: unknown, caller: Caller): number[] {
  const items = value instanceof PickleTuple ? value.items : undefined;
  if (items === undefined || items.length > MOST_AXES || !items.every(isNumber))
    throw caller.fault('a tensor has no shape');
  return [...items];
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

const isCount = (value: unknown): value is number =>
  isNumber(value) && Number.isSafeInteger(value) && value >= 0;
