// What is read of ONNX graphs computes what onnxruntime computes of them: every op that is read, in every form that it comes in.

import assert from 'node:assert/strict';
import { ELEMENTWISE } from '../../shared/train/reading/elementwise.js';
import { LAYOUT } from '../../shared/train/reading/layout.js';
import { PRODUCTS } from '../../shared/train/reading/products.js';
import { STATISTICS } from '../../shared/train/reading/statistics.js';
import { WINDOWS } from '../../shared/train/reading/windows.js';
import { type Forms, modelOf } from './reading/form.js';
import { ELEMENTWISE_FORMS } from './reading/forms/elementwise.js';
import { LAYOUT_FORMS } from './reading/forms/layout.js';
import { PRODUCTS_FORMS } from './reading/forms/products.js';
import { CONSTANT_FORMS, STATISTICS_FORMS } from './reading/forms/statistics.js';
import { WINDOWS_FORMS } from './reading/forms/windows.js';
import { assertReads } from './reading/read-and-run.js';

const TABLES: Readonly<Record<string, readonly [rules: object, forms: Forms]>> = {
  'that moves numbers': [LAYOUT, LAYOUT_FORMS],
  'that works number by number': [ELEMENTWISE, ELEMENTWISE_FORMS],
  'that is a product': [PRODUCTS, PRODUCTS_FORMS],
  'that sums up': [STATISTICS, STATISTICS_FORMS],
  'that is known already': [{ Constant: undefined }, CONSTANT_FORMS],
  'that looks through windows': [WINDOWS, WINDOWS_FORMS],
};

for (const [title, [rules, table]] of Object.entries(TABLES))
  describe(`an ONNX op ${title}`, () => {
    it('has forms here if it has a rule', () => {
      assert.deepEqual(Object.keys(rules).sort(), Object.keys(table).sort());
    });

    for (const [op, forms] of Object.entries(table))
      for (const [name, form] of Object.entries(forms))
        it(`computes what onnxruntime does: ${op} ${name}`, async () => {
          const { model, feeds } = modelOf(op, form);
          await assertReads(model, feeds);
        });
  });
