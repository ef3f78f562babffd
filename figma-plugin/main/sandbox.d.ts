// The globals of Figma's sandbox, which has no browser's; and two types that shared/errors.ts mentions, for its types alone.

type PluginAPI = import('@figma/plugin-typings/plugin-api-standalone.js').PluginAPI;

declare const figma: PluginAPI;
declare const __html__: string;
declare const fetch: import('./host.js').NarrowFetch;
declare function setTimeout(callback: () => void, ms: number): number;

declare namespace NodeJS {
  interface ErrnoException extends Error {
    code?: string;
  }
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
}
