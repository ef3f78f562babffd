// Shows the plugin's built page as Figma does, in a frame without an origin, and carries messages between it and the sandbox.

import { types } from 'node:util';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import type { FakeFigma } from './fake-figma.js';

const SIZE = { width: 320, height: 560 };

/** Figma's variables, which its `themeColors` hands to the page. */
export const DARK_THEME = `:root {
  --figma-color-bg: #2c2c2c; --figma-color-bg-secondary: #383838; --figma-color-bg-hover: #383838;
  --figma-color-text-disabled: rgba(255, 255, 255, 0.4); --figma-color-text: #ffffff;
  --figma-color-text-secondary: rgba(255, 255, 255, 0.7); --figma-color-text-danger: #fca397;
  --figma-color-border: #444444; --figma-color-bg-brand: #0c8ce9; --figma-color-bg-brand-hover: #0a6dc2;
  --figma-color-border-selected: #0c8ce9; --figma-color-text-onbrand: #ffffff; --figma-color-bg-disabled: #757575;
  --figma-color-text-ondisabled: #2c2c2c; --figma-color-icon-success: #79d297; --figma-color-icon-danger: #f24822;
  --figma-color-icon-warning: #f7d15f;
}`;

export interface PluginWindow {
  page: Page;
  frame: FrameLocator;
  /** What the page complained of. */
  errors: string[];
  close(): Promise<void>;
}

/** The plugin has been started and has shown its page. */
export async function openWindow(browser: Browser, fake: FakeFigma, theme = ''): Promise<PluginWindow> {
  const page = await browser.newPage({ viewport: SIZE, deviceScaleFactor: 2 });
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.exposeFunction('toPlugin', (message: unknown) => fake.receive(message));
  fake.onPost = (message) => void page.evaluate(deliveryOf(message)).catch(() => undefined);
  const html = (fake.html ?? '').replace('<head>', `<head><style>${theme}</style>`);
  await page.setContent(HOST);
  await page.evaluate(`document.querySelector('iframe').srcdoc = ${JSON.stringify(html)}`);
  return { page, frame: page.frameLocator('iframe'), errors, close: () => page.close() };
}

const HOST = `<!doctype html><style>body { margin: 0 } iframe { border: 0; width: 100vw; height: 100vh; display: block }
</style><iframe sandbox="allow-scripts"></iframe>
<script>addEventListener('message', ({ data }) => { if (data.pluginMessage) toPlugin(data.pluginMessage) })</script>`;

/** A script that hands a message to the frame; bytes travel as base64, as JSON has none. */
function deliveryOf(message: object): string {
  const bytes = 'bytes' in message && types.isUint8Array(message.bytes) ? message.bytes : undefined;
  const base64 = bytes === undefined ? undefined : Buffer.from(bytes).toString('base64');
  const plain = JSON.stringify({ ...message, bytes: undefined });
  const packed =
    base64 === undefined ? '{}' : `{ bytes: Uint8Array.from(atob('${base64}'), (c) => c.charCodeAt(0)) }`;
  return `document.querySelector('iframe').contentWindow.postMessage({ pluginMessage: { ...${plain}, ...${packed} } }, '*')`;
}
