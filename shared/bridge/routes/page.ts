// The bridge's own page: three static files that hold no data and need no token.

import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { NigaoeError } from '../../errors.js';
import { PAGE_POLICY } from '../security/headers.js';

// Named one by one: no part of a URL ever becomes part of a path.
const FILES = [
  { route: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { route: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  { route: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
] as const;

export async function pageRoutes(scope: FastifyInstance): Promise<void> {
  for (const { route, file, type } of FILES)
    scope.get(route, { schema: { hide: true } }, async (_, reply) => {
      const bytes = await readPage(file);
      return reply.header('content-security-policy', PAGE_POLICY).type(type).send(bytes);
    });
}

async function readPage(file: string): Promise<Buffer> {
  return readFile(new URL(`../page/${file}`, import.meta.url)).catch((cause: unknown) => {
    throw new NigaoeError('not-found', 'Expected the page of the bridge but it is not part of this build', {
      cause,
    });
  });
}
