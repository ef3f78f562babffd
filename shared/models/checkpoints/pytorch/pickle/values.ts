// What unpickling makes: plain data. Python's lists are arrays, dicts are Maps, sets are Sets, bytes are Uint8Arrays, None
// is null; an integer is a number where that is exact, otherwise a bigint.

import type { NigaoeError } from '../../../../errors.js';

/** A Python tuple. */
export class PickleTuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** Something that stands beside the weights and that nobody here reads, such as a NumPy number or a folder's name. */
export class Bystander {
  constructor(readonly name: string) {}
}

/** How what is called charges its work, and says what is wrong. */
export interface Caller {
  /** Charges the limits of the pickle for items that are copied. */
  charge(items: number): void;
  /** `model-corrupt`: the pickle is none, with the reason. */
  fault(reason: string): NigaoeError;
  /** `model-unsupported`: the pickle asks for this. */
  refuse(asked: string): NigaoeError;
}

/** What a global of the pickle may be called for: it makes data of its arguments and does nothing else. */
export class Builder {
  constructor(
    readonly name: string,
    readonly build: (args: readonly unknown[], caller: Caller) => unknown,
  ) {}
}
