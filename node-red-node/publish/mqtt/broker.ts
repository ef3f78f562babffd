// The address and login of Node-RED's own `mqtt-broker` config node, for a connection of our own.
//
// One connection carries one last will, so each publish node opens its own: when it dies, only its picture goes
// "unavailable". The mqtt-broker node is asked where and how, never to connect.

import type { IClientOptions } from 'mqtt';
import { NigaoeError } from '../../../shared/errors.js';

export interface Broker {
  url: string;
  /** Login, TLS, protocol version and so on, as the config node prepared them for mqtt.js; no will, no client id. */
  options: IClientOptions;
}

/** Reads the fields `brokerurl` and `options`, which Node-RED 4 and 5 set. Throws `options` where they are not as expected. */
export function brokerOf(node: unknown): Broker {
  if (typeof node !== 'object' || node === null)
    throw new NigaoeError(
      'options',
      'Expected an MQTT broker for this node but none is chosen or it is disabled',
      {
        hint: 'Open the node and choose a broker.',
      },
    );
  const { brokerurl: url, options } = node as { brokerurl?: unknown; options?: unknown };
  if (typeof url !== 'string' || typeof options !== 'object' || options === null) throw unknownBroker();
  // What mqtt.js can open; it throws on all else.
  if (!/^(mqtts?|tcp|ssl|tls|wss?):\/\//.test(url)) throw unknownBroker();
  const { will: _will, clientId: _clientId, ...rest } = options as IClientOptions;
  // With a client certificate mqtt.js knows TLS under this name only.
  return { url: url.replace(/^(ssl|tls):/, 'mqtts:'), options: rest };
}

const unknownBroker = (): NigaoeError =>
  new NigaoeError(
    'options',
    'Expected an mqtt-broker node as Node-RED 4 and 5 make it but this one tells no address that mqtt can open',
    { hint: 'Check the address in the broker node; with a newer Node-RED look for a newer nigaoe.' },
  );
