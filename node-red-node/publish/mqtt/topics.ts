// The MQTT topics of one publish node, made from its name so that they stay the same in every copy of the flow.

import { expected, NigaoeError } from '../../../shared/errors.js';

export interface TopicOptions {
  /** First part of our own topics, such as `nigaoe`. */
  base: string;
  /** Name of the picture in topics: `[a-zA-Z0-9_-]`. */
  slug: string;
  /** Home Assistant's discovery prefix, such as `homeassistant`. */
  prefix: string;
  discovery: boolean;
}

export interface Topics {
  image: string;
  attributes: string;
  available: string;
  /** Home Assistant's; absent without discovery. */
  config?: string;
}

/** Throws `options` for names that MQTT or Home Assistant refuses. */
export function topicsFor({ base, slug, prefix, discovery }: TopicOptions): Topics {
  checkTopic(base, 'the base topic');
  if (!/^[a-zA-Z0-9_-]+$/.test(slug))
    throw expected('letters a-z, digits, "-" and "_"', 'the topic name', slug);
  if (discovery) checkTopic(prefix, 'the discovery prefix');
  refuseInside(base, prefix);
  const own = `${base}/${slug}`;
  const topics = { image: `${own}/image`, attributes: `${own}/attributes`, available: `${own}/available` };
  // The node id of discovery: one word for the base topic, which may have several levels.
  return discovery ? { ...topics, config: `${prefix}/image/${wordOf(base)}/${slug}/config` } : topics;
}

/** A name as it may stand in topics and ids: accents taken off, all else a dash; may come out empty. */
export const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-zA-Z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();

/** A topic as one word of an id. */
export const wordOf = (topic: string): string => topic.replace(/[^a-zA-Z0-9_-]/g, '_');

/** All topics under which something of ours stays with the broker. */
export const retainedIn = ({ image, attributes, available, config }: Topics): string[] =>
  config === undefined ? [image, attributes, available] : [config, image, attributes, available];

/** Home Assistant reads every message below its prefix as JSON: a picture there fills its log with errors. */
function refuseInside(base: string, prefix: string): void {
  if (base !== prefix && !base.startsWith(`${prefix}/`)) return;
  const what = `Expected a base topic outside of Home Assistant's prefix "${prefix}" but received "${base}"`;
  throw new NigaoeError('options', what, {
    hint: 'Name another base topic, such as "nigaoe": discovery finds it.',
  });
}

// MQTT 3.1.1, 4.7: "+" and "#" are wildcards, "$" begins the broker's own topics.
function checkTopic(topic: string, name: string): void {
  const good = /^[^+#\p{Cc}/$][^+#\p{Cc}]*$/u.test(topic) && !topic.endsWith('/') && !topic.includes('//');
  if (!good) throw expected('a topic without "+", "#" and empty levels', name, topic);
}
