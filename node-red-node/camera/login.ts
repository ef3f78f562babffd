// The login that an address may hold, as in http://user:password@camera/, and the address without it.

import type { Credentials } from './digest.js';

export interface BareAddress {
  url: URL;
  login: Credentials | undefined;
}

/** The two apart. */
export function splitLogin(full: URL): BareAddress {
  const url = new URL(full);
  url.username = '';
  url.password = '';
  return { url, login: loginIn(full) };
}

function loginIn({ username, password }: URL): Credentials | undefined {
  if (username === '' && password === '') return undefined;
  return { user: decoded(username), password: decoded(password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
