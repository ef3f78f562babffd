// Nothing is reported to the maker of onnxruntime.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('running a network', () => {
  it('leaves no trace of telemetry in the home of the user', () => {
    const home = mkdtempSync(join(tmpdir(), 'nigaoe-home-'));
    const session = new URL('../../shared/models/session.js', import.meta.url).href;
    const program = `const { probeDevice } = await import(${JSON.stringify(session)});
      const { works } = await probeDevice('cpu');
      if (!works || process.env.ORT_DISABLE_TELEMETRY !== '1') process.exit(1);`;
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...env } = process.env;
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { env: { ...env, HOME: home } });
    assert.equal(existsSync(join(home, '.cache', 'Microsoft')), false);
    rmSync(home, { recursive: true });
  });
});
