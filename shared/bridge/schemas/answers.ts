// The bodies that the bridge answers, as JSON schemas: they write the answers, and openapi.json shows them.

import { FAILURES } from '../../errors.js';
import { JOB_STATES } from '../protocol.js';
import { count, listOf, number, object, ref, type Schema, text, time, yesNo } from './schema.js';

const failure = object({
  code: { type: 'string', enum: Object.keys(FAILURES) },
  message: { ...text, description: 'What is wrong, in one sentence.' },
  'hint?': { ...text, description: 'How to repair it.' },
});

const picture = object({
  format: text,
  type: { ...text, description: 'Media type.' },
  width: count,
  height: count,
  bytes: count,
});

const face = object({ x: number, y: number, width: number, height: number, score: number });

const result = object({
  pictures: listOf(ref('Picture')),
  faces: { ...listOf(face), description: 'Boxes in pixels of the upright photo, left to right.' },
  model: text,
  scope: text,
  'device?': text,
  timings: { type: 'object', description: 'Milliseconds per stage.', additionalProperties: number },
  notices: listOf(text),
});

const jobStatus = object({
  id: text,
  state: { type: 'string', enum: JOB_STATES },
  'position?': { ...count, description: 'Its place in the line, from 1 for the next, while it is queued.' },
  'progress?': object({ stage: text, done: number, total: number, fraction: number }),
  'result?': ref('Result'),
  'error?': ref('Failure'),
  createdAt: time,
  'finishedAt?': time,
});

const style = object({
  id: text,
  title: text,
  kind: text,
  scope: { ...text, description: 'What scope auto means for it.' },
  licence: object({ name: text, commercial: yesNo, notice: text }),
  state: { type: 'string', enum: ['ready', 'absent'] },
  yours: yesNo,
});

const option = object({
  name: text,
  type: { type: 'string', enum: ['number', 'integer', 'boolean', 'string', 'choice'] },
  default: {},
  'choices?': listOf(text),
  'min?': number,
  'max?': number,
  'unit?': text,
  help: text,
});

const BODIES: Readonly<Record<string, Schema>> = {
  Failure: failure,
  FailureBody: object({ error: ref('Failure') }),
  Health: object({
    name: { type: 'string', const: 'nigaoe' },
    version: text,
    apiVersion: count,
    pairing: { ...yesNo, description: 'Whether POST /pair trades codes; else every program needs a token.' },
  }),
  PairAnswer: object({
    token: { ...text, description: 'For the header Authorization: Bearer. Told once.' },
    id: { ...text, description: 'Its name in `nigaoe tokens list`.' },
  }),
  PairingInfo: object({ code: text, expiresAt: time }),
  Picture: picture,
  Result: result,
  JobStatus: jobStatus,
  JobEvent: object({ seq: count, status: ref('JobStatus') }),
  Style: style,
  Option: option,
  Device: object({ device: text, works: yesNo, 'reason?': text }),
};

/** The bodies with their names; a reference may only look back, so the order counts. */
export const ANSWERS: readonly Schema[] = Object.entries(BODIES).map(([$id, body]) => ({ $id, ...body }));
