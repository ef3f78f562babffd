// A small world for the tests of the store: a temporary home, a made-up model of random bytes, servers that are closed.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type FailureCode, NigaoeError } from '../../../shared/errors.js';
import type { GanEntry, ModelEntry, ModelFile } from '../../../shared/models/entry.js';
import type { StoreOptions } from '../../../shared/models/store/settings.js';
import { type ModelStore, openStore } from '../../../shared/models/store/store.js';
import { type Answer, breakOff, type ModelServer, serve } from './model-server.js';

/** What one test uses; `close` takes all of it away. */
export class StoreWorld {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'nigaoe-store-'));
  readonly home = path.join(this.folder, 'home');
  readonly content = randomBytes(300_000);
  readonly #servers: ModelServer[] = [];

  /** A server on 127.0.0.1. */
  async serve(answer: Answer): Promise<ModelServer> {
    const server = await serve(answer);
    this.#servers.push(server);
    return server;
  }

  /** Sends so many bytes of `content`, and cuts the line when the store has them. */
  breakOff(response: ServerResponse, content: Buffer, bytes: number): void {
    const received = () => statSync(`${this.target}.part`, { throwIfNoEntry: false })?.size ?? 0;
    breakOff(response, content, bytes, () => received() >= bytes);
  }

  /** A store that loses patience quickly; the environment of the test run has no say. */
  store(options: StoreOptions = {}): ModelStore {
    const quick = { home: this.home, offline: false, stallMs: 2000, attempts: 3, backoffMs: 1 };
    const saved = process.env.NIGAOE_MIRROR;
    delete process.env.NIGAOE_MIRROR;
    try {
      return openStore({ ...quick, ...options });
    } finally {
      if (saved !== undefined) process.env.NIGAOE_MIRROR = saved;
    }
  }

  /** A model with one file of `content` at these addresses. */
  model(urls: string[], { commercial = true }: { commercial?: boolean } = {}): GanEntry {
    return modelOf([fileOf('toy.onnx', this.content, urls)], commercial);
  }

  /** Where the model's file lies in the store. */
  get target(): string {
    return path.join(this.home, 'models', 'toy', 'toy.onnx');
  }

  /** A folder mirror that holds these bytes as the toy's file. */
  mirrorOf(content: Buffer): string {
    const folder = path.join(this.folder, 'mirror');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'toy.onnx'), content);
    return folder;
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function fileOf(name: string, content: Buffer, urls: string[] = []): ModelFile {
  return { name, urls, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}

export function modelOf(files: ModelFile[], commercial = true): GanEntry {
  return {
    id: 'toy',
    title: 'A toy',
    files,
    licence: { name: 'Toy-1.0', commercial, notice: 'Toys are for play only.' },
    source: 'https://example.org/toy',
    kind: 'gan',
    io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] },
    side: { multipleOf: 8, minPx: 64, maxPx: 512 },
    scope: 'photo',
  };
}

/** The error that the promise fails with; asserts that it has that code. */
export async function failureOf(promise: Promise<unknown>, code: FailureCode): Promise<NigaoeError> {
  const error = await promise.then(
    () => assert.fail(`Expected ${code}, but nothing failed`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NigaoeError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

/** What a process of its own prints while it pulls the model. */
export async function pullInChild(
  home: string,
  entry: ModelEntry,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const script = fileURLToPath(new URL('./pull-child.js', import.meta.url));
  const environment = { ...process.env, NIGAOE_MIRROR: '', NIGAOE_OFFLINE: '', ...env };
  const argv = [script, home, JSON.stringify(entry)];
  return (await promisify(execFile)(process.execPath, argv, { env: environment })).stdout;
}
