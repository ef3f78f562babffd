// The selection in numbers and sentences, for the window.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import type { SelectionSummary } from '../../messages.js';
import { everyLayer, findImages, outermost } from './layers.js';
import { isRestorable } from './restore.js';

/** More sentences than that nobody reads. */
const MOST_PROBLEMS = 4;

export function summarise(selection: readonly SceneNode[]): SelectionSummary {
  const { layers, problems } = findImages(selection);
  return {
    layers: layers.length,
    roots: outermost(selection).length,
    images: new Set(layers.flatMap(({ hashes }) => hashes)).size,
    problems: shorten(problems),
    restorable: everyLayer(selection).filter(isRestorable).length,
  };
}

function shorten(problems: readonly string[]): string[] {
  const more = problems.length - MOST_PROBLEMS;
  return more <= 0 ? [...problems] : [...problems.slice(0, MOST_PROBLEMS), `And ${more} more like these.`];
}
