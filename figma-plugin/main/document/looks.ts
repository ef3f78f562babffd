// What “As it looks” draws: the selected layers themselves, each as one picture.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Handling } from '../../messages.js';
import { isCover } from './cover.js';
import { whyHidden } from './layers.js';
import { readCover, readCovered } from './record.js';
import { lockedWords, maskWords, nothingIn } from './sentences.js';
import { isLocked } from './tree.js';

export interface Looks {
  nodes: SceneNode[];
  /** One sentence for each layer that is not drawn. */
  leftOut: string[];
}

/** A layer that is selected together with its drawing is drawn once. */
export function findLooks(roots: readonly SceneNode[], target: Handling['target']): Looks {
  const drawn = new Set(roots.filter(isCover).map((node) => readCover(node)?.key));
  const others = roots.filter((node) => !drawn.has(readCovered(node)));
  const reasons = others.map((node) => whyNot(node, target));
  return {
    nodes: others.filter((_, index) => reasons[index] === undefined),
    leftOut: roots.length === 0 ? [nothingIn(roots)] : reasons.flatMap((reason) => reason ?? []),
  };
}

/** Beside the selection a picture can always be laid; over a locked layer or a mask it cannot. */
export function whyNot(node: SceneNode, target: Handling['target']): string | undefined {
  const hidden = whyHidden(node);
  if (hidden !== undefined || target === 'duplicate') return hidden;
  if (isLocked(node)) return lockedWords(node);
  return 'isMask' in node && node.isMask ? maskWords(node) : undefined;
}
