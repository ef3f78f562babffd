// A connection to a broker that comes back by itself: one mqtt.js client after the other.
//
// mqtt.js could reconnect alone, but it then sends again whatever was under way, even the picture that made the broker
// hang up. With a client per connection, what was under way fails with its connection, and the line decides.

import { randomBytes } from 'node:crypto';
import { connect, type MqttClient } from 'mqtt';
import { Again } from '../line.js';
import type { Broker } from './broker.js';

export interface LinkOptions {
  broker: Broker;
  /** Published by the broker, retained, when the connection is cut. */
  will: { topic: string; payload: string };
  /** Pause before the next attempt, in ms. */
  reconnectMs: number;
  onUp: () => void;
  onDown: (problem: Error | undefined) => void;
  onMessage: (topic: string, payload: Buffer) => void;
}

export interface Words {
  topic: string;
  payload: string | Buffer;
  /** Default true: a late subscriber gets it too. */
  retain?: boolean;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Node-RED gives a node 15 s to close. */
const GOODBYE_MS = 3_000;

export class Link {
  readonly #options: LinkOptions;
  #client: MqttClient | undefined;
  #redial: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#dial();
  }

  /** Resolves when the broker has taken it. Throws `Again` when the connection went away meanwhile. */
  async say({ topic, payload, retain = true }: Words): Promise<void> {
    const client = this.#client;
    if (!client?.connected) throw new Again();
    try {
      await client.publishAsync(topic, payload, { qos: 1, retain });
    } catch (error) {
      throw client.connected && client === this.#client ? error : new Again();
    }
  }

  /** Listens to topics until the connection ends. */
  async listen(topics: string[]): Promise<void> {
    await this.#client?.subscribeAsync(topics, { qos: 1 });
  }

  /** Says the last words where there is a connection, and ends it in order: without the will. */
  async close(lastWords: Words[]): Promise<void> {
    clearTimeout(this.#redial);
    const client = this.#client;
    const goodbye = Promise.allSettled(lastWords.map((words) => this.say(words)));
    const said = await within(goodbye, GOODBYE_MS);
    this.#client = undefined;
    if (client !== undefined) await ended(client, said);
  }

  #dial(): void {
    const client = connect(this.#options.broker.url, this.#clientOptions());
    let problem: Error | undefined;
    this.#client = client;
    client.on('error', (error) => {
      problem ??= error;
    });
    client.on('connect', () => {
      problem = undefined;
      this.#options.onUp();
    });
    client.on('message', (topic, payload) => this.#options.onMessage(topic, payload));
    client.on('close', () => this.#lost(client, problem));
  }

  #clientOptions() {
    const { broker, will } = this.#options;
    return {
      ...broker.options,
      // MQTT 3.1 allows 23 characters. Random: a copy of the flow elsewhere must not push this one out.
      clientId: `nigaoe-${randomBytes(8).toString('hex')}`,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: true },
    };
  }

  #lost(client: MqttClient, problem: Error | undefined): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    // Ends what is still under way: its promises fail.
    client.end(true);
    this.#redial = setTimeout(() => this.#dial(), this.#options.reconnectMs);
    this.#options.onDown(problem);
  }
}

async function ended(client: MqttClient, gently: boolean): Promise<void> {
  // An error of a client that nobody waits for must not end the process.
  client.on('error', () => undefined);
  const gone = gently && client.connected && (await within(client.endAsync(), GOODBYE_MS));
  if (!gone) client.end(true);
}

/** Whether it was done in time. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
