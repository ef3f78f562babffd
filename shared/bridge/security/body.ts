// What a body may be: an image by its content type, and by its first bytes.

import type { FastifyInstance } from 'fastify';
import { NigaoeError } from '../../errors.js';
import { openSource } from '../../photo/admission.js';
import { IMAGE_TYPES } from '../protocol.js';

/** Has this scope take image files as bodies, up to the limit, and nothing else. */
export function takeImages(scope: FastifyInstance, bodyLimit: number): void {
  scope.addContentTypeParser([...IMAGE_TYPES], { parseAs: 'buffer', bodyLimit }, (_, body, done) => {
    done(null, body);
  });
}

/** Has the routes of this scope overlook a body: some clients send a content type, and nothing of it, with each request. */
export function overlookBodies(scope: FastifyInstance): void {
  scope.addContentTypeParser('*', (_, payload, done) => {
    payload.resume();
    done(null);
  });
}

/** The bytes of an image; throws `photo-unreadable` for an empty body and `photo-refused` for what no image begins with. */
export function imageOf(body: unknown, name = 'The body'): Uint8Array {
  if (body === undefined || body === null) throw noBody();
  return openSource(body as Uint8Array, name).bytes;
}

/** Those that a hint names: the others are taken, but misspelled or refused by their bytes later. */
const ADVISED = IMAGE_TYPES.filter((type) => type !== 'image/jpg' && type !== 'image/heic');

/** For a content type that is not in the list. */
export function wrongType(type: string | undefined): NigaoeError {
  const received = type === undefined ? 'none' : JSON.stringify(type.slice(0, 80));
  return new NigaoeError('photo-refused', `Expected the content type of an image but received ${received}`, {
    hint: `Send the bytes of the file with one of: ${ADVISED.join(', ')}. With curl: -H 'content-type: image/jpeg' --data-binary @photo.jpg`,
  });
}

function noBody(): NigaoeError {
  return new NigaoeError(
    'photo-unreadable',
    'Expected the bytes of an image file as the body but it is empty',
    {
      hint: "With curl: -H 'content-type: image/jpeg' --data-binary @photo.jpg",
    },
  );
}
