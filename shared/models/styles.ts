// How a style is named: by its catalogue id, or by the path of an ONNX file. Light: no network is touched.

import { basename, extname } from 'node:path';
import { CATALOGUE, findEntry } from './catalogue.js';
import { isStyle, type Licence, type ModelEntry, type StyleEntry } from './entry.js';

/** Whether a style is named by the path of an ONNX file. */
export const isStyleFile = (idOrPath: string): boolean => extname(idOrPath).toLowerCase() === '.onnx';

/** The entry of a style among `entries` (the catalogue, or `allEntries` of a store); throws `model-unknown` with the nearest id. */
export function findStyle(id: string, entries: readonly ModelEntry[] = CATALOGUE): StyleEntry {
  return findEntry(id, entries.filter(isStyle), 'style');
}

/** What the catalogue says of a style, or what is assumed of an ONNX file. */
export interface StyleTraits {
  id: string;
  kind: 'gan' | 'procedural';
  /** What scope `auto` means for it. */
  scope: StyleEntry['scope'];
  licence?: Licence;
}

/** The traits of a style by its id or path; throws `model-unknown`. */
export function traitsOf(idOrPath: string, entries: readonly ModelEntry[] = CATALOGUE): StyleTraits {
  // The name alone: it is written into pictures, and a path would tell about the user's disk.
  if (isStyleFile(idOrPath))
    return { id: basename(idOrPath, extname(idOrPath)), kind: 'gan', scope: 'photo' };
  return findStyle(idOrPath, entries);
}
