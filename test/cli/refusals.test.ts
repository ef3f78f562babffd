// Everything that `nigaoe stylize` refuses before it does any work: the exit code, the sentence, and nothing written.

import assert from 'node:assert/strict';
import { CliWorld } from './cli-world.js';

const TWO = ['a.jpg', 'sub/a.jpg', '-o', 'out'];

describe('nigaoe stylize refuses', () => {
  const world = CliWorld.inSuite();

  before(async () => {
    await world.photo('a.jpg');
    await world.photo('sub/a.jpg');
    await world.file('text.txt', 'text');
    await world.file('bad.onnx', 'not a model');
  });

  const refuses = (
    title: string,
    args: string[],
    { exitCode = 2, says }: { exitCode?: number; says: RegExp },
  ) =>
    it(title, async () => {
      const finished = await world.run(['stylize', ...args]);
      assert.match(finished.stderr, says);
      assert.match(finished.stderr, /^nigaoe: /);
      assert.doesNotMatch(finished.stderr, / {4}at /);
      assert.equal(finished.exitCode, exitCode);
      await assert.rejects(world.list('out'), /ENOENT/);
    });

  refuses('no photo at all', ['-o', 'out'], { says: /<photos>/ });
  refuses('no --out', ['a.jpg'], { says: /--out/ });
  refuses('an unknown option, naming the nearest', ['a.jpg', '-o', 'out', '--stile', 'ink'], {
    says: /Did you mean --style\?/,
  });
  refuses('an unknown style before anything is read', ['nothing.jpg', '-o', 'out', '--style', 'inc'], {
    exitCode: 5,
    says: /Did you mean ink\?/,
  });
  refuses('a style whose licence was not accepted', ['bad.onnx', '-o', 'out', '--style', 'hayao'], {
    exitCode: 5,
    says: /--accept-licence/,
  });
  refuses('a background that would never be seen', ['a.jpg', '-o', 'out', '--background', 'hayao'], {
    says: /received "photo"\n {2}--background needs --scope faces/,
  });
  refuses(
    'two photos of one name before it fetches models',
    [...TWO, '--style', 'hayao', '--accept-licence'],
    {
      says: /a name of its own/,
    },
  );
  refuses('a style file that is not there', ['a.jpg', '-o', 'out', '--style', 'none.onnx'], {
    exitCode: 5,
    says: /none\.onnx/,
  });
  refuses('an unknown detector', ['a.jpg', '-o', 'out', '--detector', 'yunett'], {
    exitCode: 5,
    says: /Did you mean yunet\?/,
  });
  refuses('a number out of its range', ['a.jpg', '-o', 'out', '--strength', '3'], {
    says: /0 to 1 for --strength/,
  });
  refuses('a number that is none', ['a.jpg', '-o', 'out', '--size', 'big'], {
    says: /for --size but received "big"/,
  });
  refuses('a choice that is none', ['a.jpg', '-o', 'out', '--scope', 'face'], {
    says: /Did you mean faces\?/,
  });
  refuses('a file that is not there', ['b.jpg', '-o', 'out'], { says: /"b\.jpg"/ });
  refuses('a pattern that matches nothing', ['*.webp', '-o', 'out'], { says: /"\*\.webp"/ });
  refuses('an address without --allow-url', ['http://localhost/a.jpg', '-o', 'out'], { says: /--allow-url/ });
  refuses('an address of another kind', ['ftp://localhost/a.jpg', '-o', 'out', '--allow-url'], {
    says: /http\(s\)/,
  });
  refuses('a file where a folder is needed', ['a.jpg', 'sub', '-o', 'text.txt'], {
    says: /text\.txt is a file/,
  });
  refuses('a picture name for several photos', ['a.jpg', 'sub', '-o', 'out.png'], {
    says: /Expected a folder.*\n.*2 photos/,
  });
  refuses('standard output for several photos', ['a.jpg', 'sub', '-o', '-'], { says: /2 photos/ });
  refuses('a format that contradicts the name', ['a.jpg', '-o', 'x.png', '--format', 'jpeg'], {
    says: /format jpeg/,
  });
  refuses('a format that it cannot write', ['a.jpg', '-o', 'x.gif'], { says: /\.avif/ });
  refuses('to overwrite the photo', ['a.jpg', '-o', './sub/../a.jpg', '--force'], {
    says: /Photos are never overwritten/,
  });
  refuses('two photos of one name', TWO, { says: /a\.jpg and sub\/a\.jpg/ });
  refuses('a folder below a file', ['a.jpg', '-o', 'text.txt/out/x.png'], {
    exitCode: 1,
    says: /part of the path is a file/,
  });

  it('writes the refusal as JSON too', async () => {
    for (const args of [
      ['stylize', 'a.jpg', '-o', 'out', '--size', '1', '--json'],
      ['stylize', '--json', '--stile'],
    ]) {
      const { json } = await world.run(args);
      assert.equal(json.length, 1);
      assert.equal((json[0].error as { code: string }).code, 'options');
    }
  });
});
