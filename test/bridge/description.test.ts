// What /openapi.json says of bodies and headers: enough to make a client of it.

import assert from 'node:assert/strict';
import { IMAGE_TYPES, PRIORITIES } from '../../shared/bridge/protocol.js';
import { drawnPhoto } from '../isolated/photo.js';
import { BridgeWorld, json } from './world.js';

interface Schema {
  type?: string;
  enum?: string[];
  default?: string;
  format?: string;
  pattern?: string;
  description?: string;
  properties?: Record<string, Schema>;
}
interface Content {
  content: Record<string, { schema: Schema }>;
}
interface Route {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema; description?: string }[];
  requestBody?: Content & { required: boolean };
  responses: Record<string, Partial<Content> & { headers?: Record<string, { description: string }> }>;
}

describe('the description of the bridge', () => {
  const world = BridgeWorld.inSuite();
  let paths: Record<string, Record<string, Route>>;
  before(async () => {
    ({ paths } = json<{ paths: typeof paths }>(await world.call('/openapi.json')));
  });

  for (const route of ['/v1/jobs', '/v1/stylize'])
    it(`names the image files that ${route} takes`, () => {
      const { requestBody } = paths[route].post;
      assert.deepEqual(Object.keys(requestBody?.content ?? {}).sort(), [...IMAGE_TYPES].sort());
      assert.equal(requestBody?.required, true);
      for (const { schema } of Object.values(requestBody?.content ?? {}))
        assert.deepEqual(schema, { type: 'string', format: 'binary' });
    });

  for (const route of ['/v1/jobs', '/v1/stylize'])
    it(`names the priorities that ${route} knows`, () => {
      const told = paths[route].post.parameters?.find(({ name }) => name === 'x-priority');
      assert.equal(told?.in, 'header');
      assert.notEqual(told?.required, true);
      assert.deepEqual(told?.schema.enum, [...PRIORITIES]);
      assert.equal(told?.schema.default, 'interactive');
      assert.match(told?.description ?? '', /before batch/);
    });

  it('names the headers of a drawing that come with one', async () => {
    const { headers } = await world.post('/v1/stylize?scope=photo', await drawnPhoto());
    const told = Object.keys(headers).filter((name) => name.startsWith('x-nigaoe-'));
    const described = Object.keys(paths['/v1/stylize'].post.responses['200'].headers ?? {});
    assert.deepEqual(described.sort(), told.sort());
  });

  it('says where an order is, and when to come back after too many', () => {
    const { responses } = paths['/v1/jobs'].post;
    assert.ok(responses['202'].headers?.location.description);
    for (const status of ['4XX', '5XX']) assert.ok(responses[status].headers?.['retry-after'].description);
  });

  it('shows the code as six digits', () => {
    const { code } = paths['/pair'].post.requestBody?.content['application/json'].schema.properties ?? {};
    assert.equal(code?.description, 'Six digits.');
    assert.match('012345', new RegExp(code?.pattern ?? 'none'));
  });
});
