// How a style is named: by its catalogue id, or by the path of an ONNX file. Light: no network is touched.

import { extname } from 'node:path';
import { CATALOGUE, findEntry } from './catalogue.js';
import { isStyle, type Licence, type StyleEntry } from './entry.js';

/** Whether a style is named by the path of an ONNX file. */
export const isStyleFile = (idOrPath: string): boolean => extname(idOrPath).toLowerCase() === '.onnx';

/** The catalogue entry of a style; throws `model-unknown` with the nearest id. */
export function findStyle(id: string): StyleEntry {
  return findEntry(id, CATALOGUE.filter(isStyle), 'style');
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
export function traitsOf(idOrPath: string): StyleTraits {
  return isStyleFile(idOrPath) ? { id: idOrPath, kind: 'gan', scope: 'photo' } : findStyle(idOrPath);
}
