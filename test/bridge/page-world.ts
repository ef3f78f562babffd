// The bridge's page as its user meets it: a real browser, a real bridge, anew for each test.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Bridge, type BridgeOptions, openBridge } from '../../shared/bridge/server.js';
import { importModel } from '../../shared/models/imports/import-model.js';
import { writeOnnx } from '../../shared/models/onnx/file.js';
import { openStore } from '../../shared/models/store/store.js';
import { openChromium } from '../fixtures/chromium.js';
import { tinyGan } from '../fixtures/tiny-gan.js';

export let browser: Browser;
export let home: string;
export let bridge: Bridge;
export let pageKey: string;
export let context: BrowserContext;
export let page: Page;
/** What the browser complained about: refused by the page's policy, scripts that failed. */
let complaints: string[];

export const start = async (port = 0, options: Partial<BridgeOptions> = {}) => {
  pageKey = randomBytes(16).toString('base64url');
  bridge = await openBridge({
    port,
    pageKey,
    stylizer: { store: { home, offline: true } },
    devices: async () => [
      { device: 'cpu', works: true },
      { device: 'cuda', works: false, reason: 'No card.' },
    ],
    ...options,
  });
};
/** The page anew, in a browser that says to be another. */
export const openAs = async (userAgent: string) => {
  page = await (await browser.newContext({ userAgent })).newPage();
};
export const address = () => `http://localhost:${bridge.port}/`;

/** Opens the browser for the tests of a suite, and a bridge and a page for each. */
export function usePage(): void {
  before(async () => {
    browser = await openChromium();
  });
  after(() => browser.close());
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'nigaoe-page-'));
    await start();
    context = await browser.newContext({ acceptDownloads: true });
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (line) => {
      if (/Content Security Policy|Uncaught/.test(line.text())) complaints.push(line.text());
    });
  });
  afterEach(async () => {
    await context.close();
    await bridge.close();
    await rm(home, { recursive: true, force: true });
    assert.deepEqual(complaints, []);
  });
}

export const studio = () => page.locator('#studio');
export const alertBox = () => page.locator('#alert');
export const openPaired = async () => {
  await page.goto(`${address()}#key=${pageKey}`);
  await studio().waitFor();
};
export const choose = async (buffer: Uint8Array, name = 'photo.jpg') =>
  page.setInputFiles('#file', { name, mimeType: 'image/jpeg', buffer: Buffer.from(buffer) });
export const drawn = () => page.locator('#canvas[data-state=compare], #canvas[data-state=single]').waitFor();
export const cancel = async () => {
  await page.locator('#stage-text', { hasText: 'Drawing' }).waitFor();
  await page.click('#cancel');
  await page.locator('#progress').waitFor({ state: 'hidden' });
};
export const pairByCode = async () => {
  await page.fill('#pair-code', bridge.pairing.current().code);
  await page.keyboard.press('Enter');
  await page.locator('#pairing').waitFor({ state: 'hidden' });
};
/** The drawing on the page: its file's name, and what the page shows of it. */
export const onPage = async () => [
  await page.locator('#download').getAttribute('download'),
  await page.locator('#download').isVisible(),
  await page.locator('#canvas').getAttribute('data-state'),
  await page.locator('#facts').textContent(),
];

/** Puts a style into a store, as `nigaoe models import` does in a terminal. */
export async function addStyle(home: string, id: string): Promise<void> {
  const file = path.join(home, 'gan.onnx');
  await writeFile(
    file,
    writeOnnx(tinyGan({ io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] }, kind: 'random' })),
  );
  await importModel(file, { id, licence: 'MIT', store: openStore({ home }) });
}

/** Drops a file, as the system's file browser does. */
export async function drop(page: Page, file: Uint8Array, name: string): Promise<void> {
  const base64 = Buffer.from(file).toString('base64');
  await page.evaluate(`{
    const bytes = Uint8Array.from(atob('${base64}'), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], '${name}', { type: 'image/jpeg' }));
    for (const type of ['dragover', 'drop'])
      document.getElementById('canvas').dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }`);
}
