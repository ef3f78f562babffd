// What a test of the plugin's main half needs, anew for each: the plugin as built, a small bridge, and a Figma that is paired.

import type { Handling, Settings } from '../../figma-plugin/messages.js';
import { type FakeFigma, fakeFigma } from './fake-figma.js';
import { type BuiltPlugin, buildPlugin, type StartOptions, startPlugin, until } from './sandbox.js';
import { openStandIn, type StandIn } from './stand-in.js';

export interface Stage {
  fake: FakeFigma;
  bridge: StandIn;
  start(command: string, more?: Partial<StartOptions>): void;
  /** Runs a command to its end and returns its last words. */
  run(command: string, more?: Partial<StartOptions>): Promise<string>;
  /** What the user chose last. */
  choose(source: Handling['source'], target: Handling['target'], options?: Settings['options']): void;
}

/** Hooks of the suite that calls it keep the answer up to date. */
export function setStage(): Stage {
  const stage = { start, run, choose } as Stage;
  let plugin: BuiltPlugin;
  before(async () => {
    plugin = await buildPlugin();
  });
  beforeEach(async () => {
    stage.bridge = await openStandIn();
    stage.fake = fakeFigma();
    stage.fake.storage.set('token', stage.bridge.token);
  });
  afterEach(() => stage.bridge.close());
  return stage;

  function start(command: string, more: Partial<StartOptions> = {}): void {
    stage.fake.closed = undefined;
    startPlugin(plugin, stage.fake, { port: stage.bridge.port, command, ...more });
  }

  async function run(command: string, more: Partial<StartOptions> = {}): Promise<string> {
    start(command, more);
    await until('the plugin closes', () => stage.fake.closed !== undefined);
    return stage.fake.closed?.message ?? '';
  }

  function choose(source: Handling['source'], target: Handling['target'], options = {}): void {
    stage.fake.storage.set('settings', { options, handling: { source, target } });
  }
}
