// A flow around one nigaoe-stylize node, and an engine that draws when the test says so.

import type { Node, NodeAPI, NodeMessageInFlow, NodeStatus } from 'node-red';
import type { EngineNews } from '../../node-red-node/engine/engine.js';
import type { BridgeClient, Drawn, StylizeCall } from '../../shared/bridge/client.js';
import type { JobStatus, OptionInfo } from '../../shared/bridge/protocol.js';
import { asFailure, NigaoeError } from '../../shared/errors.js';
import { BRIDGE_OPTION_NAMES, BRIDGE_OPTIONS } from '../../shared/options.js';
import { type FlowNode, type NodeRedWorld, TAB } from './helper.js';

export const TABLE: OptionInfo[] = BRIDGE_OPTION_NAMES.map((name) => ({ name, ...BRIDGE_OPTIONS[name] }));

/** A drawing that the node has asked for, until the test ends it. */
export interface Asked {
  photo: Uint8Array;
  call: StylizeCall;
  report(status: Partial<JobStatus>): void;
  /** Ends with so many pictures, whose bytes are all their own index. */
  finish(pictures?: number): void;
  fail(error: unknown): void;
}

/** Stands where the engine stands, on the client's side of the wire. */
export class ScriptedEngine {
  news: EngineNews = { state: 'ready' };
  /** What `lists.options()` gives. */
  table: Promise<OptionInfo[]> = Promise.resolve(TABLE);
  /** Every look of a node of type nigaoe-stylize, from its first moment on. */
  readonly looks: NodeStatus[] = [];
  /** Thrown in place of a client. */
  down: unknown;
  /** Open drawings at one moment, at most. */
  mostAtOnce = 0;
  readonly thumbnails: string[] = [];
  #open = 0;
  #ids = 0;
  #listeners = new Set<(news: EngineNews) => void>();
  #ready: Asked[] = [];
  #wanted: ((asked: Asked) => void)[] = [];

  /** Registers the config node; for `adjust` of a world. */
  readonly register = (RED: NodeAPI): void => {
    const engine = this;
    this.#watch(RED);
    RED.nodes.registerType(
      'nigaoe-engine',
      function (this: Node & { engine?: unknown; lists?: unknown }, def) {
        RED.nodes.createNode(this, def);
        this.engine = engine;
        this.lists = { options: () => engine.table, styles: async () => [] };
      },
    );
  };

  #watch(RED: NodeAPI): void {
    const { createNode } = RED.nodes;
    RED.nodes.createNode = (node, def) => {
      createNode.call(RED.nodes, node, def);
      const status = node.status.bind(node);
      if (def.type === 'nigaoe-stylize')
        node.status = (look) => {
          this.looks.push(look as NodeStatus);
          status(look);
        };
    };
  }

  /** The next drawing that was asked for and not given yet. */
  next(): Promise<Asked> {
    const ready = this.#ready.shift();
    return ready === undefined
      ? new Promise((resolve) => this.#wanted.push(resolve))
      : Promise.resolve(ready);
  }

  /** Draws whatever comes. */
  async drawAll(): Promise<never> {
    for (;;) (await this.next()).finish();
  }

  onNews(listener: (news: EngineNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  tell(news: EngineNews): void {
    this.news = news;
    for (const listener of this.#listeners) listener(news);
  }

  async client(): Promise<BridgeClient> {
    if (this.down !== undefined) throw this.down;
    const client = {
      stylize: (photo: Uint8Array, call: StylizeCall) => this.#stylize(photo, call),
      thumbnail: async (id: string) => {
        this.thumbnails.push(id);
        return new Uint8Array([0xff, 0xd8, 0xff, this.thumbnails.length]);
      },
    };
    return client as unknown as BridgeClient;
  }

  async #stylize(photo: Uint8Array, call: StylizeCall): Promise<Drawn> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    try {
      return await new Promise((resolve, reject) => this.#ask({ photo, call }, resolve, reject));
    } finally {
      this.#open -= 1;
    }
  }

  #ask(
    { photo, call }: { photo: Uint8Array; call: StylizeCall },
    resolve: (drawn: Drawn) => void,
    reject: (error: unknown) => void,
  ): void {
    const id = `job${++this.#ids}`;
    call.signal?.addEventListener('abort', () => reject(foreign(asFailure(call.signal?.reason))));
    const asked: Asked = {
      photo,
      call,
      report: (status) => call.onProgress?.({ id, state: 'running', createdAt: '', ...status }),
      finish: (pictures = 1) => resolve(drawnOf(id, pictures)),
      fail: (error) => reject(error),
    };
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#ready.push(asked);
    else wanted(asked);
  }
}

/** An error as it comes from another node's file: of a class that this one does not know. */
export function foreign({ code, message, hint }: NigaoeError): Error {
  return Object.assign(new Error(message), { code, hint });
}

export const noFace = (): Error => foreign(new NigaoeError('no-face', 'Expected a face but found none'));

function drawnOf(id: string, count: number): Drawn {
  const pictures = Array.from({ length: count }, (_, index) => {
    return { bytes: new Uint8Array(4).fill(index), format: 'png', type: 'image/png', width: 4, height: 2 };
  });
  const faces = pictures.map((_, index) => ({ x: index, y: 0, width: 1, height: 1, score: 1 }));
  const info = {
    faces,
    model: 'ink',
    device: 'cpu',
    timings: { generate: 5 },
    notices: [],
    scope: 'portrait' as const,
  };
  const infos = pictures.map(({ bytes, ...picture }) => ({ ...picture, bytes: bytes.length }));
  return { id, pictures, info: { ...info, pictures: infos } } as Drawn;
}

/** The smallest files that look like a JPEG, told apart by their last byte. */
export const jpeg = (mark = 0): Buffer => Buffer.from([0xff, 0xd8, 0xff, 0xe0, mark]);

/** A node `s` with these settings between all that can be wired to it. */
export function flowWith(settings: object = {}): FlowNode[] {
  const onTab = { z: 'tab' };
  return [
    TAB,
    { id: 'e', type: 'nigaoe-engine' },
    { id: 's', type: 'nigaoe-stylize', engine: 'e', ...settings, ...onTab, wires: [['out'], ['undrawn']] },
    { id: 'c', type: 'catch', scope: ['s'], ...onTab, wires: [['caught']] },
    { id: 'd', type: 'complete', scope: ['s'], ...onTab, wires: [['completed']] },
    ...['out', 'undrawn', 'caught', 'completed'].map((id) => ({ id, type: 'helper', ...onTab, wires: [] })),
  ];
}

/** An error as Catch nodes hand it on. */
export interface Caught extends NodeMessageInFlow {
  error: { message: string; code?: string; cause?: unknown; source: { id: string } };
}

/** Loads the flow and collects all that leaves the node. */
export async function openFlow(
  red: NodeRedWorld,
  engine: { register(RED: NodeAPI): void },
  settings: object = {},
) {
  await red.load(['nigaoe-stylize'], flowWith(settings), { adjust: engine.register });
  return {
    send: (msg: object) => red.node('s').receive(msg as NodeMessageInFlow),
    out: red.messagesAt('out') as Sent[],
    undrawn: red.messagesAt('undrawn') as Sent[],
    caught: red.messagesAt('caught') as Caught[],
    completed: red.messagesAt('completed'),
    statuses: red.statusesOf('s'),
  };
}

/** A message that the node has sent. */
export interface Sent extends NodeMessageInFlow {
  payload: Buffer;
  mediaType: string;
  drawn: Record<string, unknown>;
}
