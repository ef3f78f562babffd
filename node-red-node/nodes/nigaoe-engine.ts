// The config node `nigaoe-engine`: one bridge, own or elsewhere, for all nodes that draw.

import type { Node, NodeAPI, NodeDef } from 'node-red';
import { chooseEngine, type EngineProperties } from '../engine/choice.js';
import type { EngineNews, EngineNode } from '../engine/engine.js';
import { KeptBridge } from '../engine/kept.js';
import { listsOf } from '../engine/lists.js';
import { type DeployedEngine, serveRoutes } from '../engine/routes.js';

interface Credentials {
  token?: string;
}

interface EngineDef extends NodeDef, Omit<EngineProperties, 'token'> {}

type This = Node<Credentials> & Pick<DeployedEngine, 'engine' | 'lists' | 'url'>;

function registerEngine(RED: NodeAPI): void {
  // Bundled for `require`: the folder of this file is where Node.js looks for packages from.
  const places = { userDir: RED.settings.userDir, here: __dirname };

  // The bridge is opened with the deploy, not with the first picture: that one should not wait for it.
  function Engine(this: This, config: EngineDef): void {
    RED.nodes.createNode(this, config);
    const choice = chooseEngine({ ...config, token: this.credentials?.token }, places);
    const kept = new KeptBridge(choice.open, choice.pauses);
    this.engine = kept;
    this.lists = listsOf(kept);
    this.url = config.url;
    kept.onNews(reporterOf(this));
    this.on('close', (_removed: boolean, done: () => void) => {
      void kept.close().finally(done);
    });
  }

  RED.nodes.registerType<This, EngineDef, object, Credentials>('nigaoe-engine', Engine, {
    credentials: { token: { type: 'password' } },
  });
  serveRoutes(RED, places);
}

/** Logs what changes. A reason is told once, not with each try. */
function reporterOf(node: Pick<EngineNode, 'log' | 'warn'>): (news: EngineNews) => void {
  let told: string | undefined;
  return ({ state, reason }) => {
    if (state === 'failed' && reason !== told) {
      told = reason;
      node.warn(reason);
    }
    if (state === 'ready') {
      told = undefined;
      node.log('The engine is ready');
    }
  };
}

export default registerEngine;
