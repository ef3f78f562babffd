// A Figma for tests: a document of layers, images, storage and notices, which is as strict as the real one where that has
// made plugins fail: removed layers, frozen fills, images of other formats or beyond 4096 px, long notices, auto layout,
// turned frames, instances, other pages, and a plugin that is closed in the middle.

import type { Paint, PluginAPI } from '@figma/plugin-typings/plugin-api-standalone.js';
import { imageOf, keepImage } from './fake/images.js';
import { makeLayer } from './fake/layer.js';
import { put } from './fake/methods.js';
import type { FakeLayer, LayerSpec, World } from './fake/world.js';

export type { FakeLayer, LayerSpec } from './fake/world.js';

interface Notice {
  text: string;
  options: { button?: { text: string; action: () => void }; error?: boolean; timeout?: number };
  cancelled: boolean;
}
type Listener = (...args: never[]) => void;
type Listeners = Map<string, Listener[]>;

export interface FakeFigma {
  api: PluginAPI;
  /** The first page; `turnTo` shows another one. */
  page: FakeLayer;
  images: Map<string, Uint8Array>;
  /** Names of the layers that the plugin has exported. */
  exported: string[];
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
  /** Grows when a plugin ends: what an ended one has asked for is answered no more. */
  life: number;
  /** Every run of a plugin begins anew: what an earlier one listened to is over. */
  restart(): void;
  /** The user closes the plugin. */
  close(): void;
  /** Puts an image file into the document and returns its hash. */
  addImage(bytes: Uint8Array): string;
  /** Puts layers on the page. */
  add(...specs: LayerSpec[]): FakeLayer[];
  select(...layers: FakeLayer[]): void;
  /** The user opens another, empty page. */
  turnToNewPage(): FakeLayer;
  emit(event: string, ...args: unknown[]): void;
  /** A message from the window. */
  receive(message: unknown): void;
  typeParameter(key: string, query: string): Promise<{ suggestions?: unknown[]; error?: string }>;
}

export const MIXED = Symbol('figma.mixed');
const LONGEST = 100;

export function fakeFigma(): FakeFigma {
  const listeners: Listeners = new Map();
  const world = openWorld(() => setTimeout(() => emit(listeners, 'selectionchange', []), 0));
  const fake = {
    page: world.page,
    exported: world.exported,
    images: new Map(),
    storage: new Map(),
    notices: [],
    posted: [],
    closed: undefined,
    undoSteps: 0,
    html: undefined,
    life: 0,
  } as unknown as FakeFigma;
  fake.api = apiOf(fake, world, listeners) as unknown as PluginAPI;
  return Object.assign(fake, handsOf(fake, world, listeners));
}

/** Fills that show an image. */
export function imageFill(imageHash: string, more: Partial<Extract<Paint, { type: 'IMAGE' }>> = {}): Paint {
  return { type: 'IMAGE', scaleMode: 'FILL', imageHash, visible: true, opacity: 1, ...more };
}

/** The hashes that a layer shows. */
export function hashesOf(layer: FakeLayer): (string | null)[] {
  return (layer.fills as Paint[]).flatMap((paint) => (paint.type === 'IMAGE' ? [paint.imageHash] : []));
}

function openWorld(onSelect: () => void): World {
  const world = {
    layers: new Map(),
    raws: new WeakMap(),
    skips: false,
    exported: [],
    selections: new Map(),
    onSelect,
  } as unknown as World;
  world.page = makeLayer(world, { name: 'Page 1', children: [] }, null, 'PAGE');
  return world;
}

/** What tests and users do. */
function handsOf(fake: FakeFigma, world: World, listeners: Listeners): Partial<FakeFigma> {
  return {
    restart: () => endLife(fake, world, listeners),
    close: () => close(fake, world, listeners),
    addImage: (bytes) => keepImage(fake.images, bytes),
    add: (...specs) => specs.map((spec) => put(world, fake.page, makeLayer(world, spec, fake.page))),
    select: (...chosen) => {
      world.selections.set(world.page.id, chosen);
      emit(listeners, 'selectionchange', []);
    },
    turnToNewPage: () => {
      world.page = makeLayer(world, { name: 'Another page', children: [] }, null, 'PAGE');
      emit(listeners, 'currentpagechange', []);
      emit(listeners, 'selectionchange', []);
      return world.page;
    },
    emit: (event, ...args) => emit(listeners, event, args),
    receive: (message) =>
      (fake.api.ui.onmessage as unknown as (value: unknown) => void)(structuredClone(message)),
    typeParameter: (key, query) => askParameter(listeners, key, query),
  };
}

function apiOf(fake: FakeFigma, world: World, listeners: Listeners): object {
  const on = (event: string, listener: Listener): void => {
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
  };
  return {
    mixed: MIXED,
    get currentPage() {
      return world.page;
    },
    get skipInvisibleInstanceChildren() {
      return world.skips;
    },
    set skipInvisibleInstanceChildren(skips: boolean) {
      world.skips = skips;
    },
    on,
    parameters: { on: (_: string, listener: Listener) => on('parameter', listener) },
    ui: { onmessage: undefined, postMessage: (message: { type: string }) => post(fake, message) },
    showUI: (html: string) => {
      fake.html = html;
    },
    closePlugin: (message?: string) => close(fake, world, listeners, message),
    notify: (text: string, options: Notice['options']) => notify(fake, text, options),
    commitUndo: () => {
      fake.undoSteps += 1;
    },
    createImage: (bytes: Uint8Array) => ({ hash: keepImage(fake.images, bytes) }),
    getImageByHash: (hash: string) => imageOf(fake.images, hash),
    getNodeByIdAsync: async (id: string) => thereIs(world.layers.get(id)),
    createRectangle: () => put(world, world.page, makeLayer(world, {}, world.page)),
    clientStorage: storageOf(fake),
  };
}

function thereIs(layer: FakeLayer | undefined): FakeLayer | null {
  return layer === undefined || layer.removed ? null : layer;
}

function storageOf({ storage }: FakeFigma): object {
  return {
    getAsync: async (key: string) => structuredClone(storage.get(key)),
    setAsync: async (key: string, value: unknown) => void storage.set(key, structuredClone(value)),
    deleteAsync: async (key: string) => void storage.delete(key),
  };
}

/** Listeners are called, and that is the last that the plugin does. */
function close(fake: FakeFigma, world: World, listeners: Listeners, message?: string): void {
  if ((message ?? '').length > LONGEST) throw new Error('in closePlugin: the message is too long');
  emit(listeners, 'close', []);
  endLife(fake, world, listeners);
  fake.closed = { message };
}

function endLife(fake: FakeFigma, world: World, listeners: Listeners): void {
  listeners.clear();
  world.skips = false;
  fake.life += 1;
}

function notify(fake: FakeFigma, text: string, options: Notice['options']): { cancel: () => void } {
  if (text.length > LONGEST) throw new Error('in notify: the message is too long');
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

function emit(listeners: Listeners, event: string, args: unknown[]): void {
  for (const listener of listeners.get(event) ?? []) listener(...(args as never[]));
}

function askParameter(
  listeners: Listeners,
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
