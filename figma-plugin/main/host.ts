// What the plugin's main half is given by Figma: its interface, the narrow fetch of the sandbox, and time.

import type { PluginAPI } from '@figma/plugin-typings/plugin-api-standalone.js';

/** What `fetch` of the sandbox takes: no signal, no streams, no forms. */
export interface NarrowRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
}

/** What it answers. */
export interface NarrowResponse {
  ok: boolean;
  status: number;
  /** Names in lower case. */
  headersObject: Record<string, string>;
  arrayBuffer(): Promise<ArrayBuffer>;
  json(): Promise<unknown>;
}

export type NarrowFetch = (url: string, request?: NarrowRequest) => Promise<NarrowResponse>;

export interface Host {
  figma: PluginAPI;
  fetch: NarrowFetch;
  /** The page of the window. */
  html: string;
  wait(ms: number): Promise<void>;
}
