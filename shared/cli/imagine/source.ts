// Where pictures come from that are drawn from nothing.

import type { Licence } from '../../models/entry.js';
import type { DigitalSourceType } from '../../photo/provenance.js';
import type { Tensor } from '../../tensor.js';

export interface Source {
  readonly device: string;
  readonly licence: Licence | undefined;
  /** What its pictures are made of; from a network alone where it is left out. */
  readonly sourceType?: DigitalSourceType;
  /** Whether a single picture is written as it is, without the frame of a sheet. */
  readonly isBare?: boolean;
  /** How many pictures there will be. */
  readonly count: number;
  /** Pictures in a row of the grid. */
  readonly columns: number;
  /** What is told of it as JSON. */
  readonly told: Readonly<Record<string, unknown>>;
  /** Pictures `[1,C,H,W]` in -1..1, one by one; cancelled between them at the latest. */
  pictures(): AsyncIterable<Tensor>;
  close(): Promise<void>;
}
