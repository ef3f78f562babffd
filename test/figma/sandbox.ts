// Runs the plugin's built code.js as Figma does: in a context of its own without a browser's globals, with a fetch that can
// do little and reaches only what the manifest names. Its port is led to the bridge under test.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, types } from 'node:util';
import vm from 'node:vm';
import type { FakeFigma } from './fake-figma.js';

/** The plugin as it is imported in Figma. */
export interface BuiltPlugin {
  manifest: Manifest;
  code: string;
  html: string;
}
interface Manifest {
  main: string;
  ui: string;
  documentAccess: string;
  networkAccess: { allowedDomains: string[]; reasoning: string };
  menu: { command?: string; separator?: boolean }[];
  relaunchButtons: { command: string; multipleSelection?: boolean }[];
}

/** Called before a request leaves: a place for accidents. */
export type OnRequest = (method: string, path: string) => void | Promise<void>;

const ROOT = findRoot();

/** Bundles the plugin into a folder that is gone afterwards. */
export async function buildPlugin(): Promise<BuiltPlugin> {
  const folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-figma-'));
  try {
    await promisify(execFile)(process.execPath, [path.join(ROOT, 'scripts/build-figma.js'), folder]);
    const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8');
    const manifest = JSON.parse(await read('manifest.json')) as Manifest;
    return { manifest, code: await read(manifest.main), html: await read(manifest.ui) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts the plugin with a command of its manifest; `port` is that of the bridge under test. */
export function startPlugin(
  { manifest, code, html }: BuiltPlugin,
  fake: FakeFigma,
  { port, command, parameters, onRequest }: StartOptions,
): void {
  fake.restart();
  const { life } = fake;
  const alive = (): boolean => fake.life === life;
  const globals = {
    figma: fake.api,
    __html__: html,
    fetch: whileAlive(alive, narrowFetch(manifest, port, onRequest ?? (() => undefined))),
    setTimeout: (callback: () => void, ms: number) => setTimeout(() => alive() && callback(), ms),
    clearTimeout,
    setInterval,
    clearInterval,
  };
  vm.runInContext(code, vm.createContext({ ...globals, console }), { filename: manifest.main });
  if (command !== undefined) fake.emit('run', { command, parameters });
}
export interface StartOptions {
  port: number;
  /** Left out, nothing runs yet, as while the user types parameters. */
  command?: string;
  parameters?: Record<string, unknown>;
  onRequest?: OnRequest;
}

/** A plugin that has ended hears nothing more; what it asked for still arrives where it was sent. */
function whileAlive<Args extends unknown[]>(alive: () => boolean, call: (...args: Args) => Promise<object>) {
  return (...args: Args): Promise<object> =>
    new Promise((resolve, reject) => {
      call(...args).then(
        (answer) => alive() && resolve(answer),
        (error) => alive() && reject(error),
      );
    });
}

/** Resolves when `test` holds; Figma's documents have no event for that. */
export async function until(what: string, test: () => boolean, timeoutMs = 20_000): Promise<void> {
  for (const start = Date.now(); !test(); ) {
    if (Date.now() - start > timeoutMs) assert.fail(`Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface NarrowRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}
const REQUEST_KEYS = [
  'method',
  'headers',
  'body',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'integrity',
];

function narrowFetch(manifest: Manifest, port: number, onRequest: OnRequest) {
  return async (url: unknown, request: NarrowRequest = {}): Promise<object> => {
    checkRequest(manifest, url, request);
    const { method = 'GET', headers = {}, body } = request;
    const { pathname, search } = new URL(url as string);
    await onRequest(method, pathname);
    const target = `http://localhost:${port}${pathname}${search}`;
    try {
      await preflight(target, method, Object.keys(headers));
      return narrowResponse(
        await fetch(target, {
          method,
          headers: { ...headers, origin: 'null' },
          body: body as RequestInit['body'],
        }),
      );
    } catch {
      throw { message: 'Failed to fetch' };
    }
  };
}

/** The sandbox refuses what it does not know; and Figma every host that the manifest does not name. */
function checkRequest(manifest: Manifest, url: unknown, request: NarrowRequest): asserts url is string {
  if (typeof url !== 'string') throw { message: 'Expected the URL as a string' };
  const unknown = Object.keys(request).filter((key) => !REQUEST_KEYS.includes(key));
  if (unknown.length > 0) throw { message: `fetch does not know ${unknown.join(', ')}` };
  if (request.body !== undefined && typeof request.body !== 'string' && !types.isUint8Array(request.body))
    throw { message: 'Expected a body of type Uint8Array or string' };
  const allowed = manifest.networkAccess.allowedDomains.some((domain) => new URL(url).origin === domain);
  if (!allowed) throw { message: `Refused to connect to '${url}': not in the manifest` };
}

/** What a browser asks first, of any request that a form could not have made. */
async function preflight(target: string, method: string, headers: readonly string[]): Promise<void> {
  if (method === 'GET' && headers.length === 0) return;
  const answer = await fetch(target, {
    method: 'OPTIONS',
    headers: {
      origin: 'null',
      'access-control-request-method': method,
      'access-control-request-headers': headers.join(','),
    },
  });
  const list = (name: string): string[] => (answer.headers.get(name) ?? '').toLowerCase().split(/ *, */);
  assert.ok(answer.ok, `preflight of ${method} ${target}: ${answer.status}`);
  assert.ok(['null', '*'].includes(answer.headers.get('access-control-allow-origin') ?? ''));
  assert.ok(method === 'GET' || list('access-control-allow-methods').includes(method.toLowerCase()), method);
  for (const name of headers)
    assert.ok(list('access-control-allow-headers').includes(name.toLowerCase()), name);
}

function narrowResponse(answer: Response): object {
  const { ok, redirected, status, statusText, type, url } = answer;
  return {
    ...{ ok, redirected, status, statusText, type, url },
    headersObject: Object.fromEntries(answer.headers),
    arrayBuffer: () => answer.arrayBuffer(),
    text: () => answer.text(),
    json: () => answer.json(),
  };
}

function findRoot(from = path.dirname(fileURLToPath(import.meta.url))): string {
  return existsSync(path.join(from, 'package.json')) ? from : findRoot(path.dirname(from));
}
