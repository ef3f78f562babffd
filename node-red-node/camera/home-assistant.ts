// The picture of a Home Assistant entity, through its `camera_proxy` (or `image_proxy`) and a long-lived token.

import { expected, NigaoeError } from '../../shared/errors.js';

/** The address of the entity's picture now; `base` may lie below a path, as in an add-on: `http://supervisor/core`. */
export function entityAddress(base: URL, entity: string): URL {
  const domain = /^(camera|image)\.[a-z0-9_]+$/.exec(entity)?.[1];
  if (domain === undefined) throw expected('a name such as camera.front_door', 'the entity', entity);
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, '')}/api/${domain}_proxy/${entity}`;
  // A picture that a cache keeps would never change.
  url.search = `?time=${Date.now()}`;
  return url;
}

/** Says what an answer of Home Assistant means for an entity. */
export function explainEntity(error: unknown, entity: string): unknown {
  if (!(error instanceof NigaoeError)) return error;
  if (error.code === 'not-found')
    return new NigaoeError(
      'not-found',
      `Expected a picture of ${entity} but Home Assistant knows no such entity`,
      {
        hint: 'Copy the entity id from its settings in Home Assistant',
      },
    );
  if (error.code === 'unreachable' && / answers 500/.test(error.message))
    return new NigaoeError(
      'unreachable',
      `Expected a picture of ${entity} but Home Assistant gets none from it now`,
    );
  return error;
}
