// What every reader of checkpoint files makes of its file: named tensors, whose numbers stay on disk until they are asked for.

import type { ElementType } from './elements.js';

/** How the numbers were packed by the program that saved them. */
export type CheckpointFormat = 'pytorch' | 'pytorch-legacy' | 'safetensors' | 'mindspore' | 'raw-folder';

/** One tensor of a checkpoint. Its shape and type are known, and were checked against the bytes that the file has for it. */
export interface StoredTensor {
  readonly dims: readonly number[];
  /** `other`: elements that nigaoe cannot read, such as float8; `read` refuses them by name. */
  readonly type: ElementType | 'other';
  /** The numbers as float32, row-major, whatever their type in the file. Throws `model-corrupt` where the disk fails. */
  read(): Promise<Float32Array>;
}

/** Named tensors by their key, in the order of the file. */
export type StoredTensors = ReadonlyMap<string, StoredTensor>;

/** An open checkpoint: it holds a file open, until `close`. */
export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly tensors: StoredTensors;
  /** What the file says of itself in words (safetensors' `__metadata__`); empty where it says nothing. */
  readonly metadata: Readonly<Record<string, string>>;
  close(): Promise<void>;
}
