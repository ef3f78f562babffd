// What the user says of a licence, and what is known of it.

import assert from 'node:assert/strict';
import { licenceAdvice, licenceFor } from '../../../shared/models/imports/licences.js';

describe('the licence of an import', () => {
  const commercial = (licence: string) => licenceFor({ licence }, undefined).commercial;

  it('is known to be free for many names, in any letter case', () => {
    for (const name of ['MIT', 'apache-2.0', 'BSD-3-Clause', 'CC0-1.0', 'CC-BY-4.0', 'GPL-3.0-or-later'])
      assert.equal(commercial(name), true, name);
    assert.equal(licenceFor({ licence: ' mit ' }, undefined).name, 'MIT');
  });

  it('forbids commercial use where the name says so, and where it is not known', () => {
    for (const name of ['CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0', 'AnimeGANv3 non-commercial', 'ask my boss'])
      assert.equal(commercial(name), false, name);
    assert.match(licenceFor({ licence: 'CC-BY-NC-4.0' }, undefined).notice, /not for commercial use/);
  });

  it('is what the user says of it', () => {
    assert.equal(licenceFor({ licence: 'own work', commercial: true }, undefined).commercial, true);
    assert.equal(licenceFor({ licence: 'MIT', commercial: false }, undefined).commercial, false);
  });

  it('is not stated where nobody says a word, and then not for commercial use', () => {
    const { name, commercial: free, notice } = licenceFor({}, undefined);
    assert.deepEqual([name, free], ['not stated', false]);
    assert.match(notice, /not stated when it was imported: ask its author before commercial use/);
  });

  it('is what the file says of itself, which the user can only narrow', () => {
    const told = { name: 'Toy-1.0', commercial: true, notice: 'Toys are for play.' };
    assert.deepEqual(licenceFor({}, told), told);
    const narrowed = licenceFor({ commercial: false }, told);
    assert.deepEqual([narrowed.name, narrowed.commercial], ['Toy-1.0', false]);
    assert.equal(licenceFor({ licence: 'MIT' }, told).name, 'MIT');
  });

  it('is known by the names that people give it', () => {
    const spoken = {
      ...{
        'MIT License': 'MIT',
        'the MIT licence': 'MIT',
        'Apache 2.0': 'Apache-2.0',
        'apache 2': 'Apache-2.0',
      },
      ...{ 'Apache License, Version 2.0': 'Apache-2.0', CC0: 'CC0-1.0', 'CC0 1.0': 'CC0-1.0' },
      ...{ GPLv3: 'GPL-3.0', 'GNU GPL v3': 'GPL-3.0', 'BSD 3-Clause License': 'BSD-3-Clause' },
      ...{ 'cc by 4.0': 'CC-BY-4.0', 'CC BY-SA 4.0': 'CC-BY-SA-4.0', 'New BSD': 'BSD-3-Clause' },
    };
    for (const [licence, id] of Object.entries(spoken)) {
      const { name, commercial: free } = licenceFor({ licence }, undefined);
      assert.deepEqual([name, free], [id, true], licence);
    }
  });

  it('is asked for anew where the name fits several, which are then listed', () => {
    const fits = {
      BSD: /BSD-2-Clause, BSD-3-Clause$/,
      GPL: /GPL-2\.0, GPL-3\.0$/,
      'CC BY': /CC-BY-3\.0, CC-BY-4\.0/,
    };
    for (const [licence, ids] of Object.entries(fits)) {
      assert.equal(commercial(licence), false, licence);
      assert.match(licenceAdvice({ licence }) ?? '', ids);
    }
    for (const licence of ['MIT', 'CC-BY-NC-4.0', 'ask my boss', ''])
      assert.equal(licenceAdvice({ licence }), undefined, licence);
  });

  it('cannot both forbid commercial use and allow it', () => {
    assert.throws(() => licenceFor({ licence: 'CC-BY-NC-4.0', commercial: true }, undefined), {
      code: 'options',
      message: /beside --commercial but "CC-BY-NC-4\.0" forbids it/,
    });
  });

  it('has to be named where commercial use is claimed', () => {
    assert.throws(() => licenceFor({ commercial: true }, undefined), {
      code: 'options',
      message: 'Expected a licence beside --commercial but none is named',
      hint: /--licence "own work" --commercial/,
    });
  });
});
