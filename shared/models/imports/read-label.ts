// Reads what an ONNX file says of itself without its weights, which may be gigabytes.

import { type ByteSource, openBytes } from '../checkpoints/bytes.js';
import type { Place } from '../checkpoints/numbers.js';
import { fieldsOf, openWindow, type Window } from '../checkpoints/protobuf-fields.js';
import { isOnnxPath } from '../read-model-file.js';
import { type Label, labelOf } from './label.js';

/** Fields of ONNX messages by number: ModelProto.metadata_props, StringStringEntryProto.key and .value. */
const FIELD = { metadataProps: 14, key: 1, value: 2 } as const;
/** A model has some dozen fields, and metadata of some lines, each a key and a value. */
const MOST_FIELDS = 10_000;
const MOST_FIELDS_OF_LINE = 8;
const MOST_TEXT_BYTES = 100_000;

/** The label of an ONNX file. Empty for every other file, and for one that cannot be read: opening it will say why. */
export async function readLabel(path: string): Promise<Label> {
  if (!isOnnxPath(path)) return {};
  const source = await openBytes(path).catch(() => undefined);
  if (source === undefined) return {};
  try {
    return labelOf(Object.fromEntries(await metadataIn(source)));
  } catch {
    return {};
  } finally {
    await source.close();
  }
}

async function metadataIn(source: ByteSource): Promise<[string, string][]> {
  const window = openWindow(source);
  const pairs: [string, string][] = [];
  const whole = { offset: 0, length: source.size };
  for await (const { number, place } of fieldsOf(window, whole, MOST_FIELDS)) {
    if (number !== FIELD.metadataProps || place.length > MOST_TEXT_BYTES) continue;
    const texts = new Map<number, string>();
    for await (const inner of fieldsOf(window, place, MOST_FIELDS_OF_LINE))
      texts.set(inner.number, await textAt(window, inner.place));
    pairs.push([texts.get(FIELD.key) ?? '', texts.get(FIELD.value) ?? '']);
  }
  return pairs;
}

async function textAt(window: Window, { offset, length }: Place): Promise<string> {
  return Buffer.from(await window.view(offset, length)).toString('utf8');
}
