// What a JSON schema finds wrong with a request, as a sentence of the house.

import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import { expected, type NigaoeError } from '../errors.js';
import { BRIDGE_OPTION_NAMES, nearest } from '../options.js';
import type { Schema } from './schemas/schema.js';

/** Ajv tells these too when it is asked to be verbose. */
type Finding = FastifySchemaValidationError & { data?: unknown; parentSchema?: Schema };

const PLACES: Readonly<Record<string, string>> = {
  querystring: 'the query',
  body: 'the body',
  params: 'the path',
  headers: 'the headers',
};

/** The failure `options` for the first thing that is wrong. */
export function explainInvalid({ validation = [], validationContext: part }: FastifyError): NigaoeError {
  const finding = validation[0] as Finding;
  const place = PLACES[part ?? ''] ?? 'the request';
  const { additionalProperty, missingProperty } = finding.params as Record<string, string | undefined>;
  if (additionalProperty !== undefined) return unknown(additionalProperty, place);
  if (missingProperty !== undefined) return expected(`a value in ${place}`, missingProperty, undefined);
  const name = finding.instancePath.slice(1) || place;
  return expected(wanted(finding.parentSchema ?? {}), name, finding.data);
}

function unknown(name: string, place: string): NigaoeError {
  const guess = place === 'the query' ? nearest(name, BRIDGE_OPTION_NAMES) : undefined;
  return expected('a known name', place, name, guess === undefined ? undefined : `Did you mean ${guess}?`);
}

function wanted(schema: Schema): string {
  const { type, enum: choices, minimum, maximum } = schema;
  if (choices !== undefined) return `one of ${choices.join(', ')}`;
  if (type === 'object') return 'a JSON object';
  if (type === 'array') return 'a list';
  if (type === 'boolean') return 'true or false';
  if (type === 'string') return wantedText(schema);
  const range = maximum === undefined ? `from ${minimum}` : `from ${minimum} to ${maximum}`;
  return type === 'integer' ? `a whole number ${range}` : `a number ${range}`;
}

function wantedText({ pattern, description = 'text', minLength, maxLength }: Schema): string {
  if (pattern !== undefined)
    return description.replace(/\.$/, '').replace(/^[A-Z]/, (letter) => letter.toLowerCase());
  return `text of ${minLength ?? 'up'} to ${maxLength} characters`;
}
