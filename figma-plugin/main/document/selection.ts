// The selection in numbers and sentences, for the window.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { Handling, SelectionSummary } from '../../messages.js';
import { findImages } from './layers.js';
import { findLooks } from './looks.js';
import { isRestorable } from './restore.js';
import { everyLayer, outermost } from './tree.js';

/** More sentences than that nobody reads. */
const MOST_PROBLEMS = 4;

/** What would be drawn of the selection, and what not. */
export function summarise(selection: readonly SceneNode[], { source, target }: Handling): SelectionSummary {
  const roots = outermost(selection);
  const images = findImages(roots, target);
  const looks = findLooks(roots, target);
  return {
    layers: images.layers.length,
    roots: looks.nodes.length,
    images: new Set(images.layers.flatMap(({ hashes }) => hashes)).size,
    problems: shorten(source === 'seen' ? looks.leftOut : [...images.leftOut, ...images.toKnow]),
    restorable: everyLayer(roots).filter(isRestorable).length,
  };
}

function shorten(problems: readonly string[]): string[] {
  const more = problems.length - MOST_PROBLEMS;
  return more <= 0 ? [...problems] : [...problems.slice(0, MOST_PROBLEMS), `And ${more} more like these.`];
}
