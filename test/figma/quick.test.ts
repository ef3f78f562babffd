// The quick actions: which styles they offer, and what they remember.

import assert from 'node:assert/strict';
import { imageFill } from './fake-figma.js';
import { flatPng } from './images.js';
import { setStage } from './stage.js';

describe('the quick actions', () => {
  const stage = setStage();

  it('offer only styles that can draw at once', async () => {
    stage.start('');
    const { suggestions } = await stage.fake.typeParameter('style', '');
    assert.deepEqual(
      (suggestions as { data: string }[]).map(({ data }) => data),
      ['ink'],
    );
  });

  it('remember what was typed once something was drawn in it', async () => {
    const hash = stage.fake.addImage(await flatPng(8, 8));
    stage.fake.select(...stage.fake.add({ fills: [imageFill(hash)] }));
    const kept = (): unknown =>
      (stage.fake.storage.get('settings') as { options?: object } | undefined)?.options;
    stage.bridge.refusal = { code: 'model-missing', message: 'Expected a style that is here' };
    await stage.run('stylize', { parameters: { style: 'paprika' } });
    assert.equal(kept(), undefined);
    stage.bridge.refusal = undefined;
    await stage.run('stylize', { parameters: { style: 'ink', strength: '40' } });
    assert.deepEqual(kept(), { style: 'ink', strength: 0.4 });
  });
});
