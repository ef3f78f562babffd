// Failures as the doors see them: one code, one sentence, the way to repair it, and nothing lost over a wire.

import assert from 'node:assert/strict';
import {
  asFailure,
  expected,
  expectedType,
  FAILURES,
  type Failure,
  type FailureCode,
  fromFailure,
  NigaoeError,
  throwIfCancelled,
} from '../shared/errors.js';

describe('a failure', () => {
  it('carries the exit code and the HTTP status that the design gives its code', () => {
    const table: [FailureCode, number, number][] = [
      ['options', 2, 400],
      ['photo-unreadable', 3, 415],
      ['photo-refused', 3, 415],
      ['photo-too-large', 3, 413],
      ['no-face', 4, 422],
      ['model-missing', 5, 503],
      ['model-corrupt', 5, 503],
      ['licence-not-accepted', 5, 503],
      ['cancelled', 6, 499],
      ['device-absent', 7, 503],
      ['internal', 1, 500],
    ];
    for (const [code, exitCode, status] of table) {
      const error = new NigaoeError(code, 'It failed');
      assert.deepEqual([error.exitCode, error.status], [exitCode, status], code);
    }
  });

  it('keeps its cause for whoever debugs it', () => {
    const cause = new Error('disk full');
    assert.equal(new NigaoeError('internal', 'It failed', { cause }).cause, cause);
    assert.equal('cause' in new NigaoeError('internal', 'It failed'), false);
  });

  it('comes back from JSON with code, sentence, hint and numbers', () => {
    for (const code of Object.keys(FAILURES) as FailureCode[]) {
      const error = new NigaoeError(code, `It is ${code}`, { hint: 'Try again.' });
      const back = fromFailure(JSON.parse(JSON.stringify(error)) as Failure);
      assert.ok(back instanceof NigaoeError);
      assert.deepEqual(
        [back.code, back.message, back.hint, back.exitCode, back.status],
        [code, `It is ${code}`, 'Try again.', error.exitCode, error.status],
      );
    }
  });

  it('writes no empty hint', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(new NigaoeError('no-face', 'None'))), {
      code: 'no-face',
      message: 'None',
    });
  });

  it('of a code that this version does not know counts as internal', () => {
    for (const code of ['from-the-future', 'toString', '__proto__'])
      assert.equal(fromFailure({ code: code as FailureCode, message: 'x' }).exitCode, 1, code);
  });
});

describe('the sentence for a wrong value', () => {
  const SENTENCES: [unknown, string][] = [
    ['cat', '"cat"'],
    ['say "hi"', '"say \\"hi\\""'],
    [12, '12'],
    [Number.NaN, 'NaN'],
    [true, 'true'],
    [undefined, 'undefined'],
    [null, 'null'],
    [[1, 2], 'an object of type Array'],
    [new Date(), 'an object of type Date'],
    [Object.create(null), 'an object of type Object'],
    [Symbol('s'), 'Symbol(s)'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(1e6), `"${'x'.repeat(80)}…"`],
    ['x'.repeat(79) + '🙂🙂', `"${'x'.repeat(79)}…"`],
  ];
  for (const [value, shown] of SENTENCES)
    it(`shows ${shown.slice(0, 40)}`, () => {
      const { code, message } = expected('a dog', '--pet', value);
      assert.equal(code, 'options');
      assert.equal(message, `Expected a dog for --pet but received ${shown}`);
    });
});

describe('the sentence for a value of a wrong type', () => {
  const SENTENCES: [unknown, string][] = [
    [12, '12 of type number'],
    [true, 'true of type boolean'],
    [7n, '7 of type bigint'],
    ['cat', '"cat"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [[1, 2], 'an object of type Array'],
  ];
  for (const [value, shown] of SENTENCES)
    it(`shows ${shown}`, () => {
      const { code, message } = expectedType('a dog', '--pet', value);
      assert.deepEqual([code, message], ['options', `Expected a dog for --pet but received ${shown}`]);
    });
});

describe('asFailure', () => {
  it('hands our own errors through', () => {
    const error = new NigaoeError('no-face', 'None');
    assert.equal(asFailure(error), error);
  });

  it('calls an aborted call cancelled', () => {
    const reason: unknown = AbortSignal.abort().reason;
    assert.deepEqual(asFailure(reason).toJSON(), { code: 'cancelled', message: 'The job was cancelled' });
  });

  it('calls all else internal, keeps it as the cause and says so once', () => {
    const cause = new TypeError('x is not a function');
    const failure = asFailure(cause);
    assert.deepEqual([failure.code, failure.message], ['internal', 'internal: x is not a function']);
    assert.equal(failure.cause, cause);
    assert.equal(asFailure(new Error('internal: 2 numbers')).message, 'internal: 2 numbers');
    assert.equal(asFailure('text').message, 'internal: text');
    assert.equal(asFailure(undefined).message, 'internal: undefined');
  });
});

describe('throwIfCancelled', () => {
  it('throws cancelled with the reason once the signal is raised, and nothing before', () => {
    const controller = new AbortController();
    throwIfCancelled(undefined);
    throwIfCancelled(controller.signal);
    controller.abort('closing');
    assert.throws(() => throwIfCancelled(controller.signal), {
      code: 'cancelled',
      exitCode: 6,
      cause: 'closing',
    });
  });
});
