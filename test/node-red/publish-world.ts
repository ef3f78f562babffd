// A flow around nigaoe-publish nodes, with all ends of it in sight.

import type { NodeMessageInFlow, NodeStatus } from 'node-red';
import type { Published } from '../../node-red-node/publish/target.js';
import type { Broker } from './fixtures/broker.js';
import { type FlowNode, type LoadOptions, type NodeRedWorld, TAB, until } from './helper.js';

export const MQTT_FILES = [
  '@node-red/nodes/core/network/05-tls.js',
  '@node-red/nodes/core/network/10-mqtt.js',
];
/** Node-RED's own setting; 5000 without it. */
export const RECONNECT_MS = 200;

/** A message after the node, or with `error` at a Catch node. */
export interface Seen extends NodeMessageInFlow {
  published?: Published;
  error?: { message: string; code: string };
}

/** Bytes that begin as a JPEG does; `mark` makes them different ones. */
export const jpeg = (mark = 0, bytes = 64): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(bytes - 4, mark)]);
export const png = (): Buffer => Buffer.from('\x89PNG\r\n\x1a\n and so on', 'latin1');

/** As a stylize node sends them behind a camera node. */
export const DRAWN = {
  style: 'ink',
  model: 'ink-512',
  scope: 'faces',
  device: 'cpu',
  faces: [{ x: 10.2, y: 20.7, width: 30, height: 40, score: 0.98 }],
  width: 640,
  height: 480,
  format: 'jpeg',
  timings: {},
  notices: [],
};
export const CAMERA = { name: 'Front door', at: '2026-01-02T03:04:05.678Z', bytes: 99, hash: 'abc' };

/** A publish node as the form saves it when nothing but these properties is changed. */
export const publishNode = (properties: Partial<FlowNode> = {}): FlowNode => ({
  id: 'publish',
  type: 'nigaoe-publish',
  z: 'tab',
  name: 'Front door',
  property: 'payload',
  target: 'mqtt',
  broker: 'broker',
  slug: '',
  base: 'nigaoe',
  discovery: true,
  prefix: 'homeassistant',
  retain: true,
  url: '',
  field: 'image',
  timeout: '10',
  retries: '3',
  tls: '',
  folder: '',
  pattern: '{camera}-{date}-{time}-{style}',
  keepCount: '',
  keepDays: '',
  wires: [['out']],
  ...properties,
});

/** Node-RED's config node for a broker. */
export const brokerNode = (
  { host, port }: Pick<Broker, 'host' | 'port'>,
  properties: Partial<FlowNode> = {},
) => ({
  id: 'broker',
  type: 'mqtt-broker',
  broker: host,
  port: String(port),
  clientid: 'of-the-broker-node',
  protocolVersion: '4',
  keepalive: '60',
  usetls: false,
  ...properties,
});

const ENDS: FlowNode[] = [
  { id: 'out', type: 'helper' },
  { id: 'on-error', type: 'catch', z: 'tab', scope: null, wires: [['caught']] },
  { id: 'caught', type: 'helper' },
  { id: 'on-done', type: 'complete', z: 'tab', scope: ['publish'], wires: [['completed']] },
  { id: 'completed', type: 'helper' },
];

export const flowOf = (...nodes: FlowNode[]): FlowNode[] => [TAB, ...nodes, ...ENDS];

/** What a flow does from its start on. */
export class PublishWorld {
  readonly out: Seen[];
  readonly caught: Seen[];
  readonly completed: Seen[];
  readonly statuses: NodeStatus[];

  private constructor(readonly red: NodeRedWorld) {
    this.out = red.messagesAt('out') as Seen[];
    this.caught = red.messagesAt('caught') as Seen[];
    this.completed = red.messagesAt('completed') as Seen[];
    this.statuses = red.statusesOf('publish');
  }

  static async load(red: NodeRedWorld, nodes: FlowNode[], options: LoadOptions = {}): Promise<PublishWorld> {
    const settings = { mqttReconnectTime: RECONNECT_MS, ...options.settings };
    await red.load(['nigaoe-publish', ...MQTT_FILES], flowOf(...nodes), { ...options, settings });
    return new PublishWorld(red);
  }

  send(message: object, id = 'publish'): void {
    this.red.node(id).receive(message as NodeMessageInFlow);
  }

  /** Sends one and waits until it has gone through. */
  async publish(message: object): Promise<Seen> {
    const before = this.out.length;
    this.send(message);
    await until('a published picture', () => this.out.length > before || this.caught.length > 0);
    if (this.out.length === before) throw new Error(`caught: ${this.caught[0].error?.message}`);
    return this.out[before];
  }

  /** Sends one and waits until it has failed. */
  async fail(message: object): Promise<{ message: string; code: string }> {
    const before = this.caught.length;
    this.send(message);
    await until('an error', () => this.caught.length > before);
    const { error } = this.caught[before];
    if (error === undefined) throw new Error('caught a message without an error');
    return error;
  }

  /** Waits until the node shows a text; in tests that is its key. */
  shows(text: string): Promise<void> {
    return until(`status ${text}`, () => String(this.statuses.at(-1)?.text).endsWith(`.status.${text}`));
  }
}
