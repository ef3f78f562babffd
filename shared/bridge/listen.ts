// Opens the sockets: one server per address, all with the same handler and the same patience.

import { once } from 'node:events';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { type Socket, Server as SocketServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, expected, NigaoeError } from '../errors.js';
import { rawFailure } from './failures.js';
import type { BridgeLimits } from './limits.js';
import { DEFAULT_PORT } from './protocol.js';

/** This machine has no such address: it may be without IPv6. */
const NO_SUCH_ADDRESS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];
/** How often Node.js looks for requests that are late. */
const CHECK_MS = 1_000;
const MOST_HEADER_BYTES = 16_384;

export interface Listening {
  port: number;
  addresses: string[];
  /** Takes no more connections, lets answers arrive that are on their way for so long, and ends those that are open. */
  close(farewellMs: number): Promise<void>;
}

interface Wishes {
  /** 0: any that is free. */
  port: number;
  addresses: readonly string[];
  limits: BridgeLimits;
}

/** Listens on all of the addresses, which must have the port free, or on none. Throws `conflict` for a port that is taken. */
export async function listenOn(
  handler: RequestListener,
  { port, addresses, limits }: Wishes,
): Promise<Listening> {
  const servers: Server[] = [];
  const close = async (farewellMs: number) =>
    void (await Promise.all(servers.map((server) => closeServer(server, farewellMs))));
  try {
    for (const address of addresses) {
      const server = makeServer(handler, limits);
      const taken = await bind(server, { port: portOf(servers[0]) ?? port, host: address });
      if (taken) servers.push(server);
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  const found = portOf(servers[0]);
  if (found === undefined) throw noAddress(addresses);
  return { port: found, addresses: servers.map(addressOf), close };
}

function makeServer(handler: RequestListener, limits: BridgeLimits): Server {
  const options: ServerOptions = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: CHECK_MS,
    maxHeaderSize: MOST_HEADER_BYTES,
  };
  const server = createServer(options, handler);
  server.timeout = limits.idleMs;
  server.maxConnections = limits.connections;
  watchAnswers(server);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(socket as Socket, error.code));
  return server;
}

function refuse(socket: Socket, code: string | undefined): void {
  if (code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else socket.end(rawFailure(code));
}

/** False where this machine has no such address. */
async function bind(server: Server, { port, host }: { port: number; host: string }): Promise<boolean> {
  // Two families, two servers: each takes its own only, unless it is to take all.
  server.listen({ port, host, ipv6Only: host !== '::' });
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (host === '::1' && NO_SUCH_ADDRESS.includes(codeOf(error) ?? '')) return false;
    throw explain(error, { port, host });
  }
}

function explain(error: unknown, { port, host }: { port: number; host: string }): NigaoeError {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') return portTaken(port, error);
  if (code === 'EACCES')
    return expected('a port that this user may open', '--port', port, `Take the default, ${DEFAULT_PORT}.`);
  if (NO_SUCH_ADDRESS.includes(code ?? '')) return expected('an address of this computer', '--host', host);
  return new NigaoeError('internal', `internal: cannot listen on ${host}: ${String(error)}`, {
    cause: error,
  });
}

function portTaken(port: number, cause: unknown): NigaoeError {
  return new NigaoeError('conflict', `Expected port ${port} to be free but another program listens there`, {
    hint:
      'It may be a bridge that runs already: use that one, or stop it. ' +
      `--port takes another port, but front ends expect ${DEFAULT_PORT} and must then be told.`,
    cause,
  });
}

function noAddress(addresses: readonly string[]): NigaoeError {
  return expected('addresses of this computer', '--host', addresses.join(', '));
}

function portOf(server: Server | undefined): number | undefined {
  const address = server?.address();
  return typeof address === 'object' ? address?.port : undefined;
}

function addressOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.address : '';
}

/** Answers that are on their way may arrive; what is not done by then is cut off. */
async function closeServer(server: Server, farewellMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  // An HTTP server that closes cuts off whatever it has handed to a socket and that is still being read at the other end.
  SocketServer.prototype.close.call(server);
  const endMs = performance.now() + farewellMs;
  while ((unsent.get(server)?.size ?? 0) > 0 && performance.now() < endMs) await delay(FAREWELL_POLL_MS);
  server.close();
  server.closeAllConnections();
  await closed;
}
const FAREWELL_POLL_MS = 20;

/** Answers that were begun and have not gone out. */
const unsent = new WeakMap<Server, Set<ServerResponse>>();

function watchAnswers(server: Server): void {
  const answers = new Set<ServerResponse>();
  unsent.set(server, answers);
  server.on('request', (_, answer) => {
    answers.add(answer);
    answer.once('close', () => answers.delete(answer));
  });
}
