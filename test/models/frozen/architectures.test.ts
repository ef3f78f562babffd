// The architectures that checkpoints are recognised as, and the published styles of the mirror: cut, they draw what they drew.

import assert from 'node:assert/strict';
import { convertCheckpoint } from '../../../shared/models/architectures/convert.js';
import { CATALOGUE } from '../../../shared/models/catalogue.js';
import type { GanEntry } from '../../../shared/models/entry.js';
import { readNetwork } from '../../../shared/models/open-model.js';
import { MIRROR, storeWith, titled } from '../../fixtures/mirror.js';
import animeganv2 from '../../oracles/animeganv2.json' with { type: 'json' };
import cyclegan from '../../oracles/cyclegan.json' with { type: 'json' };
import mindspore from '../../oracles/cyclegan_mindspore.json' with { type: 'json' };
import johnson from '../../oracles/johnson.json' with { type: 'json' };
import { casesOf, checkpointOf } from '../architectures/oracle.js';
import { agreesInTiles, agreesWhole, caseOf } from './agreement.js';

const NETWORKS: Record<string, unknown> = {
  AnimeGANv2: animeganv2,
  CycleGAN: cyclegan,
  "CycleGAN of MindSpore's tutorial": mindspore,
  "Johnson's style network": johnson,
};

/** Of what a drawing spans; a byte is 4e-3. Aligned corners, counted in tiles, differ by more than a rounding. */
const TOLERANCE = 2e-3;

/** The smallest in which tiles have a middle; of AnimeGANv2, which is of one width, that takes seconds. */
const IN_TILES = { whole: { height: 384, width: 416 }, tile: { height: 320, width: 320 } };

describe('an architecture with what it measures given as numbers', () => {
  for (const [network, cases] of Object.entries(NETWORKS))
    for (const [at, { title, options, tensors }] of casesOf(cases).entries()) {
      const isOfOneWidth = network === 'AnimeGANv2';
      if (isOfOneWidth && at > 0) continue;
      const isTiled = at === 0 && !isOfOneWidth;
      it(`draws what it drew${isTiled ? ', whole and in tiles' : ''}: ${network}, ${title}`, async () => {
        const { architecture, model } = await convertCheckpoint(checkpointOf(tensors), options);
        const { multipleOf, minPx } = architecture.side;
        const sizes = isTiled ? IN_TILES : { whole: { height: 96, width: 128 } };
        const given = await caseOf(model, { multipleOf, minPx, tolerance: TOLERANCE, ...sizes });
        await agreesWhole(given);
        if (isTiled) await agreesInTiles(given, true);
      });
    }
});

describe(titled('the published styles with what they measure given as numbers', MIRROR), () => {
  const styles = CATALOGUE.filter(
    (entry): entry is GanEntry => entry.kind === 'gan' && entry.checkpoint === undefined,
  );
  for (const entry of styles)
    it(`draws what it drew: ${entry.id}`, async function () {
      if (MIRROR === undefined) return this.skip();
      const mirrored = await storeWith([entry]);
      const model = await readNetwork(entry, { store: mirrored.store });
      mirrored.close();
      const { multipleOf, minPx } = entry.side;
      const whole = { height: 256, width: 256 };
      const given = await caseOf(model, { multipleOf, minPx, whole, tolerance: TOLERANCE });
      assert.ok(given.cut.asks > 0);
      await agreesWhole(given);
    });
});
