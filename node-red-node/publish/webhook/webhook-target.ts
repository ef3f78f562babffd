// Posts pictures to a camera of Home Assistant's push platform, which listens at a webhook.

import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, type FailureCode, NigaoeError } from '../../../shared/errors.js';
import type { Caption } from '../caption.js';
import { Line } from '../line.js';
import type { Picture } from '../picture.js';
import type { Published, Target } from '../target.js';
import { formOf } from './multipart.js';
import { type Answer, type PostOptions, post } from './post.js';

export interface WebhookOptions {
  /** Of the whole webhook. Its last part is a secret: it stands in no message. */
  url: URL;
  /** The form's field, `image` unless Home Assistant was told otherwise. */
  field: string;
  timeoutMs: number;
  /** Attempts after the first one. */
  retries: number;
  /** Pause before the first further attempt, doubled each time. */
  pauseMs: number;
  tls: PostOptions['tls'];
}

/** A failure that the next attempt may not meet. */
class Passing extends NigaoeError {}

export class WebhookTarget implements Target {
  readonly #options: WebhookOptions;
  readonly #closing = new AbortController();
  readonly #line = new Line<Picture, Published>({
    work: (picture) => this.#postWithRetries(picture),
    atOnce: 1,
    room: 1,
    whenFull: 'oldest gives way',
  });

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** The camera shows one picture: while one is on its way, only the newest waits. */
  publish(picture: Picture, _caption: Caption): Promise<Published | undefined> {
    return this.#line.add(picture);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#line.close();
  }

  async #postWithRetries(picture: Picture): Promise<Published> {
    const { retries, pauseMs } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#postOnce(picture);
      } catch (error) {
        if (this.#closing.signal.aborted) throw closed();
        if (!(error instanceof Passing) || attempt >= retries) throw error;
      }
      await sleep(pauseMs * 2 ** attempt, undefined, { signal: this.#closing.signal }).catch(() => {
        throw closed();
      });
    }
  }

  async #postOnce(picture: Picture): Promise<Published> {
    const { url, field, timeoutMs, tls } = this.#options;
    const form = formOf(field, picture);
    const { signal } = this.#closing;
    const answer = await post({ url, form, timeoutMs, signal, tls }).catch((error: unknown) => {
      throw unreachable(error, this.#options);
    });
    refuse(answer, shownUrl(url));
    return {
      target: 'webhook',
      url: shownUrl(url),
      at: new Date().toISOString(),
      bytes: picture.bytes.length,
    };
  }
}

/** The address without the webhook's id. */
const shownUrl = (url: URL): string => `${url.origin}${url.pathname.replace(/[^/]*$/, '…')}`;

function refuse({ status, location }: Answer, url: string): void {
  if (status >= 200 && status < 300) return;
  const what = `Expected ${url} to take the picture but it answered ${status}`;
  if (status >= 500) throw new Passing('unreachable', what, { hint: 'Look into the log of Home Assistant.' });
  if (status >= 300 && status < 400) throw new NigaoeError('options', what, { hint: movedTo(location) });
  const { code, hint } = REFUSALS[status] ?? REFUSALS[400];
  throw TOO_BUSY.has(status) ? new Passing(code, what, { hint }) : new NigaoeError(code, what, { hint });
}

/** Status codes of RFC 9110, 15.5, and RFC 6585 (429): not every no means that the address is wrong. */
const REFUSALS: Record<number, { code: FailureCode; hint: string }> = {
  400: { code: 'options', hint: 'Check the address and the form field: this may be no webhook.' },
  401: { code: 'forbidden', hint: 'Check the address: a webhook itself asks for no login.' },
  403: { code: 'forbidden', hint: 'Check the address: a webhook itself asks for no login.' },
  404: { code: 'not-found', hint: 'Check the address and the webhook id.' },
  405: { code: 'forbidden', hint: 'The webhook must allow POST, or the address leads to something else.' },
  408: { code: 'busy', hint: 'The connection is slow: send smaller pictures, or fewer.' },
  410: { code: 'not-found', hint: 'Check the address and the webhook id.' },
  413: {
    code: 'photo-too-large',
    hint: "Raise the limit of the proxy before it (nginx: client_max_body_size), or draw smaller with stylize's longest side.",
  },
  429: { code: 'busy', hint: 'Send fewer pictures.' },
};
const TOO_BUSY = new Set([408, 429]);

/** Of the new address only its host: the path holds the id. */
function movedTo(location: string | undefined): string {
  const host = location !== undefined && URL.canParse(location) ? new URL(location).origin : undefined;
  return `Give the address that needs no redirect${host === undefined ? '' : `: ${host}`}.`;
}

function unreachable(error: unknown, { url, timeoutMs }: WebhookOptions): NigaoeError {
  const cause = error instanceof Error ? error.cause : undefined;
  const late = cause instanceof Error && cause.name === 'TimeoutError';
  const reason = late
    ? `it took longer than ${timeoutMs / 1000} s`
    : `the connection failed (${reasonOf(error)})`;
  return new Passing('unreachable', `Expected an answer of ${url.origin} but ${reason}`, {
    hint: 'Check that Home Assistant runs and that the address is right; a private certificate needs TLS settings.',
  });
}

const reasonOf = (error: unknown): string =>
  codeOf(error) ?? (error instanceof Error ? error.message : String(error));

const closed = (): NigaoeError =>
  new NigaoeError('cancelled', 'The node was closed before the picture was sent');
