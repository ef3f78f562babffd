// What a failed connection means: a broker that lets us not in, or one that is not there just now.

import { codeOf, NigaoeError } from '../../../shared/errors.js';

// Return codes of CONNACK: MQTT 3.1.1, 3.2.2.3 (4, 5), and MQTT 5, 3.2.2.2 (134, 135, 138).
const LOGIN_CODES = new Set([4, 5, 134, 135, 138]);
const CERTIFICATE = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** A failure that waiting does not mend, or undefined where the broker may well be back in a moment. */
export function refusalIn(problem: Error | undefined): NigaoeError | undefined {
  const code = (problem as { code?: unknown } | undefined)?.code;
  if (typeof code === 'number' && LOGIN_CODES.has(code))
    return new NigaoeError(
      'unauthorised',
      `Expected the broker to accept this login but it says: ${problem?.message}`,
      {
        hint: 'Check user name and password in the MQTT broker node.',
      },
    );
  const system = codeOf(problem);
  if (system === undefined || !CERTIFICATE.test(system)) return undefined;
  return new NigaoeError(
    'unreachable',
    `Expected a secure connection to the broker but TLS failed: ${problem?.message}`,
    {
      hint: 'Check the TLS settings of the MQTT broker node: its CA certificate and server name.',
    },
  );
}
