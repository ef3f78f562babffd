// Where pictures come from that are drawn from nothing.

import type { Licence } from '../../models/entry.js';
import type { Tensor } from '../../tensor.js';

export interface Source {
  readonly device: string;
  readonly licence: Licence | undefined;
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
