// One POST over HTTP(S) with Node's own client, which takes the TLS settings of Node-RED's `tls-config` node.

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { Form } from './multipart.js';

export interface PostOptions {
  url: URL;
  form: Form;
  timeoutMs: number;
  signal: AbortSignal;
  tls: SecureContextOptions & { rejectUnauthorized?: boolean; servername?: string };
}

export interface Answer {
  status: number;
  /** Where a redirect points to. */
  location: string | undefined;
}

/** Resolves with any HTTP answer; throws the system's error, or an AbortError with the signal's reason as its cause. */
export const post = ({ url, form, timeoutMs, signal, tls }: PostOptions): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      ...tls,
      method: 'POST',
      // The whole exchange, not only a pause in it.
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: { 'content-type': form.contentType, 'content-length': form.body.length },
    });
    request.on('response', (response) => {
      // The body says nothing that we need, but the connection is free again only when it is read.
      response.on('error', () => undefined).resume();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location });
    });
    request.on('error', reject);
    request.end(form.body);
  });
