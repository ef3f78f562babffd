// A tensor as a view of a storage: its place is checked when the file is opened, and its numbers are gathered when asked for.

import { sizeOf } from '../../../tensor.js';
import { type ByteSource, corrupt } from '../bytes.js';
import type { StoredTensor } from '../checkpoint.js';
import { ELEMENT_BYTES, type ElementType } from '../elements.js';
import { checkDims, opaqueTensor, readNumbers, shown } from '../numbers.js';
import { refused } from './pickle/refusal.js';
import type { StorageBytes } from './storage-bytes.js';
import type { PickledTensor } from './tensor.js';

/** Elements of a tensor that shows the same numbers again and again, as torch's `expand` makes it. */
const MOST_REPEATED = 2 ** 20;
/** Elements that may be read for each one that is wanted, where the wanted ones lie apart; small storages are read whole. */
const MOST_SPREAD = 16;
const SMALL_STORAGE = 2 ** 24;

/** Checks a tensor against the bytes of its storage. Throws `model-corrupt`, or `model-unsupported` for a blown-up view. */
export function viewTensor(
  name: string,
  key: string,
  { tensor, storage }: { tensor: PickledTensor; storage: StorageBytes },
): StoredTensor {
  const { dims, type } = tensor;
  checkStorage(name, key, { tensor, storage });
  const reach = checkedReach(name, key, tensor);
  if ((tensor.offset + reach) * type.bytes > tensor.storage.elements * tensor.storage.type.bytes)
    throw corrupt(name, `${shown(key)} goes beyond its storage of ${tensor.storage.elements} elements`);
  if (type.type === undefined) return opaqueTensor(name, { key, dims, type: type.name, places: [] });
  const view = { ...tensor, key, type: type.type, reach };
  return { dims, type: view.type, read: async () => readView(await storage.open(), name, view) };
}

interface View {
  key: string;
  type: ElementType;
  offset: number;
  dims: readonly number[];
  strides: readonly number[];
  /** Elements from the first to the last, both included. */
  reach: number;
}

function checkStorage(
  name: string,
  key: string,
  { tensor, storage }: { tensor: PickledTensor; storage: StorageBytes },
): void {
  const { elements, type } = tensor.storage;
  if (elements * type.bytes <= storage.size) return;
  throw corrupt(name, `the storage of ${shown(key)} has ${storage.size} bytes, not ${elements} elements`);
}

/** The elements from the first to the last; nought for a tensor without elements. */
function checkedReach(name: string, key: string, { dims, strides }: PickledTensor): number {
  checkDims(name, { key, dims });
  checkDims(name, { key, dims: strides });
  const count = sizeOf(dims);
  if (strides.length !== dims.length || !Number.isSafeInteger(count))
    throw corrupt(
      name,
      `the shape [${dims.join(', ')}] with the strides [${strides.join(', ')}] is no shape`,
    );
  if (count === 0) return 0;
  const reach = dims.reduce((last, dim, axis) => last + (dim - 1) * strides[axis], 1);
  if (count > reach && count > MOST_REPEATED)
    throw refused(name, `${shown(key)} shows ${reach} numbers ${count} times`, CONTIGUOUS);
  return reach;
}
const CONTIGUOUS = 'Save the tensor as tensor.contiguous() where it was made.';

async function readView(source: ByteSource, name: string, view: View): Promise<Float32Array> {
  const { key, type, offset, dims, strides, reach } = view;
  const count = sizeOf(dims);
  if (reach > SMALL_STORAGE && reach > MOST_SPREAD * count)
    throw refused(name, `the ${count} numbers of ${shown(key)} lie scattered over ${reach}`, CONTIGUOUS);
  const places = [{ offset: offset * ELEMENT_BYTES[type], length: reach * ELEMENT_BYTES[type] }];
  const numbers = await readNumbers(source, { key, dims: [reach], type, places });
  return isRowMajor(dims, strides) ? numbers : gathered(numbers, dims, strides);
}

function isRowMajor(dims: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (dims[axis] !== 1 && strides[axis] !== step) return false;
    step *= dims[axis];
  }
  return true;
}

/** The numbers in the order of the axes. */
function gathered(
  numbers: Float32Array,
  dims: readonly number[],
  strides: readonly number[],
): Float32Array<ArrayBuffer> {
  const ordered = new Float32Array(sizeOf(dims));
  let done = 0;
  const fill = (axis: number, from: number): void => {
    const [dim, stride] = [dims[axis], strides[axis]];
    if (axis === dims.length - 1) for (let i = 0; i < dim; i++) ordered[done++] = numbers[from + i * stride];
    else for (let i = 0; i < dim; i++) fill(axis + 1, from + i * stride);
  };
  if (ordered.length > 0) fill(0, 0);
  return ordered;
}
