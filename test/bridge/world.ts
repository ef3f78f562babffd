// A bridge as its clients meet it: on a free port, with a home of its own, spoken to over real sockets.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BridgeEvent } from '../../shared/bridge/news.js';
import type { JobStatus, PairAnswer } from '../../shared/bridge/protocol.js';
import { type Bridge, type BridgeOptions, openBridge } from '../../shared/bridge/server.js';
import type { Failure } from '../../shared/errors.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Default 127.0.0.1. */
  address?: string;
}

/** A bridge that tests open, ask and close. */
export class BridgeWorld {
  home = '';
  bridge!: Bridge;
  token = '';
  readonly events: BridgeEvent[] = [];

  /** Opens one before the tests of a suite, and closes it after them. */
  static inSuite(options: Partial<BridgeOptions> = {}): BridgeWorld {
    const world = new BridgeWorld();
    before(() => world.open(options));
    after(() => world.close());
    return world;
  }

  async open(options: Partial<BridgeOptions> = {}): Promise<void> {
    this.home = await mkdtemp(path.join(tmpdir(), 'nigaoe-bridge-'));
    this.bridge = await openBridge({
      port: 0,
      devices: async () => [{ device: 'cpu', works: true }],
      onEvent: (event) => this.events.push(event),
      ...options,
      stylizer: { store: { home: this.home, offline: true }, ...options.stylizer },
    });
    this.token = (await this.pair('tests')).token;
  }

  async close(): Promise<void> {
    await this.bridge.close();
    await rm(this.home, { recursive: true, force: true });
  }

  get origin(): string {
    return `http://localhost:${this.bridge.port}`;
  }

  /** A request without a token, exactly as it is given. */
  ask(
    target: string,
    { method = 'GET', headers = {}, body, address = '127.0.0.1' }: Ask = {},
  ): Promise<Answer> {
    const host = headers.host ?? (address.includes(':') ? `[${address}]` : address) + `:${this.bridge.port}`;
    const options: RequestOptions = {
      host: address,
      port: this.bridge.port,
      path: target,
      method,
      headers: { ...headers, host },
      agent: false,
    };
    return new Promise((resolve, reject) => {
      const sent = request(options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const whole = Buffer.concat(chunks);
          const { statusCode: status = 0, headers: answered } = answer;
          resolve({ status, headers: answered, body: whole, text: whole.toString() });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** The same with the token. */
  call(target: string, { headers, ...ask }: Ask = {}): Promise<Answer> {
    return this.ask(target, { ...ask, headers: { authorization: `Bearer ${this.token}`, ...headers } });
  }

  postJson(target: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async pair(name: string, code = this.bridge.pairing.current().code): Promise<PairAnswer> {
    return json<PairAnswer>(await this.postJson('/pair', { code, name }));
  }

  /** Orders a drawing. */
  post(target: string, photo: Uint8Array | string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call(target, {
      method: 'POST',
      body: photo,
      headers: { 'content-type': 'image/jpeg', ...headers },
    });
  }

  /** Asks until the job has ended. */
  async ended(id: string): Promise<JobStatus> {
    for (;;) {
      const status = json<JobStatus>(await this.call(`/v1/jobs/${id}`));
      if (!['queued', 'running'].includes(status.state)) return status;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Sends this text over a bare socket and returns all that comes back until the other end closes. */
  rawly(
    text: string,
    { andThen }: { andThen?: (write: (more: string) => void) => void } = {},
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: this.bridge.port });
      let received = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        received += chunk;
      });
      socket.on('close', () => resolve(received));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? undefined : reject(error),
      );
      socket.write(text);
      andThen?.((more) => socket.writable && socket.write(more));
    });
  }
}

export function json<Value>({ text, status }: Answer): Value {
  assert.ok(status >= 200 && status < 300, `status ${status}: ${text}`);
  return JSON.parse(text) as Value;
}

/** The failure of an answer, which must have this status and code. */
export function refused({ status, text }: Answer, expectedStatus: number, code: Failure['code']): Failure {
  assert.equal(status, expectedStatus, text);
  const { error } = JSON.parse(text) as { error: Failure };
  assert.equal(error.code, code, text);
  return error;
}
