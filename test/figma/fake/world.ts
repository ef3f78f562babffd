// The fake document: what tests say of its layers, what they see of them, and what all of them share.

import type { Paint, Rect, SceneNode, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';

/** What a test says of a layer; the rest is made up. */
export interface LayerSpec {
  type?: SceneNode['type'];
  name?: string;
  fills?: readonly Paint[] | symbol;
  /** Of a text with several fills: the fills of its parts. */
  parts?: readonly (readonly Paint[])[];
  children?: LayerSpec[];
  visible?: boolean;
  locked?: boolean;
  opacity?: number;
  isMask?: boolean;
  fillStyleId?: string;
  width?: number;
  height?: number;
  /** Within the nearest frame or page; groups have no grid of their own. */
  x?: number;
  y?: number;
  /** Instead of `x` and `y`: turned and mirrored layers. */
  relativeTransform?: Transform;
  /** Children stand in a row or a column without gaps, and the frame is as large as they need. */
  layoutMode?: 'NONE' | 'HORIZONTAL' | 'VERTICAL';
}

/** A layer as tests see it. */
export interface FakeLayer extends Required<Omit<LayerSpec, 'children' | 'fills' | 'parts'>> {
  id: string;
  parent: FakeLayer | null;
  children?: FakeLayer[];
  fills: Paint[] | symbol;
  removed: boolean;
  pluginData: Record<string, string>;
  relaunchData: Record<string, string>;
  layoutPositioning: string;
  readonly absoluteTransform: Transform;
  readonly absoluteBoundingBox: Rect | null;
  readonly absoluteRenderBounds: Rect | null;
  selection?: FakeLayer[];
  /** What the user does in Figma's own panel. */
  setFillStyle(id: string): void;
  remove(): void;
  appendChild(child: FakeLayer): void;
  clone(): FakeLayer;
  /** Of components: a layer that shows what the component shows until it gets fills of its own. */
  createInstance(): FakeLayer;
}

/** What a layer is made of; `fills` is missing where Figma's layer has none, `follows` is the layer of the component. */
export type Raw = Omit<LayerSpec, 'type' | 'children' | 'fills' | 'x' | 'y'> & {
  id: string;
  type: string;
  fills?: readonly Paint[] | symbol;
  children?: FakeLayer[];
  relativeTransform: Transform;
  parent: FakeLayer | null;
  removed: boolean;
  pluginData: Record<string, string>;
  relaunchData: Record<string, string>;
  follows?: FakeLayer;
  [key: string]: unknown;
};

/** What all layers of a document share. */
export interface World {
  layers: Map<string, FakeLayer>;
  raws: WeakMap<FakeLayer, Raw>;
  /** The page that the user looks at. */
  page: FakeLayer;
  /** Figma's `skipInvisibleInstanceChildren`. */
  skips: boolean;
  /** Names of the layers that were exported. */
  exported: string[];
  selections: Map<string, FakeLayer[]>;
  /** The plugin has selected something. */
  onSelect(): void;
}

/** Figma hands fills out frozen. */
export function frozen(fills: readonly Paint[] | symbol): readonly Paint[] | symbol {
  if (typeof fills === 'symbol') return fills;
  return Object.freeze(Array.from(fills, (paint) => Object.freeze(structuredClone(paint))));
}
