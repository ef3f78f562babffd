// A classifier of small pictures: what digits drawn by the other recipes are judged with.

import { labelled } from '../../models/imports/label.js';
import * as a from '../arithmetic.js';
import { crossEntropy, meanOf, ofClass } from '../losses.js';
import { classifier } from '../nets/small.js';
import { emit } from '../onnx.js';
import type { Node } from '../ops.js';
import { adam, minimize } from '../optimizers.js';
import { step } from '../step.js';
import { Weights } from '../weights.js';
import { inUse } from './products.js';
import type { Recipe } from './recipe.js';

export const CLASSIFIER: Recipe = {
  title: 'convolutional classifier of labelled pictures',
  inputs: ['pictures'],
  takesLabels: true,
  takes: ['holdBack'],
  sizes: { multipleOf: 4, minPx: 8, maxPx: 256 },
  defaults: { epochs: 5, batch: 64, rate: 1e-3, size: 28, channels: 1 },
  plan(picture, { batch, heldBatch, rate, clip }, { classes }) {
    const net = classifier(classes);
    const weights = new Weights();
    const held = new Weights({ training: false });
    const pictures = a.input('pictures', [batch, ...picture]);
    const labels = a.input('labels', [batch]);
    const loss = crossEntropy(net(pictures, weights), labels);
    minimize(loss, weights, { of: ['classifier'], by: adam({ rate }), clip });
    const measured = a.input('pictures', [heldBatch, ...picture]);
    const [logits, shown] = [net(measured, held), a.input('labels', [heldBatch])];
    return {
      weights,
      train: step(weights, { loss }),
      measure: step(held, {
        loss: crossEntropy(logits, shown),
        accuracy: accuracyOf(logits, shown),
      }),
      products: (state) => {
        const logits = net(a.input('pictures', [1, ...picture]), inUse(state));
        return { 'classifier.onnx': labelled(emit({ logits }), { title: 'classifier' }) };
      },
    };
  },
};

/** How many of the labels have the largest logit: those that none lies above. */
function accuracyOf(logits: Node, labels: Node): Node {
  const above = a.sum(a.greater(logits, ofClass(logits, labels)), [1]);
  return meanOf(a.subtract(1, a.greater(above, 0)));
}
