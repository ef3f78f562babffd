// Node-RED's own test helper, with types: a runtime without an editor, in which a test loads built nodes and a flow.

import { type EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import type { Node, NodeAPI, NodeMessageInFlow, NodeStatus } from 'node-red';
import { builtNode } from './built.js';

const require = createRequire(import.meta.url);

type NodeFile = (RED: NodeAPI) => void;

/** What the tests use of node-red-node-test-helper. */
interface NodeTestHelper {
  init(runtime: string, settings?: object): void;
  settings(settings?: object): Record<string, unknown>;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  load(nodes: readonly NodeFile[], flow: readonly object[], credentials?: object): Promise<void>;
  unload(): Promise<void>;
  setFlows(flow: readonly object[], type?: 'full' | 'nodes' | 'flows'): Promise<void>;
  clearFlows(): Promise<void>;
  getNode(id: string): Node | null;
  url(): string;
  log(): { args: [LogLine][] };
  /** The Express application of the admin routes. */
  _httpAdmin: (request: unknown, response: unknown) => void;
}

/** A line of Node-RED's log; levels: 20 error, 30 warn, 40 info. */
export interface LogLine {
  level: number;
  id?: string;
  type?: string;
  msg: unknown;
}

/** A node of a flow file. */
export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export interface LoadOptions {
  /** Credentials by node id. */
  credentials?: Record<string, Record<string, string | undefined>>;
  /** Settings of Node-RED, such as `userDir`. */
  settings?: Record<string, unknown>;
  /** Changes what the nodes are given as RED, before they are loaded. */
  adjust?: (RED: NodeAPI) => void;
}

/** The tab that Catch, Complete and Status nodes and all that they watch must lie on: put it in the flow, and `z: 'tab'` on the nodes. */
export const TAB: FlowNode = { id: 'tab', type: 'tab' };

/** Node-RED for one suite: starts and stops around its tests. */
export class NodeRedWorld {
  readonly #helper = require('node-red-node-test-helper') as NodeTestHelper;
  #loaded = false;

  /** Starts a server before each test of the suite; unloads the flow and stops it after each. */
  static inSuite(): NodeRedWorld {
    const world = new NodeRedWorld();
    before(() => world.#helper.init(require.resolve('node-red')));
    beforeEach(async () => {
      await world.#helper.startServer();
    });
    afterEach(async () => {
      await world.unload();
      await world.#helper.stopServer();
    });
    return world;
  }

  /** Loads built nodes by name (`nigaoe-engine`), core nodes by file (`@node-red/nodes/core/network/10-mqtt.js`), and starts the flow. */
  async load(names: readonly string[], flow: readonly FlowNode[], options: LoadOptions = {}): Promise<void> {
    const { credentials, settings, adjust } = options;
    this.#helper.settings(settings ?? {});
    const files = names.map((name) => nodeFile(name));
    const adjusted: NodeFile = (RED) => adjust?.(RED);
    this.#loaded = true;
    await this.#helper.load([adjusted, ...files], flow, credentials ?? {});
  }

  /** Stops the flow: nodes hear `close`. Done by itself after each test. */
  async unload(): Promise<void> {
    if (!this.#loaded) return;
    this.#loaded = false;
    await this.#helper.unload();
  }

  /** Deploys another flow in place of the one that runs. */
  deploy(flow: readonly FlowNode[], type: 'full' | 'nodes' | 'flows' = 'full'): Promise<void> {
    return this.#helper.setFlows(flow, type);
  }

  /** A node of the flow that runs; throws where there is none. */
  node<Kind extends Node = Node>(id: string): Kind {
    const node = this.#helper.getNode(id);
    if (node === null || node === undefined) throw new Error(`the flow has no node ${id}`);
    return node as Kind;
  }

  /** Waits for the next message at a node of type `helper`. */
  async nextMessage(id: string): Promise<NodeMessageInFlow> {
    const [msg] = (await once(emitterOf(this.node(id)), 'input')) as [NodeMessageInFlow];
    return msg;
  }

  /** Collects all messages that arrive at a node of type `helper` from now on. */
  messagesAt(id: string): NodeMessageInFlow[] {
    const messages: NodeMessageInFlow[] = [];
    this.node(id).on('input', (msg: NodeMessageInFlow) => messages.push(msg));
    return messages;
  }

  /** Collects each status that a node shows from now on. */
  statusesOf(id: string): NodeStatus[] {
    const statuses: NodeStatus[] = [];
    emitterOf(this.node(id)).on('call:status', (call: { args: [NodeStatus] }) => statuses.push(call.args[0]));
    return statuses;
  }

  /** Asks an admin route as the editor does; with a body it is a POST. */
  async admin(path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const server = (await import('node:http')).createServer(this.#helper._httpAdmin);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as { port: number };
      return await ask(`http://127.0.0.1:${port}/${path}`, body);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  /** What the nodes have logged since the flow was loaded. */
  logged(): LogLine[] {
    return this.#helper.log().args.map(([line]) => line);
  }
}

/** Waits until it is so; throws after the limit with what was waited for. */
export async function until(what: string, isSo: () => unknown, limitMs = 20_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function nodeFile(name: string): NodeFile {
  const file = require(/^nigaoe-[a-z]+$/.test(name) ? builtNode(name) : name) as
    | NodeFile
    | { default: NodeFile };
  return typeof file === 'function' ? file : file.default;
}

const emitterOf = (node: Node): EventEmitter => node as unknown as EventEmitter;

async function ask(url: string, body: object | undefined): Promise<{ status: number; body: unknown }> {
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const answer = await fetch(url, body === undefined ? {} : post);
  const text = await answer.text();
  return { status: answer.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
}
