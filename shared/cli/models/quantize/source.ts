// The style that is quantized: its network, and what its int8 form shall say of itself.

import { expected, NigaoeError } from '../../../errors.js';
import type { GanEntry } from '../../../models/entry.js';
import { knownEntryOf } from '../../../models/imports/known-file.js';
import type { Label } from '../../../models/imports/label.js';
import { licenceFor } from '../../../models/imports/licences.js';
import type { OnnxModel } from '../../../models/onnx/file.js';
import { checkNumbers } from '../../../models/quantize/quantize.js';
import { nameOfStyleFile } from '../../../models/styles.js';
import { anatomyOf } from '../anatomy.js';
import { madeOf } from '../origin.js';
import { findSpecimen, type Search } from '../specimen.js';

export interface Source {
  model: OnnxModel;
  /** What the result shall say of itself, but for what is measured. */
  label: Label & Required<Pick<GanEntry, 'io' | 'side' | 'scope' | 'licence' | 'title' | 'source'>>;
}

/** The network of a style, pulled where it is not here yet. Throws `options` for what is no network that draws. */
export async function sourceOf(word: string, search: Search, signal: AbortSignal): Promise<Source> {
  const entry = search.entries.find(({ id }) => id === word);
  if (entry !== undefined && entry.kind !== 'gan')
    throw expected('a style with a network of its own', 'models quantize', word, NO_NETWORK);
  if (entry !== undefined) await search.store.ensure(entry, { signal });
  const specimen = await findSpecimen(word, search);
  const { model, pixels, label = {}, obstacle, path } = specimen;
  if (model === undefined || pixels === undefined) throw obstacle ?? noStyle(word);
  checkNumbers(model, word);
  const known = entry ?? (path === undefined ? undefined : await knownEntryOf(path));
  const { parameters = anatomyOf(model).parameters } = madeOf(specimen);
  const words = {
    title: entry?.title ?? label.title ?? nameOfStyleFile(word),
    source: known?.source ?? label.source ?? nameOfStyleFile(word),
    licence: licenceFor({}, known?.licence ?? label.licence),
    scope: entry?.scope ?? label.scope ?? 'photo',
  };
  const { io, side } = entry ?? pixels;
  return { model, label: { ...label, ...words, parameters, io, side } };
}

const NO_NETWORK = 'Only networks that draw have convolutions to quantize.';

const noStyle = (word: string): NigaoeError =>
  new NigaoeError('model-unsupported', `Expected a network that draws in ${word} but there is none`, {
    hint: 'See `nigaoe models inspect`.',
  });
