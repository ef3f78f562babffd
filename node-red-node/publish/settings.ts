// The form of a publish node as its target takes it: text fields checked and turned into what they mean.

import path from 'node:path';
import { expected, NigaoeError } from '../../shared/errors.js';
import type { FileOptions } from './file/file-target.js';
import type { PublishForm } from './form.js';
import { brokerOf } from './mqtt/broker.js';
import type { MqttOptions } from './mqtt/mqtt-target.js';
import { slugOf, topicsFor } from './mqtt/topics.js';
import type { WebhookOptions } from './webhook/webhook-target.js';

const PAUSE_MS = 1_000;

/** `brokerNode`: the chosen mqtt-broker node, if any. */
export function mqttOptions(
  form: PublishForm,
  brokerNode: unknown,
): Omit<MqttOptions, 'onNews' | 'reconnectMs'> {
  const broker = brokerOf(brokerNode);
  const [base, prefix] = [filled(form.base, 'nigaoe'), filled(form.prefix, 'homeassistant')];
  // A name in letters that topics cannot hold leaves the node's id, which stays the same as well.
  const slug = filled(form.slug, filled(slugOf(form.name), `picture-${slugOf(form.id)}`));
  const topics = topicsFor({ base, slug, prefix, discovery: form.discovery });
  const name = filled(form.name, slug);
  return { nodeId: form.id, broker, topics, name, slug, base, prefix, retain: form.retain };
}

/** `webhook`: the id, which is a credential. */
export function webhookOptions(form: PublishForm, webhook: string | undefined): Omit<WebhookOptions, 'tls'> {
  const field = filled(form.field, 'image');
  if (!/^[A-Za-z0-9_.-]+$/.test(field)) throw expected('letters and digits', 'the form field', field);
  return {
    url: webhookUrl(form.url, webhook),
    field,
    timeoutMs: 1000 * numberIn(form.timeout, { name: 'the time-out', least: 0.1, most: 600 }),
    retries: numberIn(form.retries, { name: 'the retries', least: 0, most: 20 }),
    pauseMs: PAUSE_MS,
  };
}

/** A relative folder lies in Node-RED's own, `userDir`. */
export function fileOptions(form: PublishForm, userDir: string): FileOptions {
  if (form.folder.trim() === '')
    throw new NigaoeError('options', 'Expected a folder for the pictures but none is set');
  return {
    nodeId: form.id,
    folder: path.resolve(userDir, form.folder),
    pattern: form.pattern,
    keepCount: optional(form.keepCount, { name: 'the number of pictures to keep', least: 1, most: 1e6 }),
    keepDays: optional(form.keepDays, { name: 'the days to keep pictures', least: 0.001, most: 36_500 }),
  };
}

function webhookUrl(address: string, webhook: string | undefined): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.password !== '' || url.username !== '')
    // Not shown: it may hold a password.
    throw new NigaoeError(
      'options',
      'Expected an address such as http://homeassistant.local:8123 without a login',
    );
  if (webhook === undefined || webhook === '')
    throw new NigaoeError('options', 'Expected the id of a webhook but none is set');
  // Home Assistant may live below a path of a proxy.
  const folder = url.pathname.replace(/\/+$/, '');
  return new URL(`${folder}/api/webhook/${encodeURIComponent(webhook)}`, url.origin);
}

interface Bounds {
  name: string;
  least: number;
  most: number;
}

function numberIn(value: string, { name, least, most }: Bounds): number {
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (!(number >= least && number <= most)) throw expected(`a number from ${least} to ${most}`, name, value);
  return number;
}

/** Empty and 0: no limit. */
const optional = (value: string, bounds: Bounds): number | undefined =>
  Number(value) === 0 ? undefined : numberIn(value, bounds);

const filled = (text: string, otherwise: string): string => (text.trim() === '' ? otherwise : text.trim());
