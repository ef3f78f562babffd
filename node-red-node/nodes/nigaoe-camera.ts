// The node nigaoe-camera: one snapshot for each message, or every n seconds.

import path from 'node:path';
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { startBeat } from '../camera/beat.js';
import { type CameraLight, cameraLight } from '../camera/light.js';
import { cameraError } from '../camera/sentences.js';
import {
  type CameraForm,
  type CameraSecrets,
  type CameraSettings,
  readSettings,
} from '../camera/settings.js';
import { type CameraMessage, openShift, type Shift } from '../camera/shift.js';
import type { FlowError } from '../engine/failure.js';

const TYPE = 'nigaoe-camera';

type CameraNode = Node<CameraSecrets>;
interface CameraDef extends NodeDef, CameraForm {
  urlType?: 'str' | 'env';
}

function registerCamera(RED: NodeAPI): void {
  function CameraNode(this: CameraNode, def: CameraDef): void {
    RED.nodes.createNode(this, def);
    // What the node before a deploy has shown last may no longer be so.
    this.status({});
    const light = cameraLight(
      (status) => this.status(status),
      (key, values) => RED._(`${TYPE}.status.${key}`, values),
    );
    try {
      const settings = settingsOf(RED, this, def);
      if (settings.hadLogin && def.urlType !== 'env') this.warn(RED._(`${TYPE}.loginInUrl`));
      work(RED, this, { settings, light });
    } catch (thrown) {
      refuse(this, light, cameraError(thrown, []));
    }
  }
  RED.nodes.registerType<CameraNode, CameraDef, object, CameraSecrets>(TYPE, CameraNode, {
    credentials: { user: { type: 'text' }, password: { type: 'password' }, token: { type: 'password' } },
  });
}

function settingsOf(RED: NodeAPI, node: CameraNode, def: CameraDef): CameraSettings {
  const { url = '', urlType } = def;
  const found: unknown = urlType === 'env' ? RED.util.evaluateNodeProperty(url, urlType, node, {}) : url;
  return readSettings({ ...def, url: typeof found === 'string' ? found : '' }, node.credentials ?? {});
}

interface Job {
  settings: CameraSettings;
  light: CameraLight;
}

function work(RED: NodeAPI, node: CameraNode, { settings, light }: Job): void {
  const shift = openShift({
    settings,
    name: node.name ?? '',
    light,
    // Bundled for `require`: beside the folder of this file.
    workerFile: path.join(__dirname, '../camera/motion-worker.js'),
    onBlind: (mediaType) => node.warn(RED._(`${TYPE}.blind`, { mediaType })),
  });
  const stop =
    settings.everyMs === undefined ? () => {} : beat(RED, node, { shift, everyMs: settings.everyMs });
  node.on('input', (msg, send, done) => {
    shift
      .serve(msg as CameraMessage)
      .then((isNew) => {
        if (isNew) send(msg);
        done();
      })
      .catch(done);
  });
  node.on('close', (_removed: boolean, done: () => void) => {
    stop();
    void shift.close().finally(done);
  });
}

function beat(
  RED: NodeAPI,
  node: CameraNode,
  { shift, everyMs }: { shift: Shift; everyMs: number },
): () => void {
  const make = (): CameraMessage => ({ _msgid: RED.util.generateId() }) as CameraMessage;
  const out = {
    send: (msg: CameraMessage) => node.send(msg as NodeMessage),
    // With a message, so that Catch nodes hear of it.
    fail: (error: FlowError, msg: CameraMessage) => node.error(error, msg as NodeMessage),
  };
  return startBeat(everyMs, () => shift.beat(make, out));
}

/** Wrong settings: said once at the start, and to every message. */
function refuse(node: CameraNode, light: CameraLight, error: FlowError): void {
  light.failed(error.code);
  node.error(error);
  node.on('input', (_msg, _send, done) => done(error));
}

export default registerCamera;
