// One file as the body of a form (RFC 7578).

import { randomBytes } from 'node:crypto';
import type { Picture } from '../picture.js';

export interface Form {
  contentType: string;
  body: Buffer;
}

/** The picture under a form field's name, which the caller has checked. */
export function formOf(field: string, { bytes, mediaType, extension }: Picture): Form {
  const boundary = `nigaoe-${randomBytes(12).toString('hex')}`;
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${field}"; filename="picture.${extension}"`,
    `Content-Type: ${mediaType}`,
    '',
    '',
  ].join('\r\n');
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}
