// What Redis is asked, command by command.

import { Redis } from 'ioredis';

/** Commands that clients sent, by name, and how many scripts ran of their own. */
export interface Asked {
  byClients: Record<string, number>;
  withinScripts: number;
}

/** Listens in on a Redis until it is told to stop. */
export async function watchCommands(url: string): Promise<{ stop(): Promise<Asked> }> {
  const redis = new Redis(url);
  const asked: Asked = { byClients: {}, withinScripts: 0 };
  const monitor = await redis.monitor();
  monitor.on('monitor', (_time: string, [command]: string[], source: string) => {
    const name = command.toUpperCase();
    if (source === 'lua') asked.withinScripts += 1;
    else asked.byClients[name] = (asked.byClients[name] ?? 0) + 1;
  });
  return {
    async stop() {
      monitor.disconnect();
      redis.disconnect();
      return asked;
    },
  };
}

export const sumOf = ({ byClients }: Asked): number =>
  Object.values(byClients).reduce((sum, count) => sum + count, 0);
