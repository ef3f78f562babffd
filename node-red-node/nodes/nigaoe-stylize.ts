// The node nigaoe-stylize: pictures in, drawn pictures out.

import type { Node, NodeAPI } from 'node-red';
import { engineOf } from '../engine/engine.js';
import { Light } from '../stylize/light.js';
import { type PictureMessage, toolsFor } from '../stylize/message.js';
import { Preview } from '../stylize/preview.js';
import { readSettings, type StylizeDef } from '../stylize/settings.js';
import { Studio } from '../stylize/studio.js';

const TYPE = 'nigaoe-stylize';

export default (RED: NodeAPI): void => {
  RED.nodes.registerType(TYPE, function (this: Node, def: StylizeDef) {
    RED.nodes.createNode(this, def);
    open(RED, this, def);
  });
};

function open(RED: NodeAPI, node: Node, def: StylizeDef): void {
  const settings = readSettings(def);
  const light = lightOf(RED, node);
  // What the node showed before a deploy stands there until it is told otherwise.
  light.clear();
  const preview = previewOf(RED, node);
  const engine = () => engineOf(RED, settings.engine);
  const tools = toolsFor(RED, node, settings.property);
  const studio = new Studio({ settings, tools, light, preview, engine });
  if (!settings.preview) preview.clear();
  const stopListening = followEngine(engine, light, studio);
  node.on('input', (msg, send, done) => studio.take({ msg: msg as PictureMessage, send, done }));
  node.on('close', (removed: boolean, done: () => void) => {
    stopListening();
    void withinTime(studio.close(removed)).then(done);
  });
}

function lightOf(RED: NodeAPI, node: Node): Light {
  return new Light({
    show: (look) => node.status(look),
    translate: (key, values) => RED._(`${TYPE}.status.${key}`, values),
  });
}

/** Instances in a subflow share the picture of the node in its template, which is the one that editors show. */
function previewOf(RED: NodeAPI, node: Node): Preview {
  const topic = `${TYPE}/preview/${node._alias ?? node.id}`;
  return new Preview((data, retain) => RED.comms.publish(topic, data, retain));
}

/** Shows an engine that does not work even before the first picture comes. */
function followEngine(engine: () => ReturnType<typeof engineOf>, light: Light, studio: Studio): () => void {
  try {
    const { engine: bridge } = engine();
    light.engine(bridge.news);
    return bridge.onNews((news) => studio.isIdle && light.engine(news));
  } catch {
    light.failed('unreachable');
    return () => {};
  }
}

/** A bridge that hangs must not keep Node-RED from deploying. */
async function withinTime(closing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([closing, tooLong]);
  clearTimeout(timer);
}
const CLOSE_MS = 5_000;
