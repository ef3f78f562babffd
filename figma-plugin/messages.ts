// What the plugin's two halves say to each other: `main` sees the document and draws through the bridge, `ui` sees the user.

import type { Health, OptionInfo, StyleInfo } from '../shared/bridge/protocol.js';
import type { PartialBridgeOptions } from '../shared/options.js';

/** How layers are read and written. */
export interface Handling {
  /**
   * `original`: the image file behind each fill, wherever in the selection it is; `seen`: each selected layer as it looks,
   * with crop, filters and children, which becomes one picture.
   */
  source: 'original' | 'seen';
  /** `replace`: in the place of what was there; `duplicate`: a copy beside what was selected. */
  target: 'replace' | 'duplicate';
}

/** What the user set last; kept in Figma's client storage. */
export interface Settings {
  /** Options of a job; what is left out takes its default. */
  options: PartialBridgeOptions;
  handling: Handling;
}

/** Why the bridge can or cannot be used. */
export type Connection =
  | { state: 'connecting' }
  | { state: 'connected'; health: Health }
  /** It answers, but does not know this plugin: a code is needed. */
  | { state: 'unpaired'; health: Health; sentence: string }
  /** It does not answer, or speaks another version. */
  | { state: 'unreachable'; sentence: string; steps: string[] };

/** What the window shows. */
export type View = 'stylize' | 'connect';

export type LayerState = 'waiting' | 'reading' | 'drawing' | 'done' | 'failed' | 'skipped' | 'cancelled';

/** One layer of the batch. */
export interface LayerProgress {
  id: string;
  name: string;
  state: LayerState;
  /** 0..1 */
  fraction: number;
  /** What it is doing, why it was skipped or failed, or what the user should know of the drawing. */
  sentence?: string;
}

/** What can be drawn of the selection, in the way that the user has set. */
export interface SelectionSummary {
  /** Layers with images. */
  layers: number;
  /** Different images in them. */
  images: number;
  /** Layers that are selected themselves, to be drawn as they look. */
  roots: number;
  /** One sentence for each thing that cannot be drawn, or not as one might think. */
  problems: string[];
  /** Whether something can be restored. */
  restorable: number;
}

export type ToMain =
  | { type: 'ready' }
  | { type: 'connect' }
  | { type: 'pair'; code: string }
  | { type: 'forget' }
  | { type: 'settings'; settings: Settings }
  | { type: 'stylize'; settings: Settings }
  | { type: 'cancel' }
  | { type: 'restore' }
  | { type: 'close' };

export type ToUi =
  | { type: 'view'; view: View }
  | { type: 'connection'; connection: Connection }
  | { type: 'catalogue'; styles: StyleInfo[]; options: OptionInfo[]; settings: Settings }
  /** A small picture of what the style draws, as the bridge made it. */
  | { type: 'preview'; style: string; bytes: Uint8Array; mediaType: string }
  | { type: 'selection'; summary: SelectionSummary }
  | { type: 'layers'; layers: LayerProgress[]; running: boolean }
  | { type: 'sentence'; sentence: string; tone: 'info' | 'error' };
