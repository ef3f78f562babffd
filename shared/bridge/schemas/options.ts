// The options of a job as a JSON schema for the query, made from the one option table: what concerns folders that it
// cannot name is left out.

import { BRIDGE_OPTION_NAMES, BRIDGE_OPTIONS, type FieldSpec } from '../../options.js';
import type { OptionInfo } from '../protocol.js';
import type { Schema } from './schema.js';

/** Longer names are no id of a model. */
const MOST_CHARACTERS = 100;

/** The table as a bridge with this limit of pixels has it. */
export function optionInfos(megapixels: number): OptionInfo[] {
  return BRIDGE_OPTION_NAMES.map((name) => ({
    name,
    ...withinLimit(name, BRIDGE_OPTIONS[name], megapixels),
  }));
}

/** The options of a job, by the names of the table; nothing else may stand in the query. */
export function optionsQuery(megapixels: number): Schema {
  const rows = optionInfos(megapixels).map((info) => [info.name, schemaOf(info)] as const);
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(rows) };
}

function withinLimit(name: string, spec: FieldSpec, megapixels: number): FieldSpec {
  if (name !== 'maxPixels' || spec.type !== 'number') return spec;
  return { ...spec, max: Math.min(spec.max, megapixels), default: Math.min(spec.default, megapixels) };
}

function schemaOf(spec: FieldSpec): Schema {
  const about = { description: describe(spec), default: spec.default };
  if (spec.type === 'choice') return { ...about, type: 'string', enum: [...spec.choices] };
  if (spec.type === 'string') return { ...about, type: 'string', maxLength: MOST_CHARACTERS };
  if (spec.type === 'boolean') return { ...about, type: 'boolean' };
  return { ...about, type: spec.type, minimum: spec.min, maximum: spec.max };
}

const describe = (spec: FieldSpec): string =>
  'unit' in spec && spec.unit !== undefined ? `${spec.help} (${spec.unit})` : spec.help;
