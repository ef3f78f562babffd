// The bridge as users run it, on a free port with a store of its own, for the plugin's tests.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBridge } from '../../shared/bridge/server.js';

export interface RealBridge {
  port: number;
  /** The six digits that pair now. */
  code(): string;
  /** Pairs a program and returns its token. */
  pair(): Promise<string>;
  close(): Promise<void>;
}

export async function openRealBridge(): Promise<RealBridge> {
  const home = await mkdtemp(path.join(tmpdir(), 'nigaoe-figma-home-'));
  const stylizer = { store: { home, offline: true } };
  const devices = async () => [{ device: 'cpu', works: true }];
  const bridge = await openBridge({ port: 0, stylizer, devices });
  const code = (): string => bridge.pairing.current().code;
  return {
    port: bridge.port,
    code,
    pair: () => pair(bridge.port, code()),
    close: async () => {
      await bridge.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function pair(port: number, code: string): Promise<string> {
  const answer = await fetch(`http://localhost:${port}/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'a test' }),
  });
  return ((await answer.json()) as { token: string }).token;
}
