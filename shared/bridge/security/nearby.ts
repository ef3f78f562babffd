// Who sits on this machine: a proxy does too, but it speaks for others.

import type { FastifyRequest } from 'fastify';
import { NigaoeError } from '../../errors.js';

/** What proxies say of those for whom they speak. Not all say it: it is no more than a second look. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/** Throws `forbidden` for a request that did not come from this machine, or came through a proxy. */
export function checkNearby({ ip, headers }: FastifyRequest): void {
  const isForwarded = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  if (isLoopback(ip) && !isForwarded) return;
  const message = 'Expected a program on the computer of the bridge but the code came from another';
  throw new NigaoeError('forbidden', message, {
    hint: 'Make a token there with `nigaoe tokens create NAME`, and give it to this program.',
  });
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/i.test(address);
