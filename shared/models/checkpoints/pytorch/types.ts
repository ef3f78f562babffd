// Element types as torch names them: its storage classes and its dtypes.

import { ELEMENT_BYTES, type ElementType } from '../elements.js';

/** What the elements of a storage are. */
export class TorchType {
  constructor(
    /** torch's own name, such as `FloatStorage` or `float32`. */
    readonly name: string,
    /** Per element. */
    readonly bytes: number,
    /** Undefined for what nigaoe cannot turn into float32, such as complex numbers. */
    readonly type?: ElementType,
  ) {}
}

const STORAGES: Readonly<Record<string, ElementType>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

const DTYPES: Readonly<Record<string, ElementType>> = {
  float64: 'float64',
  double: 'float64',
  float32: 'float32',
  float: 'float32',
  float16: 'float16',
  half: 'float16',
  bfloat16: 'bfloat16',
  int64: 'int64',
  long: 'int64',
  int32: 'int32',
  int: 'int32',
  int16: 'int16',
  short: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  bool: 'bool',
};

/** Types that pass for bytes: they may lie in a file, and are refused when their numbers are asked for. */
const UNREADABLE: Readonly<Record<string, number>> = {
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
  complex32: 4,
  complex64: 8,
  complex128: 16,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float8_e4m3fn: 1,
  float8_e5m2: 1,
};

/** The bytes of a storage whose tensors say their types themselves. */
const UNTYPED = ['torch.UntypedStorage', 'torch.storage.UntypedStorage', 'torch.storage._UntypedStorage'];

/** Every type by the global that names it in a pickle. */
export const TORCH_TYPES: ReadonlyMap<string, TorchType> = new Map([
  ...rows(STORAGES, 'torch.'),
  // Checkpoints of old versions that were saved from a GPU.
  ...rows(STORAGES, 'torch.cuda.'),
  ...rows(DTYPES, 'torch.'),
  ...Object.entries(UNREADABLE).map(([name, bytes]) => row(`torch.${name}`, new TorchType(name, bytes))),
  ...UNTYPED.map((global) => row(global, new TorchType('UntypedStorage', 1, 'uint8'))),
]);

function rows(types: Readonly<Record<string, ElementType>>, module: string): [string, TorchType][] {
  return Object.entries(types).map(([name, type]) =>
    row(module + name, new TorchType(name, ELEMENT_BYTES[type], type)),
  );
}

function row(global: string, type: TorchType): [string, TorchType] {
  return [global, type];
}
