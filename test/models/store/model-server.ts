// A web server on 127.0.0.1 that serves one model file, well or badly, and remembers what it was asked for.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Request {
  url: string;
  range: string | undefined;
  ifRange: string | undefined;
}

/** Answers the request with that number (0 is the first). */
export type Answer = (response: ServerResponse, request: Request, index: number) => void;

export interface ModelServer {
  /** `http://127.0.0.1:PORT` */
  base: string;
  requests: Request[];
  close(): Promise<void>;
}

/** Starts a server on a free port. */
export async function serve(answer: Answer): Promise<ModelServer> {
  const requests: Request[] = [];
  const server = createServer((incoming, response) => {
    const request = requestOf(incoming);
    requests.push(request);
    answer(response, request, requests.length - 1);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { base: `http://127.0.0.1:${port}`, requests, close };
}

/** A good server of one content, with ranges and a tag. */
export function wellBehaved(content: Buffer, etag = '"one"'): Answer {
  return (response, { range, ifRange }) => {
    const start = startOf(range);
    if (start === undefined || (ifRange !== undefined && ifRange !== etag)) {
      response.writeHead(200, { 'content-length': content.length, etag });
      response.end(content);
    } else if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` });
      response.end();
    } else {
      sendRange(response, content, start, etag);
    }
  };
}

/**
 * Promises the whole file, sends `bytes` of it and cuts the line, once they have arrived where that can be told: what is still
 * on its way then is lost.
 */
export function breakOff(
  response: ServerResponse,
  content: Buffer,
  bytes: number,
  haveArrived: () => boolean = () => true,
): void {
  response.writeHead(200, { 'content-length': content.length, etag: '"one"' });
  const cut = () => void (haveArrived() ? response.destroy() : setTimeout(cut, 5));
  response.write(content.subarray(0, bytes), () => setTimeout(cut, 20));
}

/** Promises the whole file, sends `bytes` of it and falls silent. */
export function stall(response: ServerResponse, content: Buffer, bytes: number): void {
  response.writeHead(200, { 'content-length': content.length, etag: '"one"' });
  response.write(content.subarray(0, bytes));
}

/** An empty answer of that status. */
export function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  response.end();
}

function sendRange(response: ServerResponse, content: Buffer, start: number, etag: string): void {
  const end = content.length - 1;
  response.writeHead(206, {
    'content-length': content.length - start,
    'content-range': `bytes ${start}-${end}/${content.length}`,
    etag,
  });
  response.end(content.subarray(start));
}

function startOf(range: string | undefined): number | undefined {
  const start = /^bytes=(\d+)-$/.exec(range ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

function requestOf({ url, headers }: IncomingMessage): Request {
  return { url: url ?? '', range: headers.range, ifRange: headers['if-range'] as string | undefined };
}
