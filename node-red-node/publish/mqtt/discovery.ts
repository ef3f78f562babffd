// The messages that Home Assistant reads: the image entity (MQTT discovery) and its attributes.

import type { Caption } from '../caption.js';
import { type Topics, wordOf } from './topics.js';

export interface Entity {
  /** As people read it. */
  name: string;
  slug: string;
  base: string;
  topics: Topics;
  mediaType: string;
}

/** The discovery message of an MQTT image (home-assistant.io/integrations/image.mqtt). */
export const discoveryOf = ({ name, slug, base, topics, mediaType }: Entity): string =>
  JSON.stringify({
    name,
    unique_id: `${wordOf(base)}_${slug}`,
    // Entity ids are lower case without dashes.
    default_entity_id: `image.${slug.toLowerCase().replaceAll('-', '_')}`,
    image_topic: topics.image,
    content_type: mediaType,
    json_attributes_topic: topics.attributes,
    availability: [{ topic: topics.available, payload_available: ONLINE, payload_not_available: OFFLINE }],
    // All pictures below one base topic belong to one device.
    device: {
      identifiers: [wordOf(base)],
      name: base === 'nigaoe' ? 'nigaoe' : `nigaoe (${base})`,
      manufacturer: 'nigaoe',
      model: 'Drawn pictures from Node-RED',
    },
    origin: { name: 'nigaoe', support_url: 'https://github.com/nigaoe/nigaoe' },
  });

export const ONLINE = 'online';
export const OFFLINE = 'offline';

/** What is known of one picture, under the names that a Home Assistant template would use. */
export const attributesOf = (caption: Caption, { bytes, at }: { bytes: number; at: string }): string =>
  JSON.stringify({
    style: caption.style,
    model: caption.model,
    scope: caption.scope,
    device: caption.device,
    faces: caption.faces,
    // Home Assistant stores at most 16 KiB of attributes: so many boxes always fit.
    boxes: caption.boxes?.slice(0, MOST_BOXES),
    camera: caption.camera,
    taken_at: caption.takenAt,
    drawn_at: at,
    width: caption.width,
    height: caption.height,
    bytes,
  });
const MOST_BOXES = 100;
