// A Figma for tests: a document of layers, images, storage and notices, which is as strict as the real one where that has
// made plugins fail: removed layers, frozen fills, images of other formats or beyond 4096 px, long notices.

import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { Paint, PluginAPI, SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';
import { flatPng, sizeOfImage } from './images.js';

/** What a test says of a layer; the rest is made up. */
export interface LayerSpec {
  type?: SceneNode['type'];
  name?: string;
  fills?: readonly Paint[] | symbol;
  children?: LayerSpec[];
  locked?: boolean;
  fillStyleId?: string;
  width?: number;
  height?: number;
  x?: number;
  y?: number;
}

/** A layer as tests see it. */
export interface FakeLayer extends Required<Omit<LayerSpec, 'children' | 'fills'>> {
  id: string;
  parent: FakeLayer | null;
  children?: FakeLayer[];
  fills: Paint[] | symbol;
  visible: boolean;
  removed: boolean;
  pluginData: Record<string, string>;
  relaunchData: Record<string, string>;
  layoutPositioning: string;
  /** What the user does in Figma's own panel. */
  setFillStyle(id: string): void;
  remove(): void;
  appendChild(child: FakeLayer): void;
  selection?: FakeLayer[];
}

interface Notice {
  text: string;
  options: { button?: { text: string; action: () => void }; error?: boolean; timeout?: number };
  cancelled: boolean;
}
type Listener = (...args: never[]) => void;

export interface FakeFigma {
  api: PluginAPI;
  page: FakeLayer;
  images: Map<string, Uint8Array>;
  storage: Map<string, unknown>;
  notices: Notice[];
  /** The window, which is told every message. */
  onPost?: (message: { type: string }) => void;
  /** Messages to the window. */
  posted: { type: string }[];
  /** What the plugin said when it closed; undefined while it runs. */
  closed: { message: string | undefined } | undefined;
  undoSteps: number;
  html: string | undefined;
  /** Every run of a plugin begins anew: what an earlier one listened to is over. */
  restart(): void;
  /** Puts an image file into the document and returns its hash. */
  addImage(bytes: Uint8Array): string;
  /** Puts layers on the page. */
  add(...specs: LayerSpec[]): FakeLayer[];
  select(...layers: FakeLayer[]): void;
  emit(event: string, ...args: unknown[]): void;
  /** A message from the window. */
  receive(message: unknown): void;
  typeParameter(key: string, query: string): Promise<{ suggestions?: unknown[]; error?: string }>;
}

export const MIXED = Symbol('figma.mixed');

export function fakeFigma(): FakeFigma {
  const listeners = new Map<string, Listener[]>();
  const layers = new Map<string, FakeLayer>();
  const fake = {
    images: new Map(),
    storage: new Map(),
    notices: [],
    posted: [],
    closed: undefined,
    undoSteps: 0,
    html: undefined,
  } as unknown as FakeFigma;
  fake.page = makeLayer(layers, { name: 'Page 1', children: [] }, null, 'PAGE');
  fake.page.selection = [];
  fake.api = apiOf(fake, layers, listeners) as unknown as PluginAPI;
  fake.restart = () => listeners.clear();
  fake.addImage = (bytes) => keepImage(fake, bytes);
  fake.add = (...specs) => specs.map((spec) => addTo(fake.page, makeLayer(layers, spec, fake.page)));
  fake.emit = (event, ...args) => emit(listeners, event, args);
  fake.select = (...chosen) => {
    fake.page.selection = chosen;
    fake.emit('selectionchange');
  };
  fake.receive = (message) =>
    (fake.api.ui.onmessage as unknown as (value: unknown) => void)(structuredClone(message));
  fake.typeParameter = (key, query) => askParameter(listeners, key, query);
  return fake;
}

/** Fills that show an image. */
export function imageFill(imageHash: string, more: Partial<Extract<Paint, { type: 'IMAGE' }>> = {}): Paint {
  return { type: 'IMAGE', scaleMode: 'FILL', imageHash, visible: true, opacity: 1, ...more };
}

/** The hashes that a layer shows. */
export function hashesOf(layer: FakeLayer): (string | null)[] {
  return (layer.fills as Paint[]).flatMap((paint) => (paint.type === 'IMAGE' ? [paint.imageHash] : []));
}

function apiOf(fake: FakeFigma, layers: Map<string, FakeLayer>, listeners: Map<string, Listener[]>): object {
  const on = (event: string, listener: Listener): void => {
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
  };
  return {
    mixed: MIXED,
    currentPage: fake.page,
    on,
    parameters: { on: (_: string, listener: Listener) => on('parameter', listener) },
    ui: { onmessage: undefined, postMessage: (message: { type: string }) => post(fake, message) },
    showUI: (html: string) => {
      fake.html = html;
    },
    closePlugin: (message?: string) => {
      fake.closed = { message };
    },
    notify: (text: string, options: Notice['options']) => notify(fake, text, options),
    commitUndo: () => {
      fake.undoSteps += 1;
    },
    createImage: (bytes: Uint8Array) => ({ hash: keepImage(fake, bytes) }),
    getImageByHash: (hash: string) => imageOf(fake, hash),
    getNodeByIdAsync: async (id: string) => layers.get(id) ?? null,
    createRectangle: () => addTo(fake.page, makeLayer(layers, {}, fake.page)),
    clientStorage: storageOf(fake),
  };
}

function storageOf({ storage }: FakeFigma): object {
  return {
    getAsync: async (key: string) => structuredClone(storage.get(key)),
    setAsync: async (key: string, value: unknown) => void storage.set(key, structuredClone(value)),
    deleteAsync: async (key: string) => void storage.delete(key),
  };
}

/** Figma's own words where it refuses. */
function keepImage({ images }: FakeFigma, bytes: Uint8Array): string {
  if (!types.isUint8Array(bytes)) throw new Error('in createImage: Expected a Uint8Array');
  const size = sizeOfImage(bytes);
  if (size === undefined) throw new Error('in createImage: Image type is unsupported');
  if (Math.max(size.width, size.height) > 4096) throw new Error('in createImage: Image is too large');
  const hash = createHash('sha1').update(bytes).digest('hex');
  images.set(hash, Uint8Array.from(bytes));
  return hash;
}

function imageOf({ images }: FakeFigma, hash: string): object | null {
  const bytes = images.get(hash);
  if (bytes === undefined) return null;
  return {
    hash,
    getBytesAsync: async () => Uint8Array.from(bytes),
    getSizeAsync: async () => sizeOfImage(bytes),
  };
}

function notify(fake: FakeFigma, text: string, options: Notice['options']): { cancel: () => void } {
  if (text.length > 100) throw new Error('in notify: the message is too long');
  const notice = { text, options, cancelled: false };
  fake.notices.push(notice);
  const cancel = (): void => {
    notice.cancelled = true;
  };
  return { cancel };
}

/** Only plain data crosses to the window, and of binary types only Uint8Array. */
function post(fake: FakeFigma, message: { type: string }): void {
  fake.posted.push(structuredClone(message));
  fake.onPost?.(message);
}

function emit(listeners: Map<string, Listener[]>, event: string, args: unknown[]): void {
  for (const listener of listeners.get(event) ?? []) listener(...(args as never[]));
}

function askParameter(
  listeners: Map<string, Listener[]>,
  key: string,
  query: string,
): Promise<{ suggestions?: unknown[]; error?: string }> {
  return new Promise((resolve) => {
    const result = {
      setSuggestions: (suggestions: unknown[]) => resolve({ suggestions }),
      setError: (error: string) => resolve({ error }),
      setLoadingMessage: () => undefined,
    };
    emit(listeners, 'parameter', [{ key, query, parameters: {}, result }]);
  });
}

function addTo(parent: FakeLayer, child: FakeLayer): FakeLayer {
  parent.children?.push(child);
  return child;
}

let ids = 0;

function makeLayer(
  layers: Map<string, FakeLayer>,
  spec: LayerSpec,
  parent: FakeLayer | null,
  type: string = spec.type ?? 'RECTANGLE',
): FakeLayer {
  ids += 1;
  const plain: Record<string, unknown> = {
    id: `1:${ids}`,
    type,
    name: spec.name ?? `Layer ${ids}`,
    x: spec.x ?? 0,
    y: spec.y ?? 0,
    width: spec.width ?? 100,
    height: spec.height ?? 100,
    visible: true,
    locked: spec.locked ?? false,
    fillStyleId: spec.fillStyleId ?? '',
    layoutPositioning: 'AUTO',
    parent,
    removed: false,
    pluginData: {},
    relaunchData: {},
  };
  if (type !== 'GROUP' && type !== 'PAGE') plain.fills = frozen(spec.fills ?? []);
  const layer = new Proxy(plain, guard) as unknown as FakeLayer;
  Object.assign(plain, methodsOf(layers, layer, plain, spec));
  if (spec.children !== undefined)
    plain.children = spec.children.map((child) => makeLayer(layers, child, layer));
  layers.set(plain.id as string, layer);
  return layer;
}

/** Whoever touches a removed layer is told off, as in Figma; fills are copied in and frozen, and detach their style. */
const guard: ProxyHandler<Record<string, unknown>> = {
  get(plain, key) {
    if (plain.removed === true && !['removed', 'id', 'pluginData'].includes(String(key)))
      throw new Error(`in get_${String(key)}: The node with id "${String(plain.id)}" does not exist`);
    if (key === 'absoluteBoundingBox' || key === 'absoluteRenderBounds') return boundsOf(plain);
    if (key === 'absoluteTransform')
      return [
        [1, 0, plain.x],
        [0, 1, plain.y],
      ];
    return Reflect.get(plain, key) as unknown;
  },
  has: (plain, key) => key in plain || (plain.type !== 'PAGE' && String(key).startsWith('absolute')),
  set(plain, key, value) {
    if (plain.removed === true) throw new Error('The node does not exist');
    if (key === 'fillStyleId') throw new Error('in set_fillStyleId: Use node.setFillStyleIdAsync instead');
    if (key === 'fills') {
      if ((value as Paint[]).some(({ type }) => type === 'PATTERN'))
        throw new Error('in set_fills: Use node.setFillsAsync');
      plain.fillStyleId = '';
    }
    plain[String(key)] = key === 'fills' ? frozen(value as Paint[]) : value;
    return true;
  },
};

function boundsOf({ x, y, width, height, visible }: Record<string, unknown>): object | null {
  return visible === true ? { x, y, width, height } : null;
}

function methodsOf(
  layers: Map<string, FakeLayer>,
  layer: FakeLayer,
  plain: Record<string, unknown>,
  spec: LayerSpec,
): object {
  const detach = (): void => {
    const siblings = (plain.parent as FakeLayer | null)?.children ?? [];
    if (siblings.includes(layer)) siblings.splice(siblings.indexOf(layer), 1);
  };
  const take = (child: FakeLayer, at: number): void => {
    const siblings = child.parent?.children ?? [];
    if (siblings.includes(child)) siblings.splice(siblings.indexOf(child), 1);
    child.parent = layer;
    layer.children?.splice(at, 0, child);
  };
  return {
    getPluginData: (key: string) => layer.pluginData[key] ?? '',
    setPluginData: (key: string, value: string) => {
      layer.pluginData[key] = value;
    },
    setRelaunchData: (data: Record<string, string>) => {
      plain.relaunchData = { ...data };
    },
    setFillsAsync: async (fills: Paint[]) => {
      plain.fills = frozen(fills);
    },
    setFillStyleIdAsync: async (id: string) => {
      plain.fillStyleId = id;
    },
    setFillStyle: (id: string) => {
      plain.fillStyleId = id;
    },
    resize: (width: number, height: number) => void Object.assign(plain, { width, height }),
    exportAsync: async (settings: { constraint?: { value: number } }) => {
      const scale = settings.constraint?.value ?? 1;
      return flatPng(Math.round(layer.width * scale), Math.round(layer.height * scale));
    },
    remove: () => {
      detach();
      plain.removed = true;
    },
    clone: () => cloneLayer(layers, layer, spec),
    appendChild: (child: FakeLayer) => take(child, layer.children?.length ?? 0),
    insertChild: (at: number, child: FakeLayer) => take(child, at),
  };
}

function cloneLayer(layers: Map<string, FakeLayer>, layer: FakeLayer, spec: LayerSpec): FakeLayer {
  const { type, name, x, y, width, height } = layer;
  const fills = 'fills' in layer ? layer.fills : undefined;
  const page = topOf(layer);
  const copy = makeLayer(
    layers,
    { ...spec, type, name, x, y, width, height, fills, children: undefined },
    page,
  );
  Object.assign(copy.pluginData, layer.pluginData);
  const children = layer.children?.map((child) => {
    const cloned = cloneLayer(layers, child, child);
    page.children?.splice(page.children.indexOf(cloned), 1);
    cloned.parent = copy;
    return cloned;
  });
  if (children !== undefined) copy.children = children;
  return addTo(page, copy);
}

function topOf(layer: FakeLayer): FakeLayer {
  return layer.parent === null ? layer : topOf(layer.parent);
}

function frozen(fills: readonly Paint[] | symbol): Paint[] | symbol {
  if (typeof fills === 'symbol') return fills;
  return Object.freeze(fills.map((paint) => Object.freeze(structuredClone(paint)))) as Paint[];
}
