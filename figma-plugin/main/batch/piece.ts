// One layer of a batch.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { OnProgress } from './draw-picture.js';

export interface Piece {
  id: string;
  name: string;
  /** Resolves with what the user should know of the drawing. */
  draw(onProgress: OnProgress): Promise<string | undefined>;
  /** Takes back what was begun; more than once does no harm. */
  undo(): void;
  /** The new layer that came of it. */
  result(): SceneNode | undefined;
}
