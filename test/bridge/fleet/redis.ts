// A redis-server of one's own for tests: on a free port, with its files in a folder that is thrown away.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** Whether the program is there; tests without it say so and are skipped. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  /** Of a server that speaks TLS: the certificate to trust. */
  certificate: string | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  static async start(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), await mkdtemp(join(tmpdir(), 'nigaoe-redis-')));
    await server.begin(...settings);
    return server;
  }

  /** With TLS, and a certificate of its own for localhost. */
  static async startTls(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), await mkdtemp(join(tmpdir(), 'nigaoe-redis-')));
    const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => join(server.#folder, name));
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names]);
    server.certificate = certificate;
    const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    await server.begin('--port', '0', '--tls-port', `${server.port}`, ...tls, ...settings);
    return server;
  }

  get url(): string {
    return this.certificate === undefined
      ? `redis://127.0.0.1:${this.port}/0`
      : `rediss://localhost:${this.port}/0`;
  }

  /** Again on the same port with the same files. */
  async begin(...settings: string[]): Promise<void> {
    const flags = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    this.#child = spawn('redis-server', [...flags, '--appendonly', 'yes', ...settings], { stdio: 'ignore' });
    await this.#answer();
  }

  /** Stands still, as behind a network that is cut. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGCONT');
    child.kill(signal);
    await once(child, 'exit');
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #answer(): Promise<void> {
    const trusting = this.certificate === undefined ? {} : { tls: { rejectUnauthorized: false } };
    const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: null, ...trusting });
    let needsPassword = false;
    redis.on('error', ({ message }) => {
      needsPassword = message.includes('NOAUTH');
    });
    for (let tries = 0; tries < 200; tries++) {
      const answer = await redis
        .connect()
        .then(() => redis.ping())
        .catch(() => undefined);
      redis.disconnect();
      if (answer === 'PONG' || needsPassword) return;
      await delay(25);
    }
    throw new Error('redis-server did not answer');
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
