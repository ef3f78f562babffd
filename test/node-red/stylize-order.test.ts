// The options of a drawing: from the form, from `msg.nigaoe`, and what is wrong with either.

import assert from 'node:assert/strict';
import { type ChosenOptions, readOrder, type TypedValue } from '../../node-red-node/stylize/order.js';
import { NigaoeError } from '../../shared/errors.js';
import { TABLE } from './stylize-world.js';

const VALUES: Record<string, unknown> = {
  number: 0.25,
  text: '0.75',
  nothing: undefined,
  empty: '',
  yes: 'true',
};

/** Fixed values are themselves; all others are looked up above. */
const evaluate = async ({ type, value }: TypedValue): Promise<unknown> =>
  ({ str: value, num: Number(value), bool: value === 'true' })[type] ?? VALUES[value];

const read = (chosen: ChosenOptions, overrides?: unknown) =>
  readOrder({ chosen, overrides, table: TABLE, evaluate });

describe('the options of nigaoe-stylize', () => {
  it('are those of the form', async () => {
    const order = await read({
      style: { type: 'str', value: 'ink' },
      strength: { type: 'num', value: '0.5' },
      pad: { type: 'bool', value: 'false' },
      scope: { type: 'str', value: 'faces' },
    });
    assert.deepEqual(order, { style: 'ink', strength: 0.5, pad: false, scope: 'faces' });
  });

  it('are overridden by those of the message', async () => {
    const order = await read({ strength: { type: 'num', value: '0.5' } }, { strength: 0.1, format: 'png' });
    assert.deepEqual(order, { strength: 0.1, format: 'png' });
  });

  it('come from message, flow, global or environment, as text too', async () => {
    assert.deepEqual(await read({ strength: { type: 'msg', value: 'number' } }), { strength: 0.25 });
    assert.deepEqual(await read({ strength: { type: 'env', value: 'text' } }), { strength: 0.75 });
    assert.deepEqual(await read({ pad: { type: 'flow', value: 'yes' } }), { pad: true });
  });

  it('take their default where the value is not there', async () => {
    assert.deepEqual(await read({ strength: { type: 'msg', value: 'nothing' } }), {});
    assert.deepEqual(await read({ style: { type: 'env', value: 'empty' } }, { scope: undefined }), {});
  });

  it('are not looked at where the message overrides them', async () => {
    assert.deepEqual(await read({ strength: { type: 'num', value: '7' } }, { strength: 1 }), { strength: 1 });
  });
});

describe('an option that is wrong for nigaoe-stylize', () => {
  const refuses = (title: string, given: () => Promise<unknown>, message: RegExp, hint?: RegExp) =>
    it(title, async () => {
      await assert.rejects(given, (error: unknown) => {
        assert.ok(error instanceof NigaoeError);
        assert.equal(error.code, 'options');
        assert.match(error.message, message);
        if (hint !== undefined) assert.match(error.hint ?? '', hint);
        return true;
      });
    });

  refuses(
    'is named with its place',
    () => read({}, { strength: 7 }),
    /0 to 1 for msg\.nigaoe\.strength but .*7/,
  );
  refuses(
    'may be in the form',
    () => read({ size: { type: 'num', value: '0.5' } }),
    /whole number.* for size/,
  );
  refuses('may be text', () => read({}, { strength: 'strong' }), /msg\.nigaoe\.strength but .*"strong"/);
  refuses('may be no number at all', () => read({ size: { type: 'num', value: 'x' } }), /for size but .*NaN/);
  refuses('may be no choice', () => read({}, { scope: 'face' }), /one of auto, photo.* but .*"face"/);
  refuses('may be no switch', () => read({}, { pad: 1 }), /true or false for msg\.nigaoe\.pad/);
  refuses('may be no text', () => read({}, { style: 3 }), /text for msg\.nigaoe\.style/);
  refuses(
    'may be unknown',
    () => read({}, { stil: 'ink' }),
    /known option for msg\.nigaoe.*"stil"/,
    /style, scope/,
  );
  refuses(
    'may be spelled otherwise',
    () => read({}, { 'side-by-side': true }),
    /known option/,
    /Did you mean sideBySide/,
  );
  refuses(
    'may be unknown to an older engine',
    () => read({ glow: { type: 'num', value: '1' } }),
    /this node.*"glow"/,
  );
  refuses('may be no object', () => read({}, 'ink'), /an object of options.* for msg\.nigaoe/);
});
